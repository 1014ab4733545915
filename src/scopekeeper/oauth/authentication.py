"""How well somebody proved who they are: the methods (`amr`, RFC 8176) and the ladder of their strength (`acr`). Pure.

A rung of the ladder is reached by whoever used all of its methods, and reaches all rungs below it. A client names rungs
that it would like (`acr_values`), or cannot do without (`claims`, with `acr` as essential).
"""

from collections.abc import Collection, Mapping
from typing import Final

PASSWORD: Final = "pwd"
"""The method of who typed a password (RFC 8176 §2)."""

LADDER: Final[Mapping[str, frozenset[str]]] = {"urn:scopekeeper:acr:password": frozenset({PASSWORD})}
"""The rungs, the lowest first, and the methods that each takes. Their names never change (OpenID Connect Core §2)."""

ACR_VALUES: Final = tuple(LADDER)


def acr_of(amr: Collection[str]) -> str | None:
    """The highest rung that these methods reach; None for none of them."""
    reached = [acr for acr, methods in LADDER.items() if methods.issubset(amr)]
    return reached[-1] if reached else None


def satisfied(wanted: Collection[str], amr: Collection[str]) -> bool:
    """Do these methods reach one of the rungs that are wanted? Where none is named, any will do."""
    return not wanted or any(acr in LADDER and LADDER[acr].issubset(amr) for acr in wanted)
