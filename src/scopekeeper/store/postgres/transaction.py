"""The transactions of PostgreSQL's writer: serializable, so that a decision sees no half of another one's work.

Those of swaps are not, for which PostgreSQL would find a conflict between any two that touch the same page of an index:
a swap holds the rows that it goes by (ADR 33).

Its methods are called in a greenlet, and let the event loop go on while the database works: so the decisions are the
same functions as on SQLite.
"""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, Final, TypeVar

from asyncpg import IntegrityConstraintViolationError, PostgresError, ReadOnlySQLTransactionError
from sqlalchemy.util import await_only

from scopekeeper.services.ports import Taken
from scopekeeper.store.postgres.connection import BY_KEY, LOCK_TIMEOUT, Connection
from scopekeeper.store.postgres.errors import BETWEEN, DRIVER, WAITED, lost, reason_of, told
from scopekeeper.store.rows import Row
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements
from scopekeeper.store.transaction import NOTHING_MORE, Adding, Again, Entangled, Parameters, Swap, Violation

T = TypeVar("T")

_SERIALIZABLE: Final = "BEGIN ISOLATION LEVEL SERIALIZABLE"
_COMMITTED: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"
_PINNED: Final = "".join(
    f"; SET LOCAL {name} = {value}" for name, value in {"lock_timeout": f"'{LOCK_TIMEOUT}'", **BY_KEY}.items()
)
_UNLESS_KEPT: Final = " ON CONFLICT DO NOTHING"
_UNLESS_THERE: Final = f"{_UNLESS_KEPT} RETURNING id"


