"""A statement as the driver takes it, compiled once from what SQLAlchemy Core describes, when it is first used."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from sqlalchemy import ColumnElement, Dialect, Integer, literal_column
from sqlalchemy import Table as CoreTable
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.functions import GenericFunction

ONE: Final[ColumnElement[int]] = literal_column("1")
ZERO: Final[ColumnElement[int]] = literal_column("0")
ALL: Final[ColumnElement[int]] = literal_column(str(2**63 - 1))
"""More than there are: a limit that is none. SQLite has no offset without a limit."""

_PLACE: Final = re.compile(r"\$(\d+)::(\w+)(?: COLLATE \"C\")?")
_NUMBER: Final = re.compile(r"\$(\d+)")
_ARRAY: Final = r"$\1::\2[]"
_APART: Final = " OFFSET 0"


class instr(GenericFunction[int]):  # noqa: N801 - SQLite's own word for it
    """Where in a text another begins; 0 where it is not in it."""

    type = Integer()
    inherit_cache = True


@compiles(instr, "postgresql")
def _strpos(element: Any, compiler: Any, **more: Any) -> str:
    return f"strpos{compiler.process(element.clause_expr, **more)}"


def upsert(table: CoreTable, dialect: Dialect) -> Any:
    """An insert into this table that can say what is to be done where the row is there already."""
    if dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # 2 MB and 10 ms that a server on SQLite has no use for

    return postgresql.insert(table)


class Statement:
    """A statement as the driver takes it: its text, and the names of its parameters in the order of their places."""

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        self.text = text
        self.names = names

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

    @cached_property
    def rows_of_arrays(self) -> str | None:
        """The text of this select, for as many parameters as there are items, one array for each parameter.

        Each row begins with the place of what found it, from 1 on. None where it has no parameters, or one without a
        type. An offset keeps the planner from making one join of it all: each is found as it is where it is alone.
        """
        types = dict(_PLACE.findall(self.text))
        if not types or "$" in _PLACE.sub("", self.text):
            return None
        each = _PLACE.sub(r"told._\1", self.text)
        if not each.endswith(_APART):
            each += _APART
        return f"SELECT told.place, found.* FROM {_told(types)}, LATERAL ({each}) AS found"  # noqa: S608 - of our own words alone

    def swap_of_arrays(self) -> str:
        """The text of this update, for as many rows as its parameters have items, one array for each parameter.

        It returns the place of each that it changed, from 1 on.
        """
        types = dict(_PLACE.findall(self.text))
        head, _, meant = _PLACE.sub(r"told._\1", self.text).partition(" WHERE ")
        return f"{head} FROM {_told(types)} WHERE {meant} RETURNING told.place"

    def swap_adding(self, *added: "Statement") -> str:
        """The same, and beside it these inserts of one row each for every row that it changes.

        Its parameters are its own, then all columns of what is inserted. So it is whole by itself, or not at all.
        """
        types = dict(_PLACE.findall(self.text))
        inserts = []
        for number, each in enumerate(added):
            head, _, places = each.text.partition(" VALUES ")
            own = {str(len(types) + at): type for at, (_, type) in enumerate(_PLACE.findall(places), 1)}
            types |= own
            columns = ", ".join(f"_{place}" for place in own)
            inserts.append(f"added_{number} AS ({head} SELECT {columns} FROM swapped)")  # noqa: S608 - of our own words alone
        head, _, meant = _PLACE.sub(r"told._\1", self.text).partition(" WHERE ")
        swapped = f"{head} FROM {_told(types)} WHERE {meant} RETURNING told.*"
        return f"WITH swapped AS ({swapped}), {', '.join(inserts)} SELECT place FROM swapped"  # noqa: S608 - of our own words alone


def in_one(texts: Sequence[str]) -> str:
    """The text that carries all of these out at once, for their parameters one after the other. None sees another's."""
    told: list[str] = []
    before = 0
    for text in texts:
        first, count = before, len(set(_NUMBER.findall(text)))
        told.append(_NUMBER.sub(lambda place, first=first: f"${int(place[1]) + first}", text))  # type: ignore[misc]
        before += count
    *others, last = told
    return f"WITH {', '.join(f'_{at} AS ({text})' for at, text in enumerate(others))} {last}" if others else last


def _told(types: Mapping[str, str]) -> str:
    """The arrays that are the parameters, as a table: a column for each, and the place."""
    places = sorted(types, key=int)
    arrays = ", ".join(f"${place}::{types[place]}[]" for place in places)
    return f"unnest({arrays}) WITH ORDINALITY AS told({', '.join(f'_{place}' for place in places)}, place)"


class Uncompiled(Statement):
    """One that is compiled when it is first used: all of them take as long as opening a database does otherwise."""

    def __init__(self, make: Callable[[], ClauseElement], dialect: Dialect) -> None:
        self._make = make
        self._dialect = dialect

    @property
    def text(self) -> str:  # type: ignore[override]
        return Uncompiled._compiled(self).text  # by the class: another thread may just have made it a Statement

    @property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        return Uncompiled._compiled(self).names

    def _compiled(self) -> Statement:
        made = compiled(self._make(), self._dialect)
        vars(self).update(text=made.text, names=made.names)
        self.__class__ = Statement  # type: ignore[assignment]  # every request asks for its words: they are just there
        return self


def compiled(statement: ClauseElement, dialect: Dialect) -> Statement:
    """This statement in the words of one database. Every value in it is a named parameter, or spelled out."""
    made = statement.compile(dialect=dialect)
    if nameless := [name for name, value in made.params.items() if value is not None]:
        raise TypeError(f"values without a name of their own: {nameless} in {made}")
    return Statement(str(made), tuple(made.positiontup or ()))  # type: ignore[attr-defined]  # of SQLCompiler
