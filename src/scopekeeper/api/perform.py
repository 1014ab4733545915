"""An operation, performed: load, decide, commit, and once more where somebody else came first."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from scopekeeper.api.guard import Admitted
from scopekeeper.api.holders import told
from scopekeeper.scopes import Api
from scopekeeper.sdk import Caller, Conflict, Forbidden, InUse, Operation
from scopekeeper.sdk.data import Changed, Data, Report, Work

Require = Callable[[Caller], Awaitable[None]]

Provide = Callable[[Admitted, str | None], object]
"""Makes what the house provides of one kind, for whoever was let in, from whichever address."""

MOST_TRIES: Final = 5

_NOTHING: Final = Report()


@dataclass(frozen=True, slots=True)
class Done:
    """What the operation answered, and what its commit did beyond what was asked."""

    result: Any
    report: Report


class Performer:
    """Runs operations for those whom the guard let in, on the modules' data and on what the house provides."""

    def __init__(self, data: Data, provided: Mapping[type, Provide] | None = None) -> None:
        self._data = data
        self._provided = dict(provided or {})

    def on(self, data: Data) -> "Performer":
        """The same on other data."""
        return Performer(data, self._provided)

    async def perform(
        self,
        operation: Operation,
        admitted: Admitted,
        api: Api,
        arguments: Mapping[str, Any],
        require: Require | None = None,
        *,
        address: str | None = None,
    ) -> Done:
        """Run it and commit what it wrote. `require` is asked before, within the same work: what it read is relied on.

        Raises the SDK's problems: Forbidden for a person where the whole system is concerned, NotFound where the data
        is not theirs, InUse (naming what the caller may read) where others hold on to it, Conflict where it changed
        under every one of five tries, and whatever the operation raises.
        """
        require_system(operation, admitted)
        for _ in range(MOST_TRIES):
            try:
                return await self._try(operation, admitted, api, arguments, require, address)
            except Changed:
                continue
        raise Conflict("The data keeps changing under this request. Try again.")

    async def _try(
        self,
        operation: Operation,
        admitted: Admitted,
        api: Api,
        arguments: Mapping[str, Any],
        require: Require | None,
        address: str | None,
    ) -> Done:
        work = Work()
        caller = Caller(
            client_id=admitted.client.client_id,
            scopes=admitted.scopes,
            api=api,
            data=self._data,
            work=work,
            user=admitted.token.user,
            system=admitted.system,
            provided=partial(self._provide, admitted, address),
        )
        await require_owner(operation, caller, arguments)
        if require is not None:
            await require(caller)
        result = await operation.run(caller, **arguments)
        if not work.writes:
            return Done(result, _NOTHING)
        try:
            return Done(result, await self._data.commit(work))
        except InUse as held:
            raise await told(held, caller, self._data) from held

    def _provide(self, admitted: Admitted, address: str | None, kind: type) -> object:
        provide = self._provided.get(kind)
        if provide is None:
            raise LookupError(f"the house provides no {kind.__name__}")
        return provide(admitted, address)


def require_system(operation: Operation, admitted: Admitted) -> None:
    """See that no person does what concerns the whole system. Raises Forbidden."""
    if operation.system and not admitted.system:
        raise Forbidden("Only applications that act for the whole system can do this.")


async def require_owner(operation: Operation, caller: Caller, arguments: Mapping[str, Any]) -> None:
    """See that what the path names by `of=` exists and is the caller's. Raises NotFound."""
    if operation.owner_table is not None:
        await caller.require(operation.owner_table, str(arguments[str(operation.of)]))
