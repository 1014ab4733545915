"""What has to be true of a passkey's answer, besides its signature (Web Authentication Level 3 §7.1, §7.2). Pure."""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final

from scopekeeper.oauth.authentication import MFA, POP, USER
from scopekeeper.oauth.factors import Passkey
from scopekeeper.oauth.people import User

ES256: Final = -7
EDDSA: Final = -8
RS256: Final = -257
ALGORITHMS: Final = (ES256, EDDSA, RS256)
"""By which passkeys may sign, the best first (COSE algorithms, RFC 9053 and RFC 8812). Any authenticator has one."""

LONGEST_ID: Final = 1_023
"""Bytes of a credential id (§4, "credential id")."""

_TRANSPORT: Final = re.compile(r"[a-z][a-z\-]{0,31}")
_MOST_TRANSPORTS: Final = 8

LARGEST_ANSWER: Final = 16_384
"""Characters of an answer. A long one has the certificates of a TPM in it, although nobody asked for them."""


class Unfit(Exception):
    """The answer is not what was asked for. The message is one of a few fixed texts, for the log alone."""


class Ceremony(StrEnum):
    """What a browser was to do, as its answer says (§5.8.1)."""

    MAKE = "webauthn.create"
    ASK = "webauthn.get"


@dataclass(frozen=True, slots=True)
class Party:
    """Who asks: this server (§4, "relying party")."""

    id: str
    """The host of the issuer: to it and to no other a passkey is bound."""
    id_hash: bytes
    origin: str
    """The issuer, letter for letter."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer was asked for."""

    ceremony: Ceremony
    challenge: bytes
    verified: bool
    """Has the authenticator to know who uses it, by a PIN or a finger (§4, "user verification")?"""


@dataclass(frozen=True, slots=True)
class Answered:
    """What browser (`clientDataJSON`, §5.8.1) and authenticator (authenticator data, §6.1) say."""

    ceremony: str
    challenge: bytes
    origin: str
    framed: bool
    """Was it asked for in a frame of a page of another origin (`crossOrigin`, `topOrigin`)?"""
    party: bytes
    """The hash of the party's id."""
    present: bool
    verified: bool
    may_sync: bool
    synced: bool
    count: int


@dataclass(frozen=True, slots=True)
class Handles:
    """What passkeys call their people (§5.4.3): 32 bytes that say nothing to whoever has not the key.

    A handle never changes, and no later account of the same name has it. The key has to stay the same for as long as
    there are passkeys.
    """

    key: bytes = field(repr=False)

    def of(self, user: User) -> bytes:
        """The handle of this account."""
        return hmac.digest(self.key, str(user.id).encode(), "sha256")


def require_fit(said: Answered, wanted: Wanted, party: Party) -> None:
    """It is what was asked for, by us, just now, of somebody who was there. Raises Unfit.

    In the order of §7.1 (steps 7 to 18) and §7.2 (steps 11 to 18); what is found first is the reason that is noted.
    """
    wrong = (
        ("the answer is to something else", said.ceremony != wanted.ceremony),
        ("the answer is to another challenge", not hmac.compare_digest(said.challenge, wanted.challenge)),
        ("the answer was given at another origin", said.origin != party.origin),
        ("the answer was given in a frame", said.framed),
        ("the answer is for another party", not hmac.compare_digest(said.party, party.id_hash)),
        ("nobody was there", not said.present),
        ("who was there was not verified", wanted.verified and not said.verified),
        ("what cannot be synced is", said.synced and not said.may_sync),
    )
    for reason, is_so in wrong:
        if is_so:
            raise Unfit(reason)


def require_own(passkey: Passkey, user: User | None, only: int | None, handle: bytes | None, drawn: bytes) -> User:
    """Whose passkey this is: an account that is there, enabled, and the one that is meant (§7.2 step 6).

    `only`: who has to be; nobody in particular: then the answer has to say who, by the handle that is `drawn` for them.
    Raises Unfit.
    """
    if user is None or user.id != passkey.user_id:
        raise Unfit("the account is gone")
    if not user.enabled:
        raise Unfit("the account is disabled")
    if only is not None and only != user.id:
        raise Unfit("the passkey is somebody else's")
    if handle is None and only is None:
        raise Unfit("the answer does not say who")
    if handle is not None and not hmac.compare_digest(handle, drawn):
        raise Unfit("the answer says another person")
    return user


def require_risen(passkey: Passkey, count: int) -> None:
    """Where a count is kept it has risen: else there are two of what should be one (§7.2 step 22). Raises Unfit."""
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        raise Unfit("the passkey's count did not rise")


def methods_of(said: Answered) -> tuple[str, ...]:
    """How whoever gave this answer proved who they are (RFC 8176 §2). Verified, it is two factors at once."""
    return (POP, USER, MFA) if said.verified else (POP, USER)


def reached(transports: Iterable[str]) -> tuple[str, ...]:
    """Those of the ways to reach an authenticator that a browser names, as far as they look like any (§5.8.4)."""
    fit = (each for each in transports if _TRANSPORT.fullmatch(each))
    return tuple(dict.fromkeys(islice(fit, _MOST_TRANSPORTS)))
