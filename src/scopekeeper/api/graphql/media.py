"""The media type of an answer: JSON, or what GraphQL over HTTP made in its place, for whoever asks for that.

They differ in one thing besides their name: where nothing ran, so that there is no `data`, JSON says 200 as it always
has, and the other 400 (GraphQL over HTTP, "Status Codes").
"""

from operator import itemgetter
from typing import Final

from msgspec.structs import replace
from starlette.types import Scope

from scopekeeper.wire import Reply, header

_GRAPHQL: Final = b"application/graphql-response+json"
_JSON: Final = b"application/json"
_TYPE: Final = (b"content-type", _GRAPHQL + b"; charset=utf-8")

_weight: Final = itemgetter(1)


def prefers_graphql(scope: Scope) -> bool:
    """Does Accept name the GraphQL media type, and JSON not before it (RFC 9110 §12.5.1)?"""
    accept = header(scope, b"accept")
    if accept is None or _GRAPHQL not in accept.lower():
        return False
    named = [each for each in map(_weighed, accept.lower().split(b",")) if each[0] in (_GRAPHQL, _JSON)]
    preferred, weight = max(named, key=_weight, default=(_JSON, 1.0))
    return preferred == _GRAPHQL and weight > 0


def as_graphql(reply: Reply) -> Reply:
    """The same answer under the GraphQL media type."""
    return replace(reply, headers=(_TYPE, *(each for each in reply.headers if each[0] != b"content-type")))


def _weighed(part: bytes) -> tuple[bytes, float]:
    """A media type of Accept and its weight; what is no weight is none."""
    kind, *parameters = (each.strip() for each in part.split(b";"))
    weight = next((each[2:] for each in parameters if each.startswith(b"q=")), b"1")
    try:
        return kind, float(weight)
    except ValueError:
        return kind, 0.0
