"""The life of a signing key: next, active, retiring. Rotation never breaks a verifier that caches the key set.

A key is published for a while before it signs (next), signs (active), and stays published until the last token that it
signed has expired and every cache of the key set has been renewed (retiring).
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

ALGORITHMS: Final = ("ES256", "RS256", "Ed25519")
"""What keys there are for (RFC 7518 §3.1, RFC 9864 §2.2)."""

JWKS_MAX_AGE: Final = 300
"""Seconds that a verifier may keep the key set before it asks again."""


class KeyState(StrEnum):
    """Where a key is in its life."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRING = "retiring"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One signing key as stored: its public half as a JWK, its private half wrapped under the master key."""

    kid: str
    alg: str
    state: KeyState
    public: str
    """The public JWK, as JSON."""
    wrapped: bytes
    created_at: int
    retires_at: int | None = None
    """When it leaves the key set; only a retiring key has one."""

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r}, alg={self.alg!r}, state={self.state.value!r})"


def active(keys: tuple[SigningKey, ...], alg: str) -> SigningKey | None:
    """The key that signs with this algorithm now."""
    return next((key for key in keys if key.alg == alg and key.state is KeyState.ACTIVE), None)


def published(keys: tuple[SigningKey, ...], now: int) -> tuple[SigningKey, ...]:
    """The keys that belong in the key set (RFC 7517 §5): next, active, and retiring ones until their time is over."""
    return tuple(key for key in keys if key.retires_at is None or now < key.retires_at)


def safe_from(keys: tuple[SigningKey, ...], alg: str) -> int:
    """From when on the next key may sign without breaking a verifier that caches the key set.

    A verifier knows the next key once it has asked since that key was published. Before the first rotation, that is
    since the very first set.
    """
    following = next((key for key in keys if key.alg == alg and key.state is KeyState.NEXT), None)
    if following is None or not any(key.alg == alg and key.state is KeyState.RETIRING for key in keys):
        return 0
    return following.created_at + JWKS_MAX_AGE


def rotated(
    keys: tuple[SigningKey, ...], fresh: SigningKey, now: int, longest_lifetime: int, *, compromised: bool = False
) -> tuple[SigningKey, ...]:
    """The keys after a rotation of `fresh.alg`: next becomes active, active retires, `fresh` is next.

    What retires stays published for the life of its last token and one renewal of every cache. One that is compromised
    leaves the key set now: what it signed, and whatever else may be signed with it, is believed by nobody who asks.
    """
    retires_at = now if compromised else now + longest_lifetime + JWKS_MAX_AGE
    moved = []
    for key in keys:
        if key.alg != fresh.alg:
            moved.append(key)
        elif key.state is KeyState.NEXT:
            moved.append(replace(key, state=KeyState.ACTIVE))
        elif key.state is KeyState.ACTIVE:
            moved.append(replace(key, state=KeyState.RETIRING, retires_at=retires_at))
        elif key.retires_at is None or now < key.retires_at:
            moved.append(key)
    return (*moved, replace(fresh, state=KeyState.NEXT))
