"""What a list is asked for, by parameters or by a body (RFC 7644 §3.4.2, §3.4.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from scopekeeper.api.scim.bodies import require_schema
from scopekeeper.api.scim.described import MOST_RESULTS
from scopekeeper.api.scim.faults import Fault
from scopekeeper.api.scim.filters import Filter, filter_of
from scopekeeper.api.scim.projection import Projection, names_in

SEARCH_REQUEST: Final = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

USUAL: Final = 100
"""Users in one answer, where nobody says how many."""

_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Search:
    """Which users, how many of them, and what of each. They are in the order of their names, whatever `sortBy` says:
    sorting is not supported."""

    filter: Filter | None
    first: int
    count: int
    projection: Projection

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Self:
        """As the parameters of a GET say. Raises Fault: invalidFilter, invalidValue."""
        return cls(
            _filter(query.get("filter")),
            _first(_number(query.get("startIndex"), "startIndex")),
            _count(_number(query.get("count"), "count")),
            projection_of(query),
        )

    @classmethod
    def of_body(cls, body: Mapping[str, Any]) -> Self:
        """As the body of a POST to `.search` says. Raises Fault: invalidSyntax, invalidFilter, invalidValue."""
        require_schema(body, SEARCH_REQUEST)
        named = {name.lower(): value for name, value in body.items()}
        attributes, excluded = (_names(named.get(name), name) for name in ("attributes", "excludedattributes"))
        return cls(
            _filter(named.get("filter")),
            _first(_whole(named.get("startindex"), "startIndex")),
            _count(_whole(named.get("count"), "count")),
            Projection.of(attributes, excluded),
        )


def projection_of(query: Mapping[str, str]) -> Projection:
    """What of a resource the parameters of a request ask for (RFC 7644 §3.9). Raises Fault: invalidValue."""
    return Projection.of(names_in(query.get("attributes", "")), names_in(query.get("excludedAttributes", "")))


def _filter(text: Any) -> Filter | None:
    if text is None or text == "":
        return None
    if not isinstance(text, str):
        raise Fault.invalid_filter("A filter is text.")
    return filter_of(text)


def _first(number: int | None) -> int:
    """What is less than 1 is 1 (RFC 7644 §3.4.2.4)."""
    return 1 if number is None else max(1, number)


def _count(number: int | None) -> int:
    """What is less than 0 is 0 (RFC 7644 §3.4.2.4)."""
    return USUAL if number is None else min(max(0, number), MOST_RESULTS)


def _number(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    try:
        return _whole(int(text[:20]), name)
    except ValueError:
        raise Fault.invalid_value(f"{name} is a whole number.") from None


def _whole(value: Any, name: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not -_LARGEST <= value <= _LARGEST:
        raise Fault.invalid_value(f"{name} is a whole number.")
    return value


def _names(value: Any, name: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Fault.invalid_value(f"{name} is a list of names.")
    return names_in(",".join(value))
