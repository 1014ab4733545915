"""Taking records in from files: how a line of a file becomes a record of a table.

    api.intake(calls, {"ours": ours, "asterisk": asterisk}, owners={"callee_owner": ("extensions", "callee")})

A module says what lines mean. Reading files, a record on each line, and writing hundreds of records at once is the
command line's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Generic, TypeVar

from scopekeeper.sdk.table import Table

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Begun(Generic[R]):
    """How the lines of one file are read, as its first line told."""

    read: Callable[[Sequence[str]], R]
    """Makes a record of the cells of one line. Raises Invalid, with the name of the column where one is wrong."""
    headed: bool = False
    """Does the first line only name the columns?"""


Format = Callable[[Sequence[str], tzinfo], Begun[R]]
"""Given the cells of a file's first line, and the zone of times that say none. Raises Invalid for another format."""


@dataclass(frozen=True, slots=True)
class Intake(Generic[R]):
    """What can be taken in from files: records of a table, by the formats' names."""

    table: Table[R]
    formats: Mapping[str, Format[R]]
    owners: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Of a field that says whose a record is: the table, and the field that names the row of it which has the owner."""

    def owned(self, record: R) -> Mapping[str, tuple[str, Any]]:
        """Of each field that says whose the record is: the table, and the key of the row to ask."""
        return {name: (table, getattr(record, key)) for name, (table, key) in self.owners.items()}
