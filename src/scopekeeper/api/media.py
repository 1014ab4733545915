"""In which representation a list is asked for, by Accept (RFC 9110 §12.5.1): JSON, a table, or a line for each record.

Where none of ours is among what would be taken, JSON is given all the same, as everywhere in this API.
"""

from enum import Enum
from typing import Final

from starlette.types import Scope

from scopekeeper.wire.headers import headers


class Medium(Enum):
    """A media type in which lists are given. The first is given where nothing is said, or more than one is as good."""

    JSON = b"application/json"
    CSV = b"text/csv"
    LINES = b"application/x-ndjson"


MOST_RANGES: Final = 50
"""Media types in one request that are looked at; those behind them are not."""

_BARE: Final = (0.0, 0)


def medium_of(scope: Scope) -> Medium:
    """The one that this request prefers."""
    said = b",".join(headers(scope, b"accept")).lower()
    if not said:
        return Medium.JSON
    ranges = [_weighed(part) for part in said.split(b",", MOST_RANGES)[:MOST_RANGES]]
    weights = {each: max(_weights(each.value, ranges), default=_BARE, key=_exactness) for each in Medium}
    best = max(Medium, key=lambda each: weights[each])
    return best if weights[best][0] > 0 else Medium.JSON


def _weights(media_type: bytes, ranges: list[tuple[bytes, float]]) -> list[tuple[float, int]]:
    """The weight of each range that has the type in it, and how exactly that is named."""
    kind, _, _ = media_type.partition(b"/")
    exact = {media_type: 3, kind + b"/*": 2, b"*/*": 1}
    return [(weight, exact[named]) for named, weight in ranges if named in exact]


def _exactness(weighed: tuple[float, int]) -> tuple[int, float]:
    weight, exact = weighed
    return exact, weight


def _weighed(part: bytes) -> tuple[bytes, float]:
    """A range of Accept and its weight; what is no weight is none."""
    named, *parameters = (each.strip() for each in part.split(b";", MOST_RANGES))
    weight = next((each[2:] for each in parameters if each.startswith(b"q=")), b"1")
    try:
        return named, float(weight)
    except ValueError:
        return named, 0.0