class PostgresTransaction:
    """Implements `Transaction` on a connection.

    With `pinned` nothing is done outside of BEGIN and COMMIT, and each transaction says how long it waits for a lock.
    With `swaps` it is for tokens and swaps alone. Where those have to be done one by one, it is serializable, too.
    """

    __slots__ = (
        "_committing",
        "_connection",
        "_gathered",
        "_pinned",
        "_swaps",
        "_written",
        "changed",
        "open",
        "read_only",
        "sound",
        "sql",
        "together",
    )

    def __init__(self, connection: Connection, sql: Statements, *, pinned: bool, swaps: bool = False) -> None:
        self.sql = sql
        self.open = False
        self.sound = True
        """Can the connection be used after it?"""
        self.read_only = False
        """Does the server take no writes?"""
        self.changed = False
        """Has it raised the number of changes?"""
        self.together = False
        self._connection = connection
        self._pinned = pinned
        self._swaps = swaps
        self._committing = False
        self._written = 0
        self._gathered: dict[Statement, list[Row]] = {}

    @property
    def written(self) -> int:
        return self._written + sum(map(len, self._gathered.values()))

    def insert_alone(self, rows: Sequence[Row]) -> bool:
        """One statement is a transaction of its own: all of them, or none."""
        if self._pinned:
            return False
        self._committing = True
        try:
            self._insert(self.sql.add_token, rows)
        except Violation:
            return False
        except (PostgresError, ValueError) as error:  # the driver's own word for a value that no column can hold
            if lost(error) or isinstance(error, WAITED) or self._connection.is_closed():
                raise
            return False
        finally:
            self._committing = False
        return True

    def swap_alone(self, statement: Statement, swaps: Sequence[Swap]) -> list[bool] | None:
        """One statement is a transaction of its own, if no session has to be held before it."""
        rows = [each.parameters for each in swaps]
        distinct = len({row["of_row"] for row in rows}) == len(rows)
        if self._pinned or not self._swaps or not distinct or any(row.get("session") is not None for row in rows):
            return None
        self.together = self._committing = True
        try:
            return self.swap(statement, rows, Adding.of(swaps[0].added(self.sql), swaps))
        except Violation:
            return None
        except (PostgresError, ValueError) as error:
            if lost(error) or isinstance(error, WAITED) or self._connection.is_closed():
                raise
            return None
        finally:
            self._committing = False

    def begin(self, *, together: bool) -> None:
        self.together = together
        self._gathered = {}
        begin = _COMMITTED if self._swaps and together else _SERIALIZABLE
        self._execute(begin + _PINNED if self._pinned else begin)
        self.open = True

    def insert_tokens(self, rows: Sequence[Row]) -> list[Exception | None]:
        """All at once; where one of them can in no way be kept, each by itself."""
        if self.together:
            return self._insert_tokens(rows)
        refusals: list[Exception | None] = []
        for row in rows:
            self.set_apart()
            (refusal,) = self._insert_tokens([row])
            if refusal is not None:
                self.undo()
            self.keep()
            refusals.append(refusal)
        return refusals

    def commit(self) -> None:
        """Put it all on the disk. Raises Entangled, Again."""
        self.insert()
        self._committing = True
        try:
            status = self._done(self._connection.execute("COMMIT"))
        finally:
            self._committing = False
        if status != "COMMIT":  # PostgreSQL's way to say that something had failed in it
            raise Entangled
        self.open = False

    def rollback(self) -> None:
        self.open = False
        if self.sound and not self._connection.is_closed():
            with suppress(*DRIVER):
                await_only(self._connection.execute("ROLLBACK"))

    def set_apart(self) -> None:
        self._execute("SAVEPOINT decision")

    def undo(self) -> None:
        self._gathered = {}
        self._execute("ROLLBACK TO SAVEPOINT decision")

    def keep(self) -> None:
        self._execute("RELEASE SAVEPOINT decision")

    def told(self, error: Exception) -> Exception:
        return told(error)

    def add(self, statement: Statement, row: Row) -> None:
        if self.together:
            self._gathered.setdefault(statement, []).append(row)
        else:
            self._execute(statement.text, row)

    def insert(self) -> None:
        """Insert what is gathered. Raises Entangled where one of the rows cannot be, Again."""
        gathered, self._gathered = self._gathered, {}
        if not gathered:
            return
        columns = [list(column) for rows in gathered.values() for column in zip(*rows, strict=True)]
        try:
            self._done(self._connection.fetch(self.sql.of_arrays(*gathered), *columns))
            # Else what another decision writes next would not be seen to be written.
            self._written += sum(map(len, gathered.values()))
        except (Again, *WAITED):
            raise
        except Exception as error:
            raise Entangled from error

    def swap(self, statement: Statement, rows: Sequence[Parameters], adding: Adding = NOTHING_MORE) -> list[bool]:
        """Those of different rows at once: where several told of one, an UPDATE would take any of them.

        In the order of their keys, so that no two processes wait for one another.
        """
        if self._swaps and self.together:
            self._hold_sessions(rows)
        changed = [False] * len(rows)
        waiting = sorted(enumerate(rows), key=_key_of)
        while waiting:
            first = {row["of_row"]: (place, row) for place, row in reversed(waiting)}
            places = [place for place, _ in first.values()]
            more = Adding(adding.inserts, [adding.values[place] for place in places]) if adding.inserts else adding
            for at in self._swap(statement, [row for _, row in first.values()], more):
                changed[places[at]] = True
            waiting = [(place, row) for place, row in waiting if first[row["of_row"]][0] != place]
        return changed

    def run(self, statement: Statement, **parameters: object) -> int:
        self.insert()
        self.changed = self.changed or statement is self.sql.raise_changes
        return self._execute(statement.text, statement.places(parameters))

    def run_each(self, statement: Statement, rows: Iterable[Mapping[str, object]]) -> None:
        self.insert()
        if places := list(map(statement.places, rows)):
            self._written += len(places)
            self._done(self._connection.executemany(statement.text, places))

    def append(self, statement: Statement, rows: Sequence[Row]) -> int:
        self.insert()
        columns = [list(column) for column in zip(*rows, strict=True)]
        return self._execute(self.sql.of_arrays(statement) + _UNLESS_KEPT, columns) if rows else 0

    def rows(self, statement: Statement, **parameters: object) -> list[Any]:
        self.insert()
        return self._done(self._connection.fetch(statement.text, *statement.places(parameters)))

    def rows_each(self, statement: Statement, asked: Sequence[Mapping[str, object]]) -> list[list[Any]]:
        """The rows that the statement finds for each of these, of one round trip."""
        text = statement.rows_of_arrays if len(asked) > 1 else None
        if text is None:
            return [self.rows(statement, **each) for each in asked]
        self.insert()
        columns = [list(column) for column in zip(*map(statement.places, asked), strict=True)]
        rows: list[list[Any]] = [[] for _ in asked]
        for row in self._done(self._connection.fetch(text, *columns)):
            rows[row[0] - 1].append(row[1:])
        return rows

    def _hold_sessions(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """See to it that whoever ends one of these sessions meanwhile does so anew, and finds what begins in it.

        A lock would do for those who come later; that they were changed is noticed by those who came before.
        """
        sessions = sorted({row["session"] for row in rows if row.get("session") is not None})
        if sessions:
            self._swap(self.sql.grants.hold_session, [{"of_row": each} for each in sessions])

    def _swap(self, statement: Statement, rows: Sequence[Parameters], adding: Adding = NOTHING_MORE) -> list[int]:
        """Which of them were changed, by their places."""
        inserts = adding.inserts
        if len(rows) == 1 and not (inserts and self.together):
            changed = [0] * self._execute(statement.text, statement.places(rows[0]))
            for insert, row in zip(inserts, adding.values[0], strict=True) if inserts and changed else ():
                self.add(insert, row)
            return changed
        told: Iterable[Row] = map(statement.places, rows)
        if inserts:
            told = ((*own, *chain.from_iterable(of_one)) for own, of_one in zip(told, adding.values, strict=True))
        columns = [list(column) for column in zip(*told, strict=True)]
        found = self._done(self._connection.fetch(self.sql.swap_of_arrays(statement, *inserts), *columns))
        self._written += len(found) * (1 + len(inserts))
        return [place - 1 for (place,) in found]

    def _insert_tokens(self, rows: Sequence[Row]) -> list[Exception | None]:
        try:
            found = self._insert(self.sql.add_token, rows, _UNLESS_THERE)
        except Violation as refused:
            raise Entangled from refused
        except (PostgresError, ValueError) as error:
            self._require_going_on(error)
            if self.together:
                raise Entangled from error
            return [told(error)]
        inserted = {row_id for (row_id,) in found}
        self._written += len(inserted)
        return [_taken(row, inserted) for row in rows]

    def _insert(self, statement: Statement, rows: Sequence[Row], ending: str = "") -> list[Any]:
        columns = [list(column) for column in zip(*rows, strict=True)]
        return self._done(self._connection.fetch(self.sql.of_arrays(statement) + ending, *columns))

    def _execute(self, text: str, places: Sequence[object] = ()) -> int:
        """How many rows it changed."""
        _, _, count = self._done(self._connection.execute(text, *places)).rpartition(" ")
        changed = int(count) if count.isdigit() else 0
        self._written += changed
        return changed

    def _done(self, work: Awaitable[T]) -> T:
        try:
            return await_only(work)
        except DRIVER as error:
            self._written += 1  # a transaction in which something failed can only be undone
            self._require_going_on(error)
            if isinstance(error, IntegrityConstraintViolationError):
                raise Violation(reason_of(error)) from error
            raise

    def _require_going_on(self, error: Exception) -> None:
        """Raises Again where all of it is to be done anew; where nobody knows whether it was committed, the error."""
        gone = lost(error) or self._connection.is_closed()
        self.sound = self.sound and not gone and not isinstance(error, TimeoutError)
        self.read_only = self.read_only or isinstance(error, ReadOnlySQLTransactionError)
        if isinstance(error, WAITED) or (gone and self._committing and not self.read_only):
            self.open = False
            raise error
        if gone or isinstance(error, BETWEEN):
            self.open = False
            raise Again(reason_of(error)) from error


def _key_of(each: tuple[int, Mapping[str, Any]]) -> Any:
    return each[1]["of_row"]


def _taken(row: Row, inserted: set[int]) -> Exception | None:
    """Why this token was not inserted, if it was not. Of two with one row id, the first was."""
    if row[0] in inserted:
        inserted.discard(row[0])
        return None
    return Taken("there is a token with this row id already")
