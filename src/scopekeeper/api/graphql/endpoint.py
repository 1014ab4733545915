"""`POST /api/graphql`: who asks, what does the text need, is it held? Then it runs on what is held, and nothing else.

In this order: the token (401), the request (405, 413, 415, 400), the text with its limits and its validity (400), the
scopes that the selected operation needs (403), the sign-in that it demands (401, RFC 9470), and only then does anything
run (200, whatever comes of it). Whoever prefers `application/graphql-response+json` gets that, and 400 where the
variables do not fit.
"""

from collections.abc import Mapping
from typing import Any, Final

from graphql import GraphQLSchema
from starlette.types import Receive, Scope, Send

from scopekeeper.api.graphql.answers import NOT_RUN, answer, not_run, rejection
from scopekeeper.api.graphql.media import as_graphql, prefers_graphql
from scopekeeper.api.graphql.request import Posted, read_posted
from scopekeeper.api.graphql.running import run
from scopekeeper.api.guard import Admitted, Guard
from scopekeeper.api.perform import Performer
from scopekeeper.scopes import covers
from scopekeeper.sdk import Operation
from scopekeeper.sdk.data import Taken
from scopekeeper.surface.plans import Plans
from scopekeeper.surface.projection import Projections
from scopekeeper.wire import Reply, address_of

_ALLOW: Final = ((b"allow", b"POST"),)


class GraphqlCall:
    """One request's context: runs root fields, each a unit of work of its own, and gathers what they took along."""

    __slots__ = ("_address", "_admitted", "_guard", "_performer", "_taken")

    def __init__(self, guard: Guard, performer: Performer, admitted: Admitted, address: str | None) -> None:
        self._guard = guard
        self._performer = performer
        self._admitted = admitted
        self._address = address
        self._taken: list[Taken] = []

    async def perform(self, operation: Operation, arguments: Mapping[str, Any]) -> Any:
        """Run the operation for whoever sent the request. Raises Problem."""
        done = await self._performer.perform(operation, self._admitted, "gql", arguments, address=self._address)
        if operation.access == "write":
            self._guard.wrote(self._admitted, operation, arguments, done.result)
        self._taken += done.report.taken
        return done.result

    def removed(self) -> list[dict[str, object]]:
        """What writes took along: a count for each module, and which they were for those who may read that module.

        A person learns the count alone: what hung on theirs may be somebody else's.
        """
        keys: dict[str, list[str]] = {}
        for taken in self._taken:
            keys.setdefault(taken.module, []).extend(taken.keys)
        return [
            {"module": module, "count": len(gone)} | ({"keys": gone} if self._may_read_all(module) else {})
            for module, gone in keys.items()
        ]

    def _may_read_all(self, module: str) -> bool:
        return self._admitted.system and covers(self._admitted.scopes, f"gql:{module}:read")


class GraphqlEndpoint:
    """The endpoint. An ASGI application."""

    def __init__(self, schema: GraphQLSchema, guard: Guard, performer: Performer) -> None:
        self._guard = guard
        self._performer = performer
        self._plans = Plans(schema)
        self._projections = Projections(schema)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        reply = await self._reply(scope, receive)
        if prefers_graphql(scope):
            reply = as_graphql(reply)
        await reply(scope, receive, send)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        if scope["method"] != "POST":
            return rejection(405, "METHOD_NOT_ALLOWED", "GraphQL is asked by POST.", _ALLOW)
        try:
            admitted = await self._guard.identify(scope)
            return await self._run(await read_posted(scope, receive), admitted, scope)
        except NOT_RUN as error:
            return not_run(error)

    async def _run(self, posted: Posted, admitted: Admitted, scope: Scope) -> Reply:
        plan = self._plans.of(posted.query)
        needs = plan.needs(posted.operation_name)
        lacking = needs.missing(admitted.scopes)
        if needs.demand is not None and not lacking:
            await self._guard.require_sign_in(admitted, needs.demand)
        self._guard.let_in(admitted, "gql", needs.scopes, lacking, scope)
        call = GraphqlCall(self._guard, self._performer, admitted, address_of(scope))
        schema = self._projections.of(admitted.scopes).schema
        result = await run(schema, plan.document, call, posted.variables, posted.operation_name)
        request_id = scope.get("state", {}).get("request_id")
        return answer(result, call.removed(), request_id, unrun=400 if prefers_graphql(scope) else 200)
