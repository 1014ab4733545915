"""Every store that there is, opened for a test of the conformance suite."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from scopekeeper.services.ports import Store
from scopekeeper.settings import Database, SqliteFile
from scopekeeper.store import CachedStore, MemoryStore, open_store
from tests.fixtures import FixedClock
from tests.postgres import a_database

Opened = Callable[[], AbstractAsyncContextManager[Store]]

DATABASES: Final = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of each kind, for the test alone. A store makes the file; the server's is made."""
    if request.param == "sqlite":
        yield SqliteFile(tmp_path / "it.db")
    else:
        with a_database() as made:
            yield made


@pytest.fixture(params=["memory", "sqlite", "postgresql", "cached memory", "cached sqlite"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Opens a store of the kind under test: `async with opened() as store`."""
    cached, _, kind = request.param.rpartition(" ")
    if kind == "postgresql":
        with a_database() as made:
            yield _opening(lambda: open_store(made), cached=bool(cached))
    elif kind == "sqlite":
        yield _opening(lambda: open_store(SqliteFile(tmp_path / "scopekeeper.db")), cached=bool(cached))
    else:
        yield _opening(MemoryStore, cached=bool(cached))


def _opening(make: Callable[[], Store], *, cached: bool) -> Opened:
    @asynccontextmanager
    async def open_one() -> AsyncIterator[Store]:
        store = CachedStore(make(), FixedClock()) if cached else make()
        try:
            yield store
        finally:
            await store.close()

    return open_one
