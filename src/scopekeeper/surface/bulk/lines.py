"""Records as lines of a table (RFC 4180): a column for each field, and `outer.inner` for those of a record within.

What is empty is an empty cell; lists and what else has no one value are JSON in one cell. A text that a spreadsheet
would run stands behind an apostrophe, as in files that are moved in bulk.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from scopekeeper.sdk import DeclarationError
from scopekeeper.surface.bulk.cells import cells_of
from scopekeeper.surface.bulk.columns import columns_of, leaves_of
from scopekeeper.surface.bulk.kinds import plain


class Lines:
    """How records of one type are written. Raises DeclarationError for one that contains itself: it has no columns."""

    def __init__(self, record: type) -> None:
        try:
            self._columns = columns_of(record)
        except RecursionError:
            raise DeclarationError(f"the record {record.__qualname__} contains itself, so no list of it ends") from None

    def head(self) -> bytes:
        """The first line: the names of the columns."""
        return _written([[leaf.name for leaf in leaves_of(self._columns)]])

    def of(self, records: Iterable[Any]) -> bytes:
        """A line for each of these records."""
        return self.of_plain(map(plain, records))

    def of_plain(self, records: Iterable[Mapping[str, Any]]) -> bytes:
        """A line for each of these records, as JSON has them."""
        return _written([cell for _, cell in cells_of(self._columns, record)] for record in records)


def _written(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
