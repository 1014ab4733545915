"""Rows of modules' data put in by the hundred, for imports: what is there already stays as it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scopekeeper.sdk import NotFound
from scopekeeper.services.ports import Entropy
from scopekeeper.store.rows import Row
from scopekeeper.store.shapes import VERSION, Shape
from scopekeeper.store.statement import Statement
from scopekeeper.store.transaction import Transaction, Violation

STEP: Final = 128
"""Rows of one transaction, which keeps everybody waiting who writes."""


@dataclass(frozen=True, slots=True)
class Appending:
    """Some rows as the decision that puts them in; how many were new. Raises NotFound."""

    statement: Statement
    rows: Sequence[Row]

    def __call__(self, t: Transaction) -> int:
        """Carry it out."""
        try:
            return t.append(self.statement, self.rows)
        except Violation as refused:
            raise NotFound("One of these records refers to what is not there.") from refused


def steps_of(shape: Shape, insert: Statement, records: Sequence[Any], entropy: Entropy) -> Iterator[Appending]:
    """What is to be committed, one after the other. Raises Invalid before any, and TypeError where records of this
    table name others by a Ref: those are put one by one."""
    if shape.link_tables:
        raise TypeError(f"the records of {shape.table.name} name others, so they are put one by one")
    rows = [row_to_insert(insert, {**shape.row_of(record), VERSION: entropy.row_id()}) for record in records]
    return (Appending(insert, rows[start : start + STEP]) for start in range(0, len(rows), STEP))


def row_to_insert(insert: Statement, row: Mapping[str, object]) -> Row:
    """The row's values, in the order in which the statement takes them."""
    return tuple(row[name.removeprefix("field.")] for name in insert.names)
