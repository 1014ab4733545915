"""What a decision is given to carry itself out: one open transaction, on whichever database it is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol, Self, TypeVar

from msgspec import Struct

from scopekeeper.services.ports import Taken
from scopekeeper.store.rows import Row
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements

T = TypeVar("T")


class Entangled(Exception):
    """Something failed half-way among the work of several decisions: it is to be undone, and done again one by one."""


class Again(Exception):
    """Somebody else's transaction came between: all of it is to be undone, and done again."""


class Violation(Exception):
    """The database refused a row: its key is there already, or it refers to what is not there, or is referred to."""


Parameters = Mapping[str, object]


class Adding(Struct, frozen=True):
    """What is added where rows are swapped: the inserts, and for each of those rows the new row of each insert."""

    inserts: tuple[Statement, ...] = ()
    values: Sequence[Sequence[Row]] = ()

    @classmethod
    def of(cls, inserts: tuple[Statement, ...], swaps: "Sequence[Swap]") -> Self:
        """What these add, by the inserts that all of them have."""
        return cls(inserts, [each.values for each in swaps])


NOTHING_MORE: Final = Adding()


class Transaction(Protocol):
    """One transaction after the other, on the connection of one writer.

    While it carries out decisions together, what they add is gathered and inserted at once: at the end, and before
    anything is done or asked that could look for it. Else each row is inserted by itself, and whoever adds what is
    there already hears of it. Whatever cannot be done raises Violation, Again, Entangled or an error of the driver.
    """

    @property
    def sql(self) -> Statements:
        """The statements, in the words of this database."""
        ...

    @property
    def open(self) -> bool:
        """Is it under way? The database may have given it up by itself."""
        ...

    @property
    def written(self) -> int:
        """Rises with each row that is changed, or is to be, and with all that cannot be left as it is."""
        ...

    def insert_alone(self, rows: Sequence[Row]) -> bool:
        """Insert these tokens in a transaction of their own; False where that cannot be: then nothing was done."""
        ...

    def swap_alone(self, statement: Statement, swaps: "Sequence[Swap]") -> list[bool] | None:
        """Swap these, which have nothing to be done after, in a transaction of their own; was each of them changed?

        None where that cannot be: then nothing was done.
        """
        ...

    def begin(self, *, together: bool) -> None:
        """Begin. What was gathered for a transaction that failed is dropped."""
        ...

    def insert_tokens(self, rows: Sequence[Row]) -> list[Exception | None]:
        """Insert these tokens; why each of them could not be, or None."""
        ...

    def commit(self) -> None:
        """Put it all on the disk."""
        ...

    def rollback(self) -> None:
        """Undo all of it. Nothing is raised where that is done already, or cannot be done."""
        ...

    def set_apart(self) -> None:
        """From here on, what a decision does can be undone by itself."""
        ...

    def undo(self) -> None:
        """Undo what was done since it was set apart."""
        ...

    def keep(self) -> None:
        """Keep what was done since it was set apart."""
        ...

    def told(self, error: Exception) -> Exception:
        """What the services hear of an error."""
        ...

    def add(self, statement: Statement, row: Row) -> None:
        """Insert a row, whose values stand in the order of the columns."""
        ...

    def swap(self, statement: Statement, rows: Sequence[Parameters], adding: Adding = NOTHING_MORE) -> list[bool]:
        """Change rows that were there before this transaction, whatever is gathered; was each of them changed?

        The parameter `of_row` is the key of its row. Of those that change the same one, each finds what the last left.
        What goes with each that was changed is added.
        """
        ...

    def run(self, statement: Statement, **parameters: object) -> int:
        """Carry a statement out; how many rows it changed."""
        ...

    def run_each(self, statement: Statement, rows: Iterable[Mapping[str, object]]) -> None:
        """Carry a statement out once for each."""
        ...

    def append(self, statement: Statement, rows: Sequence[Row]) -> int:
        """Insert those of these rows whose key is not there yet, the first of two that have one; how many."""
        ...

    def rows(self, statement: Statement, **parameters: object) -> list[Any]:
        """The rows that it finds."""
        ...


Decision = Callable[[Transaction], T]
"""What is to be done in a transaction. It begins with its compare-and-swap, and writes nothing more once it lost."""


class Swap(Struct, frozen=True):
    """A decision in two halves: one row is compared and swapped, and then comes what depends on whether it was.

    So the first halves of those that wait together can be one statement, and with it what each of them adds. Called, it
    is a decision like any other.
    """

    statement: Callable[[Statements], Statement]
    parameters: Parameters
    adds: Sequence[tuple[Callable[[Statements], Statement], Row]]
    """What is inserted if it was swapped. Raises Taken where the key of one of these is there already."""
    lost: Callable[[Transaction], Exception]
    """Why it was not. Nothing is written for that."""
    after: Callable[[Transaction], None] | None = None
    """What else is done if it was."""

    def added(self, sql: Statements) -> tuple[Statement, ...]:
        """The inserts."""
        return tuple([statement(sql) for statement, _ in self.adds])

    @property
    def values(self) -> tuple[Row, ...]:
        """Their rows."""
        return tuple([row for _, row in self.adds])

    def __call__(self, t: Transaction) -> None:
        """Carry out both halves."""
        try:
            (changed,) = t.swap(self.statement(t.sql), [self.parameters], Adding.of(self.added(t.sql), [self]))
        except Violation as error:
            raise Taken("one of the row ids of what is to be added is there already") from error
        self.follow(t, changed)

    def follow(self, t: Transaction, changed: bool) -> None:
        """Carry out the second half."""
        if not changed:
            raise self.lost(t)
        if self.after is not None:
            self.after(t)
