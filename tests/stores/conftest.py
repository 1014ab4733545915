"""Every store that there is, opened for a test of the conformance suite."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from scopekeeper.services.ports import Store
from scopekeeper.store import CachedStore, MemoryStore, open_sqlite
from tests.fixtures import FixedClock

Opened = Callable[[], AbstractAsyncContextManager[Store]]

STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _: MemoryStore(),
    "sqlite": lambda folder: open_sqlite(folder / "scopekeeper.db"),
    "cached memory": lambda _: CachedStore(MemoryStore(), FixedClock()),
    "cached sqlite": lambda folder: CachedStore(open_sqlite(folder / "scopekeeper.db"), FixedClock()),
}


@pytest.fixture(params=STORES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Opens a store of the kind under test: `async with opened() as store`."""

    @asynccontextmanager
    async def open_one() -> AsyncIterator[Store]:
        store = STORES[request.param](tmp_path)
        try:
            yield store
        finally:
            await store.close()

    return open_one
