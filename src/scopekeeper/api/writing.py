"""An operation that writes, over REST: who may, with what, if still so; and no more shown than the token may read."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.types import Receive, Scope

from scopekeeper.api.answers import Location, changed_reply, created_reply, encode, removed_reply
from scopekeeper.api.body import read_json
from scopekeeper.api.guard import Admitted, Guard
from scopekeeper.api.perform import Done, Performer, Require, require_owner, require_system
from scopekeeper.api.preconditions import Condition, PreconditionFailed, etag_of
from scopekeeper.oauth.authentication import Demand
from scopekeeper.scopes import covers, missing
from scopekeeper.sdk import Caller, NotFound
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.demands import demand_of
from scopekeeper.wire import Reply, address_of, parse_form, query_of


class Writing:
    """The route of a POST, PUT, PATCH or DELETE.

    `sibling` is the operation that reads one record at the same path, by which `If-Match` is judged; `location` is
    where a POST's new record is read; `seeing` is what reading the record demands that the answer shows. They were
    found at start, like the scopes and the decoders.
    """

    def __init__(
        self,
        binding: Binding,
        guard: Guard,
        performer: Performer,
        *,
        sibling: Binding | None,
        location: Location | None,
        seeing: Demand | None,
    ) -> None:
        operation = binding.operation
        self._binding = binding
        self._operation = operation
        self._scope = operation.scope("rest")
        self._demand = demand_of(operation)
        self._read_scope = operation.read_scope("rest")
        self._guard = guard
        self._performer = performer
        self._sibling = sibling
        self._sibling_demand = None if sibling is None else demand_of(sibling.operation)
        self._location = location
        self._seeing = seeing
        # A write's answer is the representation that GET would give only where both answer with the same record.
        self._tagged = location is not None or (sibling is not None and sibling.operation.returns is operation.returns)

    async def __call__(self, scope: Scope, receive: Receive, values: Sequence[str]) -> Reply:
        """The answer. Raises Refused, the SDK's problems, and what the readers of path, query and body raise."""
        admitted = await self._guard.admit(scope, self._scope, demand=self._demand)
        require_system(self._operation, admitted)
        path = self._binding.path(values)
        arguments = {**path, **self._binding.query(parse_form(query_of(scope)))}
        body = b""
        if self._binding.struct is not None:
            body = await read_json(scope, receive, patch=self._operation.patch)
            arguments["body"] = self._binding.read(body, path)
        require = self._required(scope, admitted, values)
        shown = await self._may_see(admitted)
        done = await self._performer.perform(
            self._operation, admitted, "rest", arguments, require, address=address_of(scope)
        )
        self._guard.wrote(admitted, self._operation, arguments, done.result)
        return self._answer(done, shown, arguments, body)

    async def _may_see(self, admitted: Admitted) -> bool:
        """May the answer show the record: by its scopes, and by the sign-in that reading it demands? Raises Refused."""
        if not covers(admitted.scopes, self._read_scope):
            return False
        return self._seeing is None or await self._guard.meets(admitted, self._seeing)

    def _answer(self, done: Done, shown: bool, arguments: Mapping[str, Any], body: bytes) -> Reply:
        operation, record, report = self._operation, done.result, done.report
        if operation.method == "DELETE":
            return removed_reply(report)
        if operation.method != "POST":
            put = body if operation.method == "PUT" else None
            return changed_reply(record, operation, shown=shown, tagged=self._tagged, report=report, put=put)
        location = None if self._location is None else self._location.of(arguments, record)
        return created_reply(record, operation, location, shown=shown, tagged=self._tagged, report=report)

    def _required(self, scope: Scope, admitted: Admitted, values: Sequence[str]) -> Require | None:
        """What the request supposes of the record (RFC 9110 §13.1), to be looked at in the same work as the write.

        A tag is a question about what the record says, so whoever may not read it, or not without signing in again,
        may not ask.
        """
        match, none_match = Condition.of(scope, b"if-match"), Condition.of(scope, b"if-none-match")
        named = [condition for condition in (match, none_match) if condition is not None]
        if not named:
            return None
        sibling, asks = self._sibling, not all(condition.any for condition in named)
        if sibling is not None and asks:
            require_system(sibling.operation, admitted)
            lacking = missing(admitted.scopes, [sibling.operation.scope("rest")])
            if lacking:
                raise self._guard.refused(admitted, lacking)

        async def require(caller: Caller) -> None:
            if asks and self._sibling_demand is not None:
                await self._guard.require_sign_in(admitted, self._sibling_demand)
            etag = None if sibling is None else await self._present(caller, sibling, values)
            if match is not None and not match.matches(etag):
                raise PreconditionFailed("The record is not, or no more, what If-Match names.")
            if none_match is not None and none_match.matches_weakly(etag):
                raise PreconditionFailed("The record is what If-None-Match excludes.")

        return require

    async def _present(self, caller: Caller, sibling: Binding, values: Sequence[str]) -> bytes | None:
        """The tag of the record as it is; None where PUT may still make one.

        Elsewhere what is not there stays NotFound, as without the condition (RFC 9110 §13.2.1).
        """
        path = sibling.path(values)
        try:
            await require_owner(sibling.operation, caller, path)
            return etag_of(encode(await sibling.operation.run(caller, **path)))
        except NotFound:
            if self._operation.method == "PUT":
                return None
            raise
