"""What is under way between two pages, sealed: it crosses with the browser, and no server keeps it.

Between a password and a one-time code, or on the way to another provider and back, something has to be remembered that
the person must not write themselves. It is sealed under a key that is drawn from the master key, so that any process
opens it; bound to what it is for and to the browser that it was given to; and good for some minutes. What may be
presented only once is spent in the store when it is (`Spending`).
"""

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from scopekeeper.services.account_ports import Spending
from scopekeeper.services.ports import Clock

F = TypeVar("F", bound=msgspec.Struct)

MOST: Final = 3_000
"""Characters of what is sealed: browsers keep cookies of 4 096 bytes, their names and attributes included."""

_NONCE: Final = 12


class Leg(StrEnum):
    """What is under way. What was sealed for one is never opened for another."""

    SECOND = "second"
    """A first step was right, and the second is to come."""
    PASSKEY_ASK = "passkey ask"
    """A challenge to prove a passkey."""
    PASSKEY_MAKE = "passkey make"
    """A challenge to make one."""
    TOTP_MAKE = "totp make"
    """A shared secret that is shown, and not confirmed yet."""
    UPSTREAM = "upstream"
    """Somebody is at another provider."""


@dataclass(frozen=True, slots=True)
class Opened(Generic[F]):
    """What was sealed, and by what it is spent."""

    facts: F
    digest: bytes
    until: int


@dataclass(frozen=True, slots=True)
class Passages:
    """Seals and opens. `key` is the secret of the browser, or of the session, to which it is bound."""

    cipher: AESGCM
    store: Spending
    clock: Clock

    def seal(self, leg: Leg, key: str, facts: msgspec.Struct, lifetime: int) -> str:
        """The facts as text for a cookie or a hidden field (base64url), good for so many seconds."""
        nonce, until = os.urandom(_NONCE), self.clock.now() + lifetime
        plain = until.to_bytes(8) + msgspec.msgpack.encode(facts)
        text = urlsafe_b64encode(nonce + self.cipher.encrypt(nonce, plain, _bound(leg, key))).rstrip(b"=").decode()
        assert len(text) <= MOST, "it has to fit a cookie"
        return text

    def open(self, leg: Leg, key: str, text: str | None, facts: type[F]) -> Opened[F] | None:
        """What was sealed for this leg and this key, while it is good. Anything else is nothing."""
        if text is None or len(text) > MOST:
            return None
        try:
            sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            plain = self.cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(leg, key))
            until, found = int.from_bytes(plain[:8]), msgspec.msgpack.decode(plain[8:], type=facts)
        except (InvalidTag, ValueError, msgspec.DecodeError):
            return None
        # By the sealed bytes, not by the text: base64 can be spelled in more than one way.
        return Opened(found, hashlib.sha256(sealed).digest(), until) if self.clock.now() < until else None

    async def spend(self, opened: Opened[F]) -> bool:
        """Use it up; was it unused? Raises Unavailable."""
        return await self.store.spend(opened.digest, opened.until)


def _bound(leg: Leg, key: str) -> bytes:
    return f"scopekeeper: {leg.value}: {key}".encode()
