"""The two ends of a move: where rows are read from, and where they are put."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from scopekeeper.store.moving.cargo import Cargo
from scopekeeper.store.rows import Row
from scopekeeper.store.shapes import Shape

Key = Sequence[Any]
"""The values of a row's key: numbers and strings."""


@dataclass(frozen=True, slots=True)
class Lessee:
    """A process that uses a database."""

    holder: str
    until: int
    """Milliseconds since the epoch."""


def lessee_of(holder: str) -> str:
    """Machine and number of the process that is this holder."""
    return holder.rpartition(":")[0] or holder


class Rows(Protocol):
    """What is read from."""

    def batches(self, cargo: Cargo, behind: Key | None) -> AsyncIterator[Sequence[Row]]:
        """The rows of a table in the order of their keys, from behind this one, no more at once than fits.

        Raises MoveError for a value that cannot be moved.
        """
        ...


class Source(Rows, Protocol):
    """One moment of a database, in which no other process begins or writes until it is let go."""

    async def version(self) -> str | None:
        """Its schema's version; None where it has none. Raises SchemaError."""
        ...

    async def lessees(self) -> Sequence[Lessee]:
        """The processes whose number is leased, whether the lease has run out or not."""
        ...

    async def tables(self) -> frozenset[str]:
        """The names of all tables in it."""
        ...

    async def cargo(self, shapes: Mapping[str, Shape]) -> Sequence[Cargo]:
        """The modules' tables that are in it. Raises Misfit."""
        ...

    async def count(self, cargo: Cargo) -> int:
        """How many rows a table has."""
        ...

    async def dangling(self) -> str | None:
        """A table in which a row refers to what is not there, or None."""
        ...


@dataclass(slots=True)
class Place:
    """How far a table is."""

    behind: list[Any] | None = None
    rows: int = 0


Places = dict[str, Place]


class Target(Rows, Protocol):
    """A database that is filled, and that nobody else can open until it is whole."""

    async def begin(self, source: str) -> Places:
        """Take the database, alone; how far an earlier run came. Raises MoveError where it has something else."""
        ...

    async def put(self, cargo: Cargo, rows: Sequence[Row], places: Places) -> None:
        """Add these rows, and note how far each table is, in one transaction. Raises Clash, MoveError."""
        ...

    async def empty(self, cargo: Cargo, places: Places) -> None:
        """Remove all rows of a table, and note that."""
        ...

    def finishing(self) -> AbstractAsyncContextManager["Finishing"]:
        """The last transaction: what is put in it is there, and the database is free, when the context ends."""
        ...


class Finishing(Rows, Protocol):
    """The last transaction."""

    async def put(self, cargo: Cargo, rows: Sequence[Row]) -> None:
        """Add these rows."""
        ...
