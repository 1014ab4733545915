"""What a store needs of one database: how it is read, how it is written, and how modules get their tables."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from sqlalchemy import Dialect

from scopekeeper.store.rows import Row
from scopekeeper.store.shapes import Shape
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements
from scopekeeper.store.transaction import Decision

T = TypeVar("T")


class Reading(Protocol):
    """Reads what is committed. Every way of it raises Unavailable."""

    async def at_once(self, statement: Statement, *places: object) -> list[Any]:
        """The rows of a point read."""
        ...

    async def watch(self, statement: Statement, *places: object) -> list[Any]:
        """The same for what everybody waits for: no other read keeps it waiting."""
        ...

    async def aside(self, statement: Statement, *places: object) -> list[Any]:
        """The rows of a longer read, which keeps nobody else waiting."""
        ...

    async def search(self, statement: Statement, *places: object) -> list[Any]:
        """The rows of a read that may go through a whole table; Unavailable where it takes too long."""
        ...

    async def close(self) -> None:
        """Let the connections go."""
        ...


class Writing(Protocol):
    """Commits what has gathered, each decision by itself."""

    async def insert(self, row: Row) -> None:
        """Insert a token. Raises Taken where its row id is there already, Unavailable."""
        ...

    async def commit(self, decide: Decision[T]) -> T:
        """Carry out one decision; its result, or what it raised. Raises Unavailable."""
        ...

    async def close(self) -> None:
        """Commit what waits, then let the connections go. Whoever comes later hears Unavailable."""
        ...


class Engine(Protocol):
    """One database."""

    @property
    def dialect(self) -> Dialect:
        """Its words."""
        ...

    @property
    def sql(self) -> Statements:
        """The statements in its words."""
        ...

    @property
    def reader(self) -> Reading: ...

    @property
    def writer(self) -> Writing: ...

    def prepare(self, shapes: Iterable[Shape]) -> frozenset[str]:
        """Make or extend the modules' tables; which link tables are not there. Raises Misfit, SchemaError, with nothing
        changed."""
        ...

    def require_same(self) -> None:
        """See that what is written from now on is found by those who open the database. Raises Unavailable."""
        ...

    def hear(self, heard: Callable[[], None]) -> None:
        """Call this whenever another process may have changed something, where such news can be had.

        Nobody relies on it: what it tells is found by looking, too. To be called once, on the event loop.
        """
        ...

    async def close(self) -> None:
        """Commit what waits, then let everything go."""
        ...
