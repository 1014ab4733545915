"""Which attributes of a resource are answered (RFC 7644 §3.9): those that are asked for, or all but some."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Self

from scopekeeper.api.scim.attributes import ATTRIBUTES, Place, Unknown, place_of
from scopekeeper.api.scim.faults import Fault

MOST_NAMES: Final = 100
"""In one request."""

_ALWAYS: Final = frozenset(each.name for each in ATTRIBUTES.values() if each.returned == "always")


@dataclass(frozen=True, slots=True)
class Projection:
    """What is asked for: `only` these places, or all without some. What is returned always is there always."""

    only: frozenset[Place] | None = None
    without: frozenset[Place] = frozenset()

    @classmethod
    def of(cls, attributes: Iterable[str], excluded: Iterable[str]) -> Self:
        """By names, in any case; those that nobody knows are nothing. Raises Fault: invalidValue."""
        only, without = _places(attributes), _places(excluded)
        if only and without:
            raise Fault.invalid_value("attributes and excludedAttributes are not asked for together.")
        return cls(only or None, without)

    def of_resource(self, resource: dict[str, Any]) -> dict[str, Any]:
        """The resource, or what of it is asked for."""
        if self.only is None and not self.without:
            return resource
        shown = {name: self._shown(name, value) for name, value in resource.items()}
        return {name: value for name, value in shown.items() if value not in (None, {}, [], [{}])}

    def _shown(self, name: str, value: Any) -> Any:
        if name in _ALWAYS:
            return value
        if self.only is not None:
            if Place(name) in self.only:
                return value
            subs = {each.sub for each in self.only if each.name == name}
            return _part(value, lambda sub: sub in subs) if subs else None
        if Place(name) in self.without:
            return None
        subs = {each.sub for each in self.without if each.name == name}
        return _part(value, lambda sub: sub not in subs) if subs else value


EVERYTHING: Final = Projection()


def names_in(text: str) -> list[str]:
    """The names in a parameter: `userName,emails.value`. Raises Fault: invalidValue."""
    names = [each.strip() for each in text.split(",", MOST_NAMES)]
    if len(names) > MOST_NAMES:
        raise Fault.invalid_value(f"At most {MOST_NAMES} attributes are named.")
    return [each for each in names if each]


def _places(names: Iterable[str]) -> frozenset[Place]:
    found: set[Place] = set()
    for name in names:
        try:
            found.add(place_of(name))
        except Unknown:
            continue
    return frozenset(found)


def _part(value: Any, shown: Any) -> Any:
    if isinstance(value, list):
        return [_part(each, shown) for each in value]
    if isinstance(value, dict):
        return {sub: each for sub, each in value.items() if shown(sub)}
    return value
