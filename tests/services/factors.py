"""People's one-time codes and recovery codes, as their own devices and drawers have them."""

from base64 import b32decode
from dataclasses import dataclass
from typing import Final, Protocol

from scopekeeper.oauth.authentication import MFA, OTP, PASSWORD
from scopekeeper.oauth.one_time import code_at, step_at
from scopekeeper.oauth.people import User
from scopekeeper.services.factors import FactorBook, Fresh
from tests.fixtures import NOON, FixedClock
from tests.services.desk import ADDRESS

FIRST: Final = Fresh(NOON, (PASSWORD,))
"""Somebody who has just typed their password."""

SECOND: Final = Fresh(NOON, (PASSWORD, OTP, MFA))
"""Somebody who has just shown a second factor, too."""


class Place(Protocol):
    """Where factors are kept."""

    @property
    def clock(self) -> FixedClock: ...

    @property
    def factors(self) -> FactorBook: ...


@dataclass(frozen=True, slots=True)
class Set:
    """What was set up."""

    secret: bytes
    sealed: str
    recovery_codes: tuple[str, ...]

    def code(self, desk: Place, later: int = 0) -> str:
        """What the app shows now, or so many steps later."""
        return code_at(self.secret, step_at(desk.clock.now()) + later)


async def set_up(desk: Place, user: User, session: int | None = None) -> Set:
    """One-time codes for somebody who has no second factor yet. `session`: the one in which they set it up."""
    offer = desk.factors.offer_totp(user, "key")
    secret = b32decode(offer.secret)
    code = code_at(secret, step_at(desk.clock.now()))
    fresh = Fresh(desk.clock.now(), (PASSWORD,), session)
    codes = await desk.factors.confirm_totp(user, fresh, "key", offer.sealed, code, ADDRESS)
    return Set(secret, offer.sealed, codes)
