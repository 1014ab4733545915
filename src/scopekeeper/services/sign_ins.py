"""The sign-in behind a token: looked up for those calls alone that demand something of it (RFC 9470 §3)."""

from dataclasses import dataclass
from typing import Protocol

from scopekeeper.oauth.authentication import Demand
from scopekeeper.oauth.granted import Family
from scopekeeper.oauth.records import Token
from scopekeeper.services.ports import Clock, Gone


class Families(Protocol):
    """What people granted."""

    async def family(self, family_id: int) -> Family | None:
        """The family with this row id, dead or alive, or None. One point read."""
        ...


@dataclass(frozen=True, slots=True)
class SignIns:
    """Says whether a token is of a sign-in that is recent and strong enough."""

    families: Families
    clock: Clock

    async def meets(self, token: Token, demand: Demand) -> bool:
        """Is this token, in a person's name, of a sign-in that meets this? Of its family's: no refresh makes it newer.

        Raises Gone where the family is gone or revoked, Unavailable.
        """
        family = None if token.family_id is None else await self.families.family(token.family_id)
        if family is None or family.revoked_at is not None:
            raise Gone("nobody grants this any more")
        return demand.met(family.auth_time, family.amr, self.clock.now())
