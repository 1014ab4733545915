"""Link tables: which records name which rows by a `Ref`, wherever in them it stands.

There is one for each pair of tables. A link goes with the record that names (`holder`), and the row that is named
(`held`) cannot go while there is one: the database itself sees to both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

from sqlalchemy import BindParameter, Column, Dialect, ForeignKey, Index, MetaData, bindparam, delete, insert, select
from sqlalchemy import Table as CoreTable

from scopekeeper.store.statement import Statement, Uncompiled
from scopekeeper.store.tables import Text


@dataclass(frozen=True, slots=True)
class LinkTable:
    """By which records of one table name rows of another."""

    source: str
    target: str
    on: bool
    """Is there a module that keeps the target? If not, what was named before stays named, and nothing new can be."""
    core: CoreTable
    index: Index
    """On what is held. Its name bears the fields whose links are there: where there is none of that name, another field
    has come to name rows, and what the rows that are there name is put in."""


def core_name(table: str) -> str:
    """What a module's table is called in the database."""
    return f"module_{table.replace('.', '_')}"


def link_table_of(
    source: str, key: Column[Any], target: str, target_key: Column[Any] | None, paths: Iterable[str], metadata: MetaData
) -> LinkTable:
    """The link from one table to another. Without a key the target is kept by no module."""
    name = f"link_{source}__{target}".replace(".", "_")
    held = [] if target_key is None else [ForeignKey(target_key, ondelete="RESTRICT")]
    core = CoreTable(
        name,
        metadata,
        Column("holder", Text, ForeignKey(key, ondelete="CASCADE"), primary_key=True),
        Column("held", Text, *held, primary_key=True),
        sqlite_with_rowid=False,
    )
    fields = crc32(" ".join(sorted(paths)).encode())
    return LinkTable(source, target, target_key is not None, core, Index(f"ix_{name}_{fields:08x}", core.c.held))


class LinkStatements:
    """What is asked of one link table and done to it. The parameters are `holder` and `held`."""

    def __init__(self, link: LinkTable, dialect: Dialect) -> None:
        core = link.core
        holder: BindParameter[str] = bindparam("holder")
        held: BindParameter[str] = bindparam("held")
        self.held: Final[Statement] = Uncompiled(lambda: select(core.c.held).where(core.c.holder == holder), dialect)
        self.add: Final[Statement] = Uncompiled(lambda: insert(core).values(holder=holder, held=held), dialect)
        self.remove: Final[Statement] = Uncompiled(
            lambda: delete(core).where(core.c.holder == holder, core.c.held == held), dialect
        )
        self.clear: Final[Statement] = Uncompiled(lambda: delete(core).where(core.c.holder == holder), dialect)


def holders_of(link: LinkTable, dialect: Dialect) -> Statement:
    """The keys of the records that name the row `key`, in their order."""
    core = link.core
    return Uncompiled(
        lambda: select(core.c.holder).where(core.c.held == bindparam("key")).order_by(core.c.holder), dialect
    )
