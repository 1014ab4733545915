"""Of whom more than one factor is demanded, whatever they do. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from scopekeeper.oauth.authentication import MFA, MFA_RUNG, PASSWORD, satisfied
from scopekeeper.oauth.factors import Factors
from scopekeeper.oauth.people import User


class SecondFactor(StrEnum):
    """The setting `second_factor`: of whom one is demanded. Whoever has one is asked for it either way."""

    OFF = "off"
    ADMINISTRATORS = "administrators"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Policy:
    """What whoever runs the server demands."""

    second_factor: SecondFactor = SecondFactor.OFF

    def demands(self, user: User) -> bool:
        """Has this person to show a second factor, and to set one up where they have none?"""
        match self.second_factor:
            case SecondFactor.OFF:
                return False
            case SecondFactor.ADMINISTRATORS:
                return user.admin
            case SecondFactor.EVERYONE:
                return True

    def lets_in(self, user: User, amr: Collection[str]) -> bool:
        """Is a sign-in by these methods one, of this person?"""
        return not self.demands(user) or satisfied((MFA_RUNG,), amr)


def best_of(user: User, factors: Factors) -> tuple[str, ...]:
    """By what this person can prove who they are, at best: what a rung is worth asking them for."""
    return (*(() if user.password is None else (PASSWORD,)), *((MFA,) if factors.second else ()))
