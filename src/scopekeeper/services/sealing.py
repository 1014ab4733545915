"""The answer that a refresh token bought, sealed for whoever presents the same token again within the grace.

The key is drawn out of the token itself, of which the store has a digest only: whoever reads the database reads no
answer. Nothing is sealed under one key but answers to one token, of which one is kept.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scopekeeper.oauth.token import Issue, TokenRequest

_LABEL: Final = b"scopekeeper: seal what a refresh token bought: "
_NONCE: Final = bytes(12)
"""Always the same, for a key seals once: of those who use a token at the same time, only one's answer is kept."""

Asked = tuple[str | None, str | None]


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    access_token: str
    refresh_token: str
    id_token: str
    scope: str
    expires_at: int
    asked: Asked


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(_Kept).decode


@dataclass(frozen=True, slots=True)
class ToldAgain:
    """An answer that was given before, with what is left of its time."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    id_token: str = field(repr=False)
    scope: str
    expires_in: int
    asked: Asked
    """The parameters that it answered."""


def parameters_of(request: TokenRequest) -> Asked:
    """What makes one request to refresh another than the last: scope and resource."""
    return request.parameters.get("scope"), request.parameters.get("resource")


def sealed(issue: Issue, request: TokenRequest, token: str) -> bytes:
    """The answer to this request, under a key that only this refresh token yields."""
    kept = _Kept(
        issue.access_token,
        issue.refresh_token,
        issue.id_token,
        issue.scope,
        issue.token.expires_at,
        parameters_of(request),
    )
    return _cipher(token).encrypt(_NONCE, _encode(kept), None)


def opened(seal: bytes, token: str, now: int) -> ToldAgain | None:
    """The answer again, its `expires_in` counted down; None where this token does not open it."""
    try:
        kept = _decode(_cipher(token).decrypt(_NONCE, seal, None))
    except (InvalidTag, ValueError, msgspec.DecodeError):
        return None
    left = max(kept.expires_at - now, 0)
    return ToldAgain(kept.access_token, kept.refresh_token, kept.id_token, kept.scope, left, kept.asked)


def _cipher(token: str) -> AESGCM:
    """AES-256-GCM under a digest of the token. It has 190 random bits, so neither salt nor slow hash is needed."""
    return AESGCM(hashlib.sha256(_LABEL + token.encode()).digest())
