"""Opening the store on PostgreSQL."""

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import Dialect

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.postgres import reader
from scopekeeper.store.postgres.connection import BY_KEY, DIALECT, POINT, Connections, Era
from scopekeeper.store.postgres.news import News
from scopekeeper.store.postgres.reader import PostgresReader
from scopekeeper.store.postgres.schema import prepare_postgres, ready
from scopekeeper.store.postgres.writer import PostgresWriter
from scopekeeper.store.shapes import Shape
from scopekeeper.store.sql import SqlStore
from scopekeeper.store.statements import statements_in


def open_postgres(database: PostgresDatabase) -> SqlStore:
    """Open the database. Raises SchemaError where it cannot be reached, is empty, or does not let this program work.

    Its connections are made when they are needed, on the event loop that needs them.
    """
    return SqlStore(PostgresEngine(database, ready(database)))


class PostgresEngine:
    """Implements `Engine`."""

    dialect: Final[Dialect] = DIALECT

    def __init__(self, database: PostgresDatabase, statements_kept: int) -> None:
        self._database = database
        self.sql: Final = statements_in(DIALECT)
        era = Era()
        self.reader: Final = PostgresReader(
            Connections(database, statements_kept, reader.MOST - reader.AT_ONCE, era=era),
            Connections(database, statements_kept, reader.AT_ONCE, era=era, settings=POINT),
            Connections(database, statements_kept, 1, era=era),
        )
        self._news = News(database, pinned=statements_kept == 0)
        self.writer: Final = PostgresWriter(
            Connections(database, statements_kept, 1, era=era, settings=POINT),
            Connections(database, statements_kept, 1, era=era, settings=BY_KEY),
            self.sql,
            changed=self._news.tell,
        )

    def prepare(self, shapes: Iterable[Shape]) -> frozenset[str]:
        return prepare_postgres(self._database, shapes)

    def require_same(self) -> None:
        """A database has a server, which sees to that."""

    def hear(self, heard: Callable[[], None]) -> None:
        self._news.hear(heard)

    async def close(self) -> None:
        """What the last group changes is still told; what is being read meanwhile is still answered."""
        await self.writer.close()
        await self._news.close()
        await self.reader.close()
