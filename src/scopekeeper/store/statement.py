"""A statement as the driver takes it, compiled once from what SQLAlchemy Core describes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Dialect, Integer, literal_column
from sqlalchemy import Table as CoreTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.functions import GenericFunction

ONE: Final[ColumnElement[int]] = literal_column("1")
ZERO: Final[ColumnElement[int]] = literal_column("0")
ALL: Final[ColumnElement[int]] = literal_column(str(2**63 - 1))
"""More than there are: a limit that is none. SQLite has no offset without a limit."""

_INSERTS: Final = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

_PLACE: Final = re.compile(r"\$(\d+)::(\w+)(?: COLLATE \"C\")?")
_ARRAY: Final = r"$\1::\2[]"


class instr(GenericFunction[int]):  # noqa: N801 - SQLite's own word for it
    """Where in a text another begins; 0 where it is not in it."""

    type = Integer()
    inherit_cache = True


@compiles(instr, "postgresql")
def _strpos(element: Any, compiler: Any, **more: Any) -> str:
    return f"strpos{compiler.process(element.clause_expr, **more)}"


def upsert(table: CoreTable, dialect: Dialect) -> Any:
    """An insert into this table that can say what is to be done where the row is there already."""
    return _INSERTS[dialect.name](table)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as the driver takes it: its text, and the names of its parameters in the order of their places."""

    text: str
    names: tuple[str, ...]

    def places(self, parameters: Mapping[str, object]) -> tuple[object, ...]:
        """The parameters in the order of their places. Raises KeyError for one that is missing."""
        return tuple([parameters[name] for name in self.names])

    def of_rows(self, count: int) -> str:
        """The text of this insert of one row, for `count` rows at once."""
        head, values, row = self.text.partition(" VALUES ")
        return head + values + ", ".join([row] * count)

    def of_arrays(self) -> str:
        """The text of this insert of one row, for as many as its parameters have items, one array for each column."""
        head, _, places = self.text.partition(" VALUES ")
        return f"{head} SELECT * FROM unnest({_PLACE.sub(_ARRAY, places.strip('()'))})"  # noqa: S608 - of our own words alone

    def swap_of_arrays(self) -> str:
        """The text of this update, for as many rows as its parameters have items, one array for each parameter.

        It returns the place of each that it changed, from 1 on.
        """
        types = dict(_PLACE.findall(self.text))
        places = sorted(types, key=int)
        head, _, meant = _PLACE.sub(r"told._\1", self.text).partition(" WHERE ")
        arrays = ", ".join(f"${place}::{types[place]}[]" for place in places)
        told = f"unnest({arrays}) WITH ORDINALITY AS told({', '.join(f'_{place}' for place in places)}, place)"
        return f"{head} FROM {told} WHERE {meant} RETURNING told.place"


def compiled(statement: ClauseElement, dialect: Dialect) -> Statement:
    """This statement in the words of one database. Every value in it is a named parameter, or spelled out."""
    made = statement.compile(dialect=dialect)
    if nameless := [name for name, value in made.params.items() if value is not None]:
        raise TypeError(f"values without a name of their own: {nameless} in {made}")
    return Statement(str(made), tuple(made.positiontup or ()))  # type: ignore[attr-defined]  # of SQLCompiler
