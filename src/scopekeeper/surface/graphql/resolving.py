"""How a root field is answered: its arguments are bound as REST binds them, and the request runs the operation."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from scopekeeper.sdk import DeclarationError, Invalid, Operation, Paging
from scopekeeper.sdk.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.cursor import key_of
from scopekeeper.surface.graphql.connections import Listed


class Call(Protocol):
    """What a schema asks of the request that it executes: the context value."""

    async def perform(self, operation: Operation, arguments: Mapping[str, Any]) -> Any:
        """Run the operation for whoever calls. Raises Problem."""
        ...


def resolver_of(operation: Operation) -> Callable[..., Awaitable[Any]]:
    """What resolves the operation's field. Raises DeclarationError where its types cannot be bound."""
    if operation.paged and operation.body is not None:
        raise DeclarationError(f"{operation.module}.{operation.name}: an operation that lists takes no body")
    binding = Binding.of(operation)
    path = frozenset(each.name for each in operation.path_arguments)

    async def one(_root: None, info: Any, /, *, body: object = None, **given: Any) -> Any:
        call: Call = info.context
        arguments = binding.arguments(given)
        if operation.body is not None:
            arguments["body"] = binding.body(body, {name: arguments[name] for name in path})
        return await call.perform(operation, arguments)

    async def many(_root: None, info: Any, /, *, first: int | None, after: str | None = None, **given: Any) -> Listed:
        call: Call = info.context
        paging = _paging_of(first, after)
        page = await call.perform(operation, {**binding.arguments(given), "paging": paging})
        return Listed(page, paging.after)

    return many if operation.paged else one


def _paging_of(first: int | None, after: str | None) -> Paging:
    limit = DEFAULT_LIMIT if first is None else first
    if not 1 <= limit <= LARGEST_LIMIT:
        raise Invalid("first", f"Between 1 and {LARGEST_LIMIT} items can be asked for at once.")
    return Paging(limit, None if after is None else key_of(after))
