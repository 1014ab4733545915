"""A Bearer token on the wire: how it is presented, and how whoever presents none that reaches is refused (RFC 6750).

A refusal says exactly what is wrong and no more: 401 without an error where no token was sent, `invalid_token` where
one was and does not hold, `insufficient_scope` naming what is missing, `invalid_request` where it cannot be told which
token is meant (RFC 6750 §3.1); `insufficient_user_authentication` naming how the person has to sign in (RFC 9470 §3).
"""

import re
from collections.abc import Mapping
from typing import Final, Self
from urllib.parse import unquote_plus

from starlette.types import Scope

from scopekeeper.wire.headers import query_of
from scopekeeper.wire.reply import Reply, problem

REALM: Final = "scopekeeper"

# RFC 6750 §2.1: b64token; RFC 9110 §11.4: the scheme in any case, then at least one space.
_BEARER: Final = re.compile(rb"bearer +([A-Za-z0-9\-._~+/]+=*)", re.IGNORECASE)

_NOTHING: Final[Mapping[str, str | int]] = {}


class Refused(Exception):
    """Who was not let in, and why: over REST `reply()`, over GraphQL `extensions` and the same `challenge`.

    `sign_in`: with which parameters the person has to be asked to sign in, where that is what is wrong.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        error: str = "",
        missing: tuple[str, ...] = (),
        sign_in: Mapping[str, str | int] = _NOTHING,
    ) -> None:
        super().__init__(detail)
        self.status: Final = status
        self.code: Final = code
        self.title: Final = title
        self.detail: Final = detail
        self.missing: Final = missing
        lacking, lacks = ({"scope": " ".join(missing)}, {"missing": missing}) if missing else ({}, {})
        self.challenge: Final = _challenge(error, detail, {**lacking, **sign_in})
        """The value of WWW-Authenticate (RFC 6750 §3, RFC 9470 §3)."""
        self.extensions: Final[Mapping[str, object]] = {"code": code, **lacks, **sign_in}
        """The code, and what it is about: for who reads no headers."""

    def reply(self) -> Reply:
        """As a problem with its challenge (RFC 9457, RFC 6750 §3)."""
        if self.status == 503:
            return problem(503, self.title, self.detail, headers=((b"retry-after", b"1"),))
        return problem(self.status, self.title, self.detail, headers=((b"www-authenticate", self.challenge),))

    @classmethod
    def unauthenticated(cls) -> Self:
        """No token was sent (RFC 6750 §3.1: then no error code either)."""
        return cls(401, "UNAUTHENTICATED", "No token", "Send an access token: Authorization: Bearer …")

    @classmethod
    def invalid_token(cls) -> Self:
        """A token was sent and does not hold, for whatever reason (RFC 6750 §3.1)."""
        detail = "The access token is unknown, expired or revoked."
        return cls(401, "INVALID_TOKEN", "Invalid token", detail, error="invalid_token")

    @classmethod
    def invalid_request(cls, detail: str) -> Self:
        """It cannot be told which token is meant (RFC 6750 §2, §3.1)."""
        return cls(400, "INVALID_REQUEST", "Malformed request", detail, error="invalid_request")

    @classmethod
    def insufficient_scope(cls, lacking: tuple[str, ...]) -> Self:
        """The token holds and does not reach so far (RFC 6750 §3.1)."""
        detail = f"The access token lacks the scope {' '.join(lacking)}."
        return cls(403, "INSUFFICIENT_SCOPE", "Insufficient scope", detail, error="insufficient_scope", missing=lacking)

    @classmethod
    def insufficient_user_authentication(cls, acr: tuple[str, ...], max_age: int | None) -> Self:
        """The token holds and reaches, but its person has not signed in lately or well enough (RFC 9470 §3)."""
        sign_in: dict[str, str | int] = {"acr_values": " ".join(acr)} if acr else {}
        sign_in |= {} if max_age is None else {"max_age": max_age}
        named = " and ".join(f"{name}={value}" for name, value in sign_in.items())
        detail = f"The person has to sign in again: send them to the authorization endpoint with {named}."
        return cls(
            401,
            "INSUFFICIENT_USER_AUTHENTICATION",
            "Sign in again",
            detail,
            error="insufficient_user_authentication",
            sign_in=sign_in,
        )

    @classmethod
    def unavailable(cls) -> Self:
        """Nobody can tell just now whether the token holds: nobody is let in."""
        return cls(503, "UNAVAILABLE", "Not available", "The server cannot answer just now. Try again.")


def presented_in(scope: Scope) -> str | None:
    """The token of the one Authorization header, or None where no Bearer token was sent there. Raises Refused."""
    sent: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            if sent is not None:
                raise Refused.invalid_request("There is more than one Authorization header.")
            sent = value
    if sent is None:
        return None
    match = _BEARER.fullmatch(sent)
    if match is None:
        if sent.partition(b" ")[0].lower() != b"bearer":
            return None
        raise Refused.invalid_request("The Authorization header is malformed: it is Bearer, a space, and the token.")
    if in_url(scope):
        raise Refused.invalid_request("The access token is sent in two ways at once: send it in the header alone.")
    return match[1].decode("ascii")


def in_url(scope: Scope) -> bool:
    """Does the address name a token? There it counts as none, and beside one it is a second way (RFC 6750 §2.3)."""
    query = query_of(scope)
    return bool(query) and any(map(_names_a_token, query.split(b"&")))


def _names_a_token(field: bytes) -> bool:
    return unquote_plus(field.partition(b"=")[0].decode("latin-1")) == "access_token"


def _challenge(error: str, detail: str, named: Mapping[str, str | int]) -> bytes:
    """None of it has a quote or a backslash in it: names of scopes and of ways to sign in are declared without."""
    parts = [f'Bearer realm="{REALM}"']
    if error:
        parts += [f'error="{error}"', f'error_description="{detail}"']
    parts += [f'{name}="{value}"' for name, value in named.items()]
    return ", ".join(parts).encode("ascii")
