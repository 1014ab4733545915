"""What is shown once: it crosses the redirect after a POST in a cookie that only this session can open, for a minute.

No server keeps it, so any process can show it; and the page that shows it has the browser drop it, so that a reload
does not show it again.
"""

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scopekeeper.pages.cookies import ONCE_AGE, Cookie, Header
from scopekeeper.pages.visit import Stay, Visit

_LABEL: Final = b"scopekeeper: seal what is shown once: "
_NONCE: Final = 12


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    until: int
    facts: dict[str, str]


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(_Kept).decode


def left(cookie: Cookie, visit: Visit, stay: Stay, facts: Mapping[str, str]) -> Header:
    """The header that leaves these facts with the browser, sealed."""
    nonce = os.urandom(_NONCE)
    kept = _encode(_Kept(visit.now + ONCE_AGE, dict(facts)))
    sealed = nonce + _cipher(stay).encrypt(nonce, kept, None)
    return cookie.set(urlsafe_b64encode(sealed).rstrip(b"=").decode())


def taken(cookie: Cookie, visit: Visit, stay: Stay) -> Mapping[str, str] | None:
    """What was left, if this session left it within the minute. Answer with `cookie.forget()`."""
    value = cookie.of(visit.scope)
    if value is None:
        return None
    try:
        sealed = urlsafe_b64decode(value + "=" * (-len(value) % 4))
        kept = _decode(_cipher(stay).decrypt(sealed[:_NONCE], sealed[_NONCE:], None))
    except (InvalidTag, ValueError, msgspec.DecodeError):
        return None
    return kept.facts if visit.now < kept.until else None


def _cipher(stay: Stay) -> AESGCM:
    """AES-256-GCM under a digest of the session's cookie, which has 190 random bits."""
    return AESGCM(hashlib.sha256(_LABEL + stay.cookie.encode()).digest())
