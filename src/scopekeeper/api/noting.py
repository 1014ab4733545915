"""What is noted of calls: that they were let in, that they were refused, and what they wrote."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from scopekeeper.sdk import Operation


class Noted(Protocol):
    """Where it is noted. Nobody waits for it."""

    def call(self, client_id: str, api: str, needed: tuple[str, ...], address: str | None) -> None:
        """A call was let in that needed these scopes."""
        ...

    def denial(self, client_id: str | None, reasons: Iterable[str]) -> None:
        """A call was refused, for want of these scopes."""
        ...

    def write(self, client_id: str, what: str) -> None:
        """A call wrote this."""
        ...


def written(operation: Operation, arguments: Mapping[str, Any], result: Any) -> str:
    """What a write wrote, by module, resource and key: `callforward/1001`, `admin/users/alice`.

    The key is what the path names or, of what is new, the key of the answer.
    """
    place = (operation.module, operation.resource) if operation.resource else (operation.module,)
    named = [arguments[each.name] for each in operation.path_arguments]
    key = named or [getattr(result, name) for name in operation.key]
    return "/".join((*place, *map(str, key)))
