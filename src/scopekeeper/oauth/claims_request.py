"""The `claims` parameter: claims that a client asks for one by one (OpenID Connect Core §5.5). Pure.

What it may ask for so is what the scopes of its ceiling stand for. What nobody knows here is not refused, but left out:
every claim is voluntary, and an essential one is no less so for the server (§5.5.1). Only `sub` and `acr` bind it.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NoReturn

from scopekeeper.oauth.userinfo import CLAIMS
from scopekeeper.scopes import covers

Place = Literal["userinfo", "id_token"]

PLACES: Final[tuple[Place, ...]] = ("userinfo", "id_token")
"""Where a claim can be wanted."""

MOST_VALUES: Final = 50
"""Values that one claim can be asked for with."""

SCOPE_OF: Final[Mapping[str, str]] = {name: scope for scope, claims in CLAIMS.items() for name in claims}
"""The claims that can be asked for one by one, and the scope that stands for each."""


class MalformedClaims(ValueError):
    """The parameter is not what it is defined to be. The message is safe to show."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How one claim is asked for. `values`: those that are acceptable; none named: whichever it has."""

    essential: bool = False
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimsRequest:
    """What is asked for, by place and name. Names that nobody knows are among them."""

    userinfo: Mapping[str, Wanted]
    id_token: Mapping[str, Wanted]

    def names(self, ceiling: Collection[str]) -> tuple[str, ...]:
        """What of it an application with this ceiling can be told, as it is remembered: `userinfo:email`."""
        return tuple(
            f"{place}:{name}"
            for place, wanted in zip(PLACES, (self.userinfo, self.id_token), strict=True)
            for name in wanted
            if name in SCOPE_OF and covers(ceiling, SCOPE_OF[name])
        )

    @property
    def subjects(self) -> frozenset[object] | None:
        """The values of `sub` that are acceptable, at both places; None where it does not matter who it is (§5.5.1)."""
        asked = [wanted["sub"].values for wanted in (self.userinfo, self.id_token) if "sub" in wanted]
        named = [frozenset(value for value in values if isinstance(value, str)) for values in asked if values]
        return frozenset.intersection(*named) if named else None

    @property
    def acrs(self) -> tuple[str, ...]:
        """The rungs of which one has to be reached, where the `acr` is essential and values are named (§5.5.1.1)."""
        acr = self.id_token.get("acr", Wanted())
        return tuple(str(value) for value in acr.values) if acr.essential else ()

    @property
    def acr_values(self) -> tuple[str, ...]:
        """The rungs that it would like, where the `acr` is voluntary and values are named (§5.5.1.1)."""
        acr = self.id_token.get("acr", Wanted())
        return () if acr.essential else tuple(str(value) for value in acr.values)


NO_CLAIMS: Final = ClaimsRequest({}, {})


def claims_request_of(text: str | None) -> ClaimsRequest:
    """What the parameter asks for. Members that are not understood are ignored (§5.5). Raises MalformedClaims."""
    if text is None:
        return NO_CLAIMS
    try:
        told = _decode(text)
    except (ValueError, RecursionError):
        raise MalformedClaims("The claims are to be a JSON object.") from None
    if not isinstance(told, dict):
        raise MalformedClaims("The claims are to be a JSON object.")
    return ClaimsRequest(*(_wanted(place, told.get(place)) for place in PLACES))


def told_at(place: Place, claims: Iterable[str], ceiling: Collection[str]) -> frozenset[str]:
    """The names of those that were granted for this place and lie within the ceiling, as it is now."""
    named = (each.partition(":") for each in claims)
    return frozenset(
        name for where, _, name in named if where == place and name in SCOPE_OF and covers(ceiling, SCOPE_OF[name])
    )


def names_in(claims: Iterable[str]) -> tuple[str, ...]:
    """The names of these claims, wherever they are wanted, each once."""
    return tuple(dict.fromkeys(each.partition(":")[2] for each in claims))


def beyond(names: Iterable[str], scope: Collection[str]) -> tuple[str, ...]:
    """Those of these names that no scope among these stands for."""
    return tuple(name for name in names if not covers(scope, SCOPE_OF[name]))


def _wanted(place: Place, told: object) -> Mapping[str, Wanted]:
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise MalformedClaims(f"The member {place} of the claims is to be a JSON object.")
    return {name: _one(value) for name, value in told.items()}


def _one(told: object) -> Wanted:
    if told is None:
        return Wanted()
    if not isinstance(told, dict):
        raise MalformedClaims("A claim is asked for by null or by a JSON object.")
    essential, values = told.get("essential", False), told.get("values", [])
    if not isinstance(essential, bool):
        raise MalformedClaims("Whether a claim is essential is told by true or false.")
    if not isinstance(values, list) or len(values) > MOST_VALUES:
        raise MalformedClaims(f"The values of a claim are to be a JSON array of at most {MOST_VALUES}.")
    if "value" in told:
        values = [*values, told["value"]]
    return Wanted(essential, tuple(values))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object that names nothing twice: which of two is meant, nobody knows."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member is there twice")
    return found


_decode: Final = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_once).decode
