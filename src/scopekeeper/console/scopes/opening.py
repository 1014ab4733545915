"""What each scope opens: the operations below it, over its API."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from scopekeeper.scopes import APIS, Api, lineage
from scopekeeper.sdk import Operation


@dataclass(frozen=True, slots=True)
class Openings:
    """Every scope's operations, found once: those that demand it, and those that demand one below it."""

    _below: Mapping[str, Sequence[Operation]]

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> Self:
        """The openings of these operations."""
        below: dict[str, list[Operation]] = {}
        for operation in operations:
            for api in APIS:
                for scope in lineage(operation.scope(api)):
                    below.setdefault(scope, []).append(operation)
        return cls(below)

    def __getitem__(self, scope: str) -> Sequence[Operation]:
        """The operations that this scope opens; none for an identity scope."""
        return self._below.get(scope, ())

    def demanding(self, scope: str) -> Sequence[Operation]:
        """The operations that demand this very scope."""
        return [operation for operation in self[scope] if scope in map(operation.scope, APIS)]

    def within(self, scope: str, held: frozenset[str]) -> Sequence[Operation]:
        """The operations that this scope opens, and that what is held does not."""
        api: Api = "rest" if scope.startswith("rest") else "gql"
        return [each for each in self[scope] if held.isdisjoint(lineage(each.scope(api)))]


def route_of(operation: Operation) -> str:
    """The operation as REST calls it: `GET /callforward/users/{extension}`."""
    return f"{operation.method} {path_of(operation)}"


def path_of(operation: Operation) -> str:
    """Its path below the API: `/callforward/users/{extension}`."""
    return f"/{operation.module}{operation.path}"
