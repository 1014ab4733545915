"""One operation of a module, as its declaration tells: the source of its route, its field, its scope and its words."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from typing import Any

from scopekeeper.scopes import Access, Api, Scope
from scopekeeper.sdk.table import Table


@dataclass(frozen=True, slots=True)
class Argument:
    """A path parameter or a query parameter (GraphQL: an argument)."""

    name: str
    type: Any
    required: bool
    default: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """What a module offers: one REST route and one GraphQL field with one scope."""

    module: str
    access: Access
    method: str
    path: str
    """Below the module: `/users/{extension}`."""
    field: str
    """The GraphQL field, camelCase."""
    run: Callable[..., Awaitable[Any]]
    title: str
    """The docstring's first line."""
    description: str
    """The docstring."""
    resource: str | None
    system: bool
    """Only for callers that act for the whole system."""
    of: Table[Any] | str | None
    """Whose data: a table, or the path parameter that names the owner."""
    owner_table: str | None
    """Where the path parameter `of` is looked up, by table name: it must exist and be the caller's."""
    path_arguments: tuple[Argument, ...]
    query_arguments: tuple[Argument, ...]
    body: Any | None
    """The record type of the body, if it has one."""
    patch: bool
    """Is the body a Patch of that record?"""
    paged: bool
    returns: Any
    """The record type answered; for a paged operation, that of an item."""
    key: tuple[str, ...]
    """The fields of the answer that name the record: what the path names, or the key of the table."""
    gives: tuple[str, ...] = ()
    """The fields of the answer that the write itself makes: a secret that is shown this once."""
    deprecated: str = ""
    """Why it should not be used any more, and what to use in its place; empty where it may be."""
    max_age: int | None = None
    """Seconds, at most, since the sign-in that a token in a person's name is of (RFC 9470 §3)."""
    acr: tuple[str, ...] = ()
    """How they signed in: one of these, by name, the best first. None named: any will do."""

    def scope(self, api: Api) -> str:
        """What a caller must hold to run it over this API."""
        return str(Scope(api, self.module, self.access, self.resource))

    def read_scope(self, api: Api) -> str:
        """What a caller must hold to see more of a write's answer than its key, and what it gives."""
        return str(Scope(api, self.module, "read", self.resource))

    @property
    def shown(self) -> tuple[str, ...]:
        """The fields of the answer that a caller without the read scope is shown after a write."""
        return (*self.key, *(name for name in self.gives if name not in self.key))

    @property
    def holds_back(self) -> bool:
        """Has a write's answer more than what a caller without the read scope is shown?"""
        return self.access == "write" and any(each.name not in self.shown for each in fields(self.returns))

    @property
    def name(self) -> str:
        """The name of the function that does it."""
        return self.run.__name__
