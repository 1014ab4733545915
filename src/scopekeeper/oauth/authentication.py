"""How well somebody proved who they are: the methods (`amr`, RFC 8176) and the ladder of their strength (`acr`). Pure.

A rung of the ladder is reached by whoever used all of its methods, and reaches all rungs below it. A client names rungs
that it would like (`acr_values`), or cannot do without (`claims`, with `acr` as essential); an operation of the API
names those that a call of it takes (RFC 9470 §3).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

PASSWORD: Final = "pwd"
"""The method of who typed a password (RFC 8176 §2)."""

LADDER: Final[Mapping[str, frozenset[str]]] = {"urn:scopekeeper:acr:password": frozenset({PASSWORD})}
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


def acr_of(amr: Collection[str]) -> str | None:
    """The highest rung that these methods reach; None for none of them."""
    reached = [acr for acr, methods in LADDER.items() if methods.issubset(amr)]
    return reached[-1] if reached else None


def satisfied(wanted: Collection[str], amr: Collection[str]) -> bool:
    """Do these methods reach one of the rungs that are wanted? Where none is named, any will do."""
    return not wanted or any(acr in LADDER and LADDER[acr].issubset(amr) for acr in wanted)


def reachable(wanted: Collection[str]) -> tuple[str, ...]:
    """Those of the rungs that are wanted that somebody can reach."""
    return tuple(acr for acr in wanted if acr in LADDER)


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
