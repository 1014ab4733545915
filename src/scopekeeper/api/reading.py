"""An operation that reads, over REST: who may, with what, and the record or the page as an answer."""

from collections.abc import Sequence

from starlette.types import Receive, Scope

from scopekeeper.api.answers import page_reply, path_of, record_reply
from scopekeeper.api.guard import Guard
from scopekeeper.api.media import Medium, medium_of
from scopekeeper.api.perform import Performer, require_system
from scopekeeper.api.preconditions import Condition
from scopekeeper.api.streaming import Streaming
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.demands import demand_of
from scopekeeper.surface.openapi import path_to
from scopekeeper.wire import Reply, address_of, parse_form, query_of
from scopekeeper.wire.streamed import Streamed


class Reading:
    """The route of a GET. Its scope, its path and its checks were made at start."""

    def __init__(self, binding: Binding, guard: Guard, performer: Performer) -> None:
        self._binding = binding
        self._operation = binding.operation
        self._scope = binding.operation.scope("rest")
        self._demand = demand_of(binding.operation)
        self._path = path_to(binding.operation)
        self._guard = guard
        self._performer = performer
        operation = binding.operation
        self._streaming = Streaming(operation, self._demand, guard, performer) if operation.paged else None

    async def __call__(self, scope: Scope, _: Receive, values: Sequence[str]) -> Reply | Streamed:
        """The answer. Raises Refused, the SDK's problems, and what the readers of path and query raise."""
        admitted = await self._guard.admit(scope, self._scope, demand=self._demand)
        require_system(self._operation, admitted)
        path = self._binding.path(values)
        query = parse_form(query_of(scope))
        arguments = {**path, **self._binding.query(query)}
        medium = medium_of(scope) if self._streaming is not None else Medium.JSON
        if self._streaming is not None and medium is not Medium.JSON:
            return await self._streaming.reply(scope, admitted, arguments, medium, limited="limit" in query)
        done = await self._performer.perform(self._operation, admitted, "rest", arguments, address=address_of(scope))
        if self._operation.paged:
            return page_reply(done.result, path_of(self._path, path), query)
        return record_reply(done.result, Condition.of(scope, b"if-match"), Condition.of(scope, b"if-none-match"))
