"""How a filter is asked of the store: by a key, where it names one, else by what lists can be narrowed by. Pure.

What is found so is more than what is meant, never less: the filter itself is asked of each that is found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from scopekeeper.api.scim.attributes import Place
from scopekeeper.api.scim.filters import And, Comparison, Filter, Or, Within
from scopekeeper.services.lists import UsersAsked

_KEYS: Final = (Place("id"), Place("userName"), Place("externalId"))
_SOUGHT: Final = (Place("userName"), Place("emails", "value"), Place("name", "formatted"), Place("displayName"))
"""In which places lists look for text."""


@dataclass(frozen=True, slots=True)
class Key:
    """One account at most: by what it is found."""

    place: Place
    value: str


def keys_of(filter: Filter | None) -> list[Key] | None:
    """The keys among which every account is of which the filter can be so; None where it may be any account."""
    match filter:
        case Comparison(place, "eq", str() as value) if place in _KEYS:
            return [Key(place, value)]
        case And(parts):
            return next((found for each in parts if (found := keys_of(each)) is not None), None)
        case Or(parts):
            named = [keys for each in parts if (keys := keys_of(each)) is not None]
            return [key for keys in named for key in keys] if len(named) == len(parts) else None
        case _:
            return None


def asked_of(filter: Filter | None) -> UsersAsked:
    """The narrowest list in which every account is of which the filter can be so."""
    asked = UsersAsked()
    for each in _said(filter):
        if each.place == Place("active") and each.operator == "eq" and isinstance(each.value, bool):
            asked = replace(asked, enabled=each.value)
        elif each.place in _SOUGHT and each.operator in ("eq", "co", "sw", "ew") and isinstance(each.value, str):
            text = each.value if each.value.isprintable() else ""
            asked = replace(asked, text=max(asked.text, text, key=len))
    return asked


def _said(filter: Filter | None) -> Iterator[Comparison]:
    """The comparisons that have to be so for the filter to be."""
    match filter:
        case Comparison():
            yield filter
        case And(parts):
            for each in parts:
                yield from _said(each)
        case Within(of=inner):
            yield from _said(inner)
        case _:
            return
