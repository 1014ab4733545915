"""How operations refuse: a status each, when, and samples of the answer exactly as the API sends it."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from scopekeeper.sdk.errors import Conflict, Forbidden, InUse, Invalid, NotFound
from scopekeeper.wire import Reply, TooLarge, problem
from scopekeeper.wire.bearer import Refused

SAMPLE_SCOPE: Final = "rest:example:write"
"""Stands in the samples for the scope that is missing: no module has it, so that no cut tells of another one's."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer."""

    name: str
    summary: str
    """When it comes."""
    reply: Reply

    @property
    def problem(self) -> dict[str, Any]:
        """Its body, read (RFC 9457)."""
        read: dict[str, Any] = msgspec.json.decode(self.reply.body)
        return read

    @property
    def headers(self) -> dict[str, str]:
        """Its headers, as they are written in the documents that define them."""
        return {_written(name): value.decode() for name, value in self.reply.headers}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One status, whatever the operation."""

    status: int
    name: str
    """Of the response in the document."""
    words: str
    samples: tuple[Sample, ...]

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers that some of its samples have, without the type of the body."""
        named = {name: None for sample in self.samples for name in sample.headers if name != "Content-Type"}
        return tuple(named)


def _problem(name: str, summary: str, status: int, title: str, detail: str, **more: Any) -> Sample:
    return Sample(name, summary, problem(status, title, detail, **more))


REFUSALS: Final = (
    Refusal(
        400,
        "Malformed",
        "The request cannot be read: its body, its query, a header.",
        (
            _problem(
                "body",
                "The body is no JSON.",
                400,
                "Malformed request",
                "The body is no JSON: Input data was truncated.",
            ),
            Sample(
                "header",
                "It cannot be told which token is meant.",
                Refused.invalid_request("There is more than one Authorization header.").reply(),
            ),
        ),
    ),
    Refusal(
        401,
        "Unauthorized",
        "No token was sent, or one that does not hold (RFC 6750 §3.1); or its person has to sign in again (RFC 9470).",
        (
            Sample("no_token", "No token was sent.", Refused.unauthenticated().reply()),
            Sample("invalid_token", "The token does not hold, or no more.", Refused.invalid_token().reply()),
            Sample(
                "insufficient_user_authentication",
                "The operation demands another sign-in, which `WWW-Authenticate` names.",
                Refused.insufficient_user_authentication((), 300).reply(),
            ),
        ),
    ),
    Refusal(
        403,
        "Forbidden",
        "The token lacks a scope, which `WWW-Authenticate` names, or the data is no person's.",
        (
            Sample(
                "insufficient_scope",
                "The token lacks a scope.",
                Refused.insufficient_scope((SAMPLE_SCOPE,)).reply(),
            ),
            _problem(
                "system",
                "A person, where only the whole system may.",
                403,
                Forbidden.title,
                "Only applications that act for the whole system can do this.",
            ),
        ),
    ),
    Refusal(
        404,
        "NotFound",
        "It is not there, or not for this caller.",
        (
            _problem(
                "not_found",
                "It is not there, or not theirs: both look the same.",
                404,
                NotFound.title,
                "There is no '1999' here.",
            ),
        ),
    ),
    Refusal(
        409,
        "Conflict",
        "It cannot be done as things stand: it exists already, is in use, or keeps changing.",
        (
            _problem("exists", "It exists already.", 409, Conflict.title, "'1001' exists already."),
            _problem(
                "in_use",
                "Others name it; what may not be read of them is counted.",
                409,
                InUse.title,
                "1001 is in use: example 600, 601.",
                holders=[{"module": "example", "count": 2, "keys": ["600", "601"]}],
            ),
        ),
    ),
    Refusal(
        412,
        "PreconditionFailed",
        "The record is not, or no more, what `If-Match` names. Nothing was done.",
        (
            _problem(
                "changed",
                "Somebody else was first.",
                412,
                "Precondition failed",
                "The record is not, or no more, what If-Match names.",
            ),
        ),
    ),
    Refusal(
        413,
        "TooLarge",
        "The body is larger than 256 KB.",
        (_problem("too_large", "The body is too large.", 413, "Body too large", str(TooLarge(256 * 1024))),),
    ),
    Refusal(
        415,
        "UnsupportedMediaType",
        "The body is not JSON.",
        (
            _problem(
                "media_type",
                "The body is called something else, or is compressed.",
                415,
                "Unsupported media type",
                "The body is to be application/json, not compressed.",
                headers=((b"accept", b"application/json"),),
            ),
        ),
    ),
    Refusal(
        422,
        "Invalid",
        "A value cannot stand: `errors` names the field.",
        (
            _problem(
                "invalid",
                "A field is missing.",
                422,
                Invalid.title,
                "name: This field is required.",
                errors=[{"path": "name", "detail": "This field is required."}],
            ),
        ),
    ),
    Refusal(
        503,
        "Unavailable",
        "The server cannot answer just now. Nothing was done; try again.",
        (Sample("unavailable", "Nobody can tell just now whether the token holds.", Refused.unavailable().reply()),),
    ),
)
"""Every one, by status."""


def _written(name: bytes) -> str:
    return "WWW-Authenticate" if name == b"www-authenticate" else name.decode().title()
