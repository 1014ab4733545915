"""The JSON body of a write: its media type, its encoding and its size are looked at before it is."""

from typing import Final

from starlette.types import Receive, Scope

from scopekeeper.wire import header, media_type, read_body

LARGEST_BODY: Final = 256 * 1024

MERGE_PATCH: Final = b"application/merge-patch+json"
_JSON: Final = b"application/json"
# A patch of another kind is JSON too, and would mean something else.
_OTHER_PATCHES: Final = frozenset({MERGE_PATCH, b"application/json-patch+json", b"application/json-seq"})


class UnsupportedMediaType(Exception):
    """The body is no JSON, by what the request says of it. `accepted` lists what would be taken."""

    def __init__(self, accepted: bytes) -> None:
        super().__init__(f"The body is to be {accepted.decode()}, not compressed.")
        self.accepted: Final = accepted


async def read_json(scope: Scope, receive: Receive, *, patch: bool) -> bytes:
    """The body's bytes. Raises UnsupportedMediaType, and TooLarge beyond 256 KB.

    JSON under any name is taken; for a patch that is a merge patch, whether it is called so or just JSON (RFC 7396).
    """
    sent = media_type(scope)
    coded = header(scope, b"content-encoding") or b"identity"
    if not _is_json(sent, patch=patch) or coded.lower() != b"identity":
        raise UnsupportedMediaType(b"%b, %b" % (MERGE_PATCH, _JSON) if patch else _JSON)
    return await read_body(scope, receive, LARGEST_BODY)


def _is_json(sent: bytes, *, patch: bool) -> bool:
    if sent == _JSON or (patch and sent == MERGE_PATCH):
        return True
    return sent.startswith(b"application/") and sent.endswith(b"+json") and sent not in _OTHER_PATCHES
