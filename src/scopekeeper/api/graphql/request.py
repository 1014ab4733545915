"""What is posted: `query`, `variables`, `operationName` (GraphQL over HTTP, §5.4)."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.types import Receive, Scope

from scopekeeper.wire import TooLarge, media_type, read_body

LARGEST_BODY: Final = 200_000
LARGEST_VARIABLES: Final = 65_536


class Unreadable(Exception):
    """What was posted is no GraphQL request. The message is safe to show."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class _Posted(msgspec.Struct, rename={"operation_name": "operationName"}):
    query: str
    operation_name: str | None = None
    variables: msgspec.Raw = msgspec.Raw(b"null")
    extensions: msgspec.Raw = msgspec.Raw(b"null")


@dataclass(frozen=True, slots=True)
class Posted:
    """A GraphQL request. Its `extensions` are let by: none is known."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None


_decode: Final = msgspec.json.Decoder(_Posted).decode
_decode_variables: Final = msgspec.json.Decoder(dict[str, Any] | None).decode


async def read_posted(scope: Scope, receive: Receive) -> Posted:
    """The request. Raises Unreadable: 415, 413 or 400."""
    if media_type(scope) != b"application/json":
        raise Unreadable(415, "Post a JSON object as application/json.")
    try:
        body = await read_body(scope, receive, LARGEST_BODY)
    except TooLarge as error:
        raise Unreadable(413, str(error)) from None
    if body.lstrip()[:1] == b"[":
        raise Unreadable(400, "Batches are not taken: post one request at a time.")
    try:
        posted = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable(400, "The body is no JSON object with a string `query` and an object `variables`.") from None
    return Posted(posted.query, posted.operation_name, variables_of(bytes(posted.variables)))


def variables_of(raw: bytes) -> dict[str, Any] | None:
    """The variables that this JSON spells, an object or null. Raises Unreadable: 400."""
    if len(raw) > LARGEST_VARIABLES:
        raise Unreadable(400, f"The variables have more than {LARGEST_VARIABLES} bytes.")
    if raw == b"null":
        return None
    try:
        variables: dict[str, Any] | None = _decode_variables(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable(400, "The variables are no JSON object.") from None
    return variables
