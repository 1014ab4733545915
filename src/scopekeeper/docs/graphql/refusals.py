"""With which codes GraphQL refuses: those that any request may hear, and those of one root field."""

from collections.abc import Iterator
from typing import Final

from markupsafe import Markup

from scopekeeper.docs.prose import inline
from scopekeeper.sdk import Conflict, Forbidden, InUse, Invalid, NotFound, Operation, Table
from scopekeeper.surface.demands import demand_of
from scopekeeper.surface.limits import LIMITS

Refusals = tuple[tuple[str, Markup], ...]
"""Pairs of `extensions.code` and when."""

_ALWAYS: Final = (
    ("UNAUTHENTICATED", "401: no access token was sent (RFC 6750 §3.1)."),
    ("INVALID_TOKEN", "401: the access token is unknown, expired or revoked."),
    ("INSUFFICIENT_SCOPE", "403: the token lacks scopes, which `missing` names. Nothing was run."),
    ("INVALID_REQUEST", "400: it cannot be told which token is meant."),
    ("BAD_REQUEST", "400, 413 or 415: what was posted is no JSON object with a `query`, or is too large."),
    ("GRAPHQL_PARSE_FAILED", "400: the text is no GraphQL document."),
    ("GRAPHQL_VALIDATION_FAILED", "400: the document asks for what is not there. `locations` says where."),
    ("OPERATION_RESOLUTION_FAILURE", "400: it cannot be told which operation of the document shall run."),
    ("LIMIT_EXCEEDED", f"400: the document is too much, such as more than {LIMITS.depth} fields inside one another."),
    ("UNAVAILABLE", "The server cannot answer just now. Try again."),
    ("INTERNAL", "A fault of ours, with an id to ask about."),
)
ALWAYS: Final[Refusals] = tuple((code, inline(when)) for code, when in _ALWAYS)


def refusals_of(operation: Operation) -> Refusals:
    """What this field may answer besides: as 200 with `errors`, and null in place of its data."""
    return tuple((code, inline(when)) for code, when in _refusals(operation))


def _refusals(operation: Operation) -> Iterator[tuple[str, str]]:
    needs = f"`{operation.scope('gql')}` is not held"
    if operation.holds_back:
        needs += f"; or `{operation.read_scope('gql')}`, where more is selected than what a write shows by itself"
    yield "INSUFFICIENT_SCOPE", f"403: {needs}."
    if demand_of(operation) is not None:
        yield (
            "INSUFFICIENT_USER_AUTHENTICATION",
            "401: the person has to sign in again, as `acr_values` and `max_age` say. Nothing was run.",
        )
    yield Invalid.code, "A value cannot stand: `field` names it."
    if operation.path_arguments or operation.access == "write":
        yield NotFound.code, "It is not there, or not for this caller: both look the same."
    if operation.system or (isinstance(operation.of, Table) and operation.of.owner is None):
        yield Forbidden.code, "A person asks who is no administrator: only the whole system's callers reach it."
    elif operation.access == "write":
        yield Forbidden.code, "The caller may not do this, whatever scopes it holds."
    if operation.access == "write":
        yield Conflict.code, "It cannot be done as things stand: it exists already, or keeps changing."
    if operation.method == "DELETE":
        yield InUse.code, "Others refer to it: `holders` tells who, as far as the caller may read them."
