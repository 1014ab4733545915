"""A statement as the driver takes it, compiled once from what SQLAlchemy Core describes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Dialect, literal_column
from sqlalchemy.sql.elements import ClauseElement

ONE: Final[ColumnElement[int]] = literal_column("1")
ZERO: Final[ColumnElement[int]] = literal_column("0")


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


def compiled(statement: ClauseElement, dialect: Dialect) -> Statement:
    """This statement in the words of one database. Every value in it is a named parameter, or spelled out."""
    made = statement.compile(dialect=dialect)
    if nameless := [name for name, value in made.params.items() if value is not None]:
        raise TypeError(f"values without a name of their own: {nameless} in {made}")
    return Statement(str(made), tuple(made.positiontup or ()))  # type: ignore[attr-defined]  # of SQLCompiler
