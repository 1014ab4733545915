"""One list, as it can be asked for: narrowed by any of its conditions, a page of it or how many rows there are."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Dialect, Select, bindparam, func, literal_column, select
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.services.lists import MOST_COUNTED
from scopekeeper.store.statement import ONE, ZERO, Statement, compiled

Rows = Select[Any]

_MOST: Final[ColumnElement[int]] = literal_column(str(MOST_COUNTED + 1))


def _as_they_are(page: Rows) -> ClauseElement:
    return page


class Listing:
    """Rows in an order, and the conditions that may narrow them, by the name of what is asked.

    What is asked for makes the statement, its values are the parameters. Each is compiled at its first use and kept:
    there are as many as there are sets of conditions, whatever requests bring.
    """

    def __init__(
        self,
        rows: Rows,
        order: Sequence[ColumnElement[Any]],
        narrowing: Mapping[str, ColumnElement[bool]],
        dialect: Dialect,
        *,
        completed: Callable[[Rows], ClauseElement] = _as_they_are,
    ) -> None:
        """`completed` makes a page of its rows, where they are not all there is to be read."""
        self._rows = rows
        self._order = order
        self._narrowing = narrowing
        self._dialect = dialect
        self._completed = completed
        self._kept: dict[tuple[bool, frozenset[str]], Statement] = {}

    def page(self, asked: Collection[str]) -> Statement:
        """The first `limit` rows of those asked for."""
        return self._statement(asked, counted=False)

    def count(self, asked: Collection[str]) -> Statement:
        """How many rows are asked for; at most MOST_COUNTED + 1."""
        return self._statement(asked, counted=True)

    def _statement(self, asked: Collection[str], *, counted: bool) -> Statement:
        names = frozenset(self._narrowing.keys() & asked)
        found = self._kept.get((counted, names))
        if found is None:
            chosen = self._rows.where(*[self._narrowing[name] for name in sorted(names)])
            made = _counted(chosen) if counted else self._page(chosen)
            found = self._kept[counted, names] = compiled(made, self._dialect)
        return found

    def _page(self, chosen: Rows) -> ClauseElement:
        return self._completed(chosen.order_by(*self._order).limit(bindparam("limit")).offset(ZERO))


def _counted(chosen: Rows) -> ClauseElement:
    some = chosen.with_only_columns(ONE, maintain_column_froms=True).limit(_MOST).offset(ZERO)
    return select(func.count()).select_from(some.subquery())
