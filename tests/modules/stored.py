"""A furnished house whose data is in a database of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scopekeeper.settings import Database
from scopekeeper.store import open_store
from tests.api.house import MODULES, House
from tests.fixtures import FixedEntropy


@asynccontextmanager
async def stored(database: Database) -> AsyncIterator[House]:
    """Open until the context ends."""
    store = open_store(database)
    try:
        yield await House.furnished_on(store.data(MODULES.tables, FixedEntropy()))
    finally:
        await store.close()
