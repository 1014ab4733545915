"""A move from one database to another, with all that has to be so before it begins."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from scopekeeper.sdk import Table
from scopekeeper.settings import Database, PostgresDatabase, SqliteFile
from scopekeeper.store.moving import sqlite_source
from scopekeeper.store.moving.cargo import CORE, Cargo, MoveError
from scopekeeper.store.moving.ends import Source, lessee_of
from scopekeeper.store.moving.move import Moved, Watcher, looked_through, moved
from scopekeeper.store.moving.tally import Tally
from scopekeeper.store.revisions import MIGRATIONS, SchemaError
from scopekeeper.store.shapes import Misfit, Shape, shapes_of

_VERSION: Final = "alembic_version"


def move(
    source: Database, target: Database, tables: Sequence[Table[Any]], left: Collection[str], watcher: Watcher
) -> Moved:
    """Put all that is in one database into another that is empty, or go on with that.

    `tables` are those of all modules that are installed, `left` names tables that no module describes, and that stay
    behind. Raises MoveError, SchemaError. Whoever interrupts it goes on with it later.
    """
    if isinstance(target, SqliteFile):
        raise MoveError("a move leads to postgresql://…: a SQLite file is copied by `backup` and put back by `restore`")
    begun = time.monotonic()
    try:
        tallies = asyncio.run(_move(source, target, shapes_of(tables), left, watcher))
    except Misfit as misfit:
        raise SchemaError(str(misfit)) from misfit
    return Moved(tallies, time.monotonic() - begun)


async def _move(
    source: Database, target: PostgresDatabase, shapes: Mapping[str, Shape], left: Collection[str], watcher: Watcher
) -> Mapping[str, Tally]:
    from asyncpg import InsufficientPrivilegeError

    from scopekeeper.store.postgres.destination import PostgresTarget, made_ready, make_link_tables, require_fit
    from scopekeeper.store.postgres.errors import DRIVER, reason_of
    from scopekeeper.store.postgres.schema import opened

    named = _named(source)
    async with _held(source, target) as origin:
        await _require_ready(origin, source)
        cargoes = [*CORE, *await origin.cargo(shapes)]
        await _require_whole(origin, source, cargoes, left, shapes)
        await require_fit(target, named)
        counted = await looked_through(origin, cargoes, watcher)
        moving = {cargo.name for cargo in cargoes}
        those = [shape for shape in shapes.values() if shape.core.name in moving]
        await made_ready(target, those)
        async with opened(target, longest=None) as connection:
            try:
                await moved(origin, PostgresTarget(connection, target), named, cargoes, counted, watcher)
            except InsufficientPrivilegeError:
                raise
            except DRIVER as error:
                raise MoveError(
                    f"the move to {target} was broken off: {reason_of(error)}: what has arrived is kept: go on with "
                    "the same command"
                ) from error
        await make_link_tables(target, those)
        return counted


@asynccontextmanager
async def _held(source: Database, target: PostgresDatabase) -> AsyncIterator[Source]:
    if isinstance(source, SqliteFile):
        with sqlite_source.held(source.path) as file:
            yield file
        return
    from scopekeeper.store.postgres import origin

    if await origin.are_one(source, target):
        raise MoveError(f"{source} and {target} are one database")
    async with origin.held(source) as database:
        yield database


async def _require_ready(origin: Source, source: Database) -> None:
    """It has the schema of this program, and nobody uses it. Raises MoveError, SchemaError."""
    version = await origin.version()
    if version is None:
        raise MoveError(f"{source} is empty: there is nothing to move")
    MIGRATIONS.require_head(version, source)  # of a newer one not all would be moved
    now = time.time_ns() // 1_000_000
    for lessee in await origin.lessees():
        if lessee.until >= now:
            left = (lessee.until - now) // 1000 + 1
            raise MoveError(
                f"{source} is in use by {lessee_of(lessee.holder)}: what it answers from now on would be lost: stop "
                f"that first (if it was killed, wait {left} seconds)"
            )


async def _require_whole(
    origin: Source, source: Database, cargoes: Sequence[Cargo], left: Collection[str], shapes: Mapping[str, Shape]
) -> None:
    """Everything in it is moved, or made where it arrives, or left by somebody's own word. Raises MoveError."""
    made = {link.core.name for shape in shapes.values() for link in shape.link_tables if link.on}
    unknown = await origin.tables() - {cargo.name for cargo in cargoes} - {_VERSION} - made
    if wrong := sorted(set(left) - unknown):
        raise MoveError(f"{wrong[0]} cannot be left behind: it is no table of {source} that no module describes")
    if lost := sorted(unknown - set(left)):
        raise MoveError(
            f"no module that is installed here describes {', '.join(lost)} in {source}: install it, or leave that "
            f"behind with {' '.join(f'--leave {name}' for name in lost)}"
        )
    if (dangling := await origin.dangling()) is not None:
        raise MoveError(f"in {source} rows of {dangling} refer to what is not there: `scopekeeper doctor` says more")


def _named(source: Database) -> str:
    """By what a move knows its source again."""
    return f"sqlite:///{source.path.resolve()}" if isinstance(source, SqliteFile) else str(source)
