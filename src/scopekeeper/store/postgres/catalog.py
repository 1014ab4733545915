"""What there is in a PostgreSQL database: in the schema in which new tables are made."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Dialect
from sqlalchemy.util import await_only

from scopekeeper.store.postgres.connection import DIALECT, Connection
from scopekeeper.store.preparation import Described, Reference
from scopekeeper.store.rows import Row
from scopekeeper.store.statement import Statement

_TYPES: Final = {"double precision": "FLOAT"}
"""What is called otherwise where a table is made."""

_ACTIONS: Final = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

_COLUMNS: Final = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), c.collname, a.attnotnull, a.atthasdef,
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))
FROM pg_class t
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = t.oid
LEFT JOIN pg_collation c ON c.oid = a.attcollation AND c.collname <> 'default'
WHERE n.nspname = current_schema() AND t.relname = $1::text AND t.relkind IN ('r', 'p')
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""

_REFERENCES: Final = """
SELECT a.attname, above.relname, key.attname, f.confdeltype::text
FROM pg_constraint f
JOIN pg_class t ON t.oid = f.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_class above ON above.oid = f.confrelid
JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
JOIN pg_attribute key ON key.attrelid = f.confrelid AND key.attnum = f.confkey[1]
WHERE n.nspname = current_schema() AND t.relname = $1::text AND f.contype = 'f'
"""

_INDEX: Final = """
SELECT 1 FROM pg_class i JOIN pg_namespace n ON n.oid = i.relnamespace
WHERE n.nspname = current_schema() AND i.relname = $1::text AND i.relkind IN ('i', 'I')
"""


class PostgresCatalog:
    """Implements `Catalog` on a connection. It is asked in a greenlet."""

    dialect: Final[Dialect] = DIALECT

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def columns(self, table: str) -> Mapping[str, Described]:
        rows = await_only(self._connection.fetch(_COLUMNS, table))
        return {
            name: Described(_spelled(type_, order), filled, key, spare=not filled or default)
            for name, type_, order, filled, default, key in rows
        }

    def references(self, table: str) -> Mapping[str, Reference]:
        rows = await_only(self._connection.fetch(_REFERENCES, table))
        return {name: (target, key, _ACTIONS[on_removal]) for name, target, key, on_removal in rows}

    def has_index(self, name: str) -> bool:
        return bool(await_only(self._connection.fetch(_INDEX, name)))

    def execute(self, text: str) -> None:
        await_only(self._connection.execute(text))

    def insert(self, statement: Statement, rows: Sequence[Row]) -> None:
        if rows:
            await_only(self._connection.fetch(statement.of_arrays(), *map(list, zip(*rows, strict=True))))

    def rows(self, text: str, places: Row) -> Sequence[Row]:
        found: Sequence[Row] = await_only(self._connection.fetch(text, *places))
        return found

    def hold(self, table: str) -> None:
        await_only(self._connection.execute(f'LOCK TABLE "{table}" IN SHARE ROW EXCLUSIVE MODE'))


def _spelled(type_: str, order: str | None) -> str:
    spelled = _TYPES.get(type_, type_.upper())
    return spelled if order is None else f'{spelled} COLLATE "{order}"'
