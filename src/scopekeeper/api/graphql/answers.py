"""How outcomes are told over GraphQL: `errors`, each with a `code`, and never a stack (GraphQL, "Response").

graphql-core repeats values that do not fit, and whole bodies with them. They are cut off here: errors end up in logs,
and a body may hold a PIN.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import structlog
from graphql import ExecutionResult, GraphQLError

from scopekeeper.api.graphql.request import Unreadable
from scopekeeper.api.problems import holders_of
from scopekeeper.sdk import InUse, Invalid, Problem
from scopekeeper.services.ports import Unavailable
from scopekeeper.surface.document import UnknownOperation
from scopekeeper.surface.graphql import camel_of
from scopekeeper.surface.plans import Unfit
from scopekeeper.wire import NO_STORE, Reply, json_reply
from scopekeeper.wire.bearer import Refused

_log: Final = structlog.get_logger(__name__)

_VALUE: Final = re.compile(r"(, found|(?P<kept>(?:Boolean|Float|ID|Int|String) cannot represent [^:]*)): .*", re.DOTALL)
_AWAY: Final = "The server cannot answer just now. Try again."
NOT_RUN: Final = (Refused, Unreadable, UnknownOperation, Unfit)
"""Why nothing of a document is run."""


def refusal(refused: Refused) -> Reply:
    """401, 403, 400 or 503 as REST has them, challenge and all, with a GraphQL body."""
    header = (b"retry-after", b"1") if refused.status == 503 else (b"www-authenticate", refused.challenge)
    told = {"message": refused.detail, "extensions": refused.extensions}
    return json_reply({"errors": [told]}, refused.status, (*NO_STORE, header))


def rejection(status: int, code: str, detail: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Reply:
    """What cannot be run, in one sentence."""
    return json_reply({"errors": [{"message": detail, "extensions": {"code": code}}]}, status, (*NO_STORE, *headers))


def not_run(error: Exception) -> Reply:
    """The answer to what is NOT_RUN."""
    match error:
        case Refused():
            return refusal(error)
        case Unreadable():
            return rejection(error.status, "BAD_REQUEST", str(error))
        case Unfit():
            return _unfit(error.code, error.errors)
        case _:
            return rejection(400, "OPERATION_RESOLUTION_FAILURE", str(error))


def _unfit(code: str, errors: Sequence[GraphQLError]) -> Reply:
    """What cannot be parsed or is not valid, with the places."""
    told = [{**error.formatted, "message": _without_value(error), "extensions": {"code": code}} for error in errors]
    return json_reply({"errors": told}, 400, NO_STORE)


def answer(
    result: ExecutionResult, removed: Sequence[dict[str, object]], request_id: str | None, *, unrun: int = 200
) -> Reply:
    """What came of running the document. `removed`: what writes took along in other modules.

    `unrun` is the status where nothing ran, because the variables do not fit.
    """
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [_told(error, request_id) for error in result.errors]
    if result.data is not None or not result.errors or any(error.path for error in result.errors):
        body["data"] = result.data
    if removed:
        body["extensions"] = {"removed": removed}
    return json_reply(body, 200 if "data" in body else unrun, NO_STORE)


def _told(error: GraphQLError, request_id: str | None) -> dict[str, Any]:
    """One error as the caller hears it."""
    formatted: dict[str, Any] = {**error.formatted}
    match cause := error.original_error:
        case Invalid():
            formatted |= {"message": cause.detail, "extensions": {"code": cause.code, "field": camel_of(cause.path)}}
        case InUse() if cause.holders:
            extensions = {"code": cause.code, "holders": holders_of(cause)}
            formatted |= {"message": cause.detail, "extensions": extensions}
        case Problem():
            formatted |= {"message": cause.detail, "extensions": {"code": cause.code}}
        case Unavailable():
            formatted |= {"message": _AWAY, "extensions": {"code": "UNAVAILABLE"}}
        case _ if _is_about_the_request(error):
            formatted |= {"message": _without_value(error), "extensions": {"code": "INVALID"}}
        case _:
            _log.error("bug", endpoint="graphql", path=error.path, request_id=request_id, exc_info=cause)
            known = {"requestId": request_id} if request_id is not None else {}
            formatted |= {"message": "Internal error", "extensions": {"code": "INTERNAL", **known}}
    return formatted


def _without_value(error: GraphQLError) -> str:
    """The words of graphql-core, without the value that was sent."""
    return _VALUE.sub(lambda cut: f"{cut['kept'] or ''}.", error.message)


def _is_about_the_request(error: GraphQLError) -> bool:
    """Variables and arguments that do not fit are told in graphql-core's words: about no field, or pointing at a value.

    What does not fit in an answer points at nothing, and is ours to mend.
    """
    cause = error.original_error
    return error.path is None or (isinstance(cause, GraphQLError) and bool(cause.nodes))
