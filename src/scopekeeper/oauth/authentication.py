"""How well somebody proved who they are: the methods (`amr`, RFC 8176) and the ladder of their strength (`acr`). Pure.

A rung of the ladder is reached by whoever used all of its methods, or all of those of a higher one: what is above is at
least as sure, whatever it was done with. A client names rungs that it would like (`acr_values`), or cannot do without
(`claims`, with `acr` as essential); an application can be registered as one that takes a rung (`required_acr`); an
operation of the API names those that a call of it takes (RFC 9470 §3).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

PASSWORD: Final = "pwd"
"""The method of who typed a password (RFC 8176 §2)."""

OTP: Final = "otp"
"""Of who typed a one-time code, or a recovery code in place of one."""

POP: Final = "pop"
"""Of who proved possession of a key: a passkey."""

USER: Final = "user"
"""Their authenticator saw that somebody was there."""

MFA: Final = "mfa"
"""More than one factor was shown: two steps of different kinds, or a passkey that verified its person."""

FEDERATED: Final = "fed"
"""Another provider's word was taken for who they are. No registered method: nothing is known of how they proved it."""

PASSWORD_RUNG: Final = "urn:scopekeeper:acr:password"
MFA_RUNG: Final = "urn:scopekeeper:acr:mfa"

LADDER: Final[Mapping[str, frozenset[str]]] = {
    PASSWORD_RUNG: frozenset({PASSWORD}),
    MFA_RUNG: frozenset({MFA}),
}
"""The rungs, the lowest first, and the methods that each takes. Their names never change (OpenID Connect Core §2)."""

ACR_VALUES: Final = tuple(LADDER)


@dataclass(frozen=True, slots=True)
class Demand:
    """How lately and how well a person must have proven who they are, for a token in their name (RFC 9470 §3)."""

    max_age: int | None = None
    """Seconds since they did, at most."""
    acr: tuple[str, ...] = ()
    """Rungs of which one is to be reached; none named: any will do."""

    def met(self, auth_time: int, amr: Collection[str], now: int) -> bool:
        """Is it, by whoever signed in at this time and in this way?"""
        return (self.max_age is None or now - auth_time <= self.max_age) and satisfied(self.acr, amr)


def height_of(amr: Collection[str]) -> int:
    """How many rungs these methods climb; 0 for none of them."""
    return max((rung for rung, methods in enumerate(LADDER.values(), 1) if methods.issubset(amr)), default=0)


def acr_of(amr: Collection[str]) -> str | None:
    """The highest rung that these methods reach; None for none of them."""
    height = height_of(amr)
    return ACR_VALUES[height - 1] if height else None


def satisfied(wanted: Collection[str], amr: Collection[str]) -> bool:
    """Do these methods reach one of the rungs that are wanted? Where none is named, any will do."""
    return _height(wanted) <= height_of(amr)


def reachable(wanted: Collection[str]) -> tuple[str, ...]:
    """Those of the rungs that are wanted that there are."""
    return tuple(acr for acr in wanted if acr in LADDER)


def takes_more(wanted: Collection[str]) -> bool:
    """Is none of the rungs that are wanted reached by one step, but one by two?"""
    return not satisfied(wanted, (PASSWORD,)) and satisfied(wanted, (MFA,))


def together(first: Collection[str], further: Collection[str]) -> tuple[str, ...]:
    """The methods of two steps of one sign-in, in their order.

    They are more than one factor where either is by itself, or the second shows something held that the first did not.
    """
    methods = tuple(dict.fromkeys((*first, *further)))
    several = bool(first) and any(method in further and method not in first for method in (OTP, POP))
    return (*(each for each in methods if each != MFA), *((MFA,) if MFA in methods or several else ()))


def strictest(demands: Iterable[Demand]) -> Demand | None:
    """The one demand that is met where all of these are; None where there are none.

    Whoever reaches a rung reaches all below it, so that of several lists of rungs that one counts whose lowest is the
    highest.
    """
    every = tuple(demands)
    if not every:
        return None
    ages = [each.max_age for each in every if each.max_age is not None]
    return Demand(min(ages, default=None), max((each.acr for each in every), key=_height))


def _height(acr: Collection[str]) -> int:
    """How high one has to climb for one of these: 0 where none is named."""
    if not acr:
        return 0
    return min((rung for rung, name in enumerate(LADDER, 1) if name in acr), default=len(LADDER) + 1)
