"""The lines of a CSV file, one at a time, however long the file is. A line that cannot be read spoils no other."""

import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, TextIO

HEAD: Final = ("line", "reason")
"""What stands before the cells of lines that were set aside: such a file, once it is mended, is read like any other."""

LONGEST: Final = 1 << 17
"""Characters of a line. A longer one holds no record, and is not read into memory: it may be all of a large file."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: which of the file, and its cells; or what is wrong with it, and all of it as its one cell."""

    number: int
    cells: Sequence[str]
    fault: str = ""


class Source:
    """A file that is read from its beginning to its end, once. Raises OSError."""

    def __init__(self, path: str) -> None:
        self._file: Final = open(path, "rb")  # noqa: SIM115 - as long as it is read
        self.size: Final = os.fstat(self._file.fileno()).st_size
        """Bytes; 0 where that is not known beforehand."""
        # Half a character is kept as it is, so that the line can be set aside as it was.
        self._text: Final = io.TextIOWrapper(self._file, "utf-8-sig", "surrogateescape", newline="")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._text.close()

    def is_at(self, path: str) -> bool:
        """Is this the file at that path?"""
        return os.path.exists(path) and os.path.samestat(os.fstat(self._file.fileno()), os.stat(path))

    @property
    def place(self) -> int:
        """Bytes that are read."""
        return self._file.tell() if self._file.seekable() else 0

    def __iter__(self) -> Iterator[Line]:
        """The lines, without those that are empty."""
        lines = (_line_of(number, text) for number, text in enumerate(self._texts(), 1) if text.strip())
        first = next(lines, None)
        if first is None:
            return
        if tuple(first.cells[:2]) != HEAD:
            yield first
            yield from lines
            return
        # Their numbers are those of the file that they were set aside from; here it is told where they are now.
        if not all(map(str.isdigit, first.cells[2:])):
            yield _without_head(first)
        yield from map(_without_head, lines)

    def _texts(self) -> Iterator[str]:
        """The lines as they are; of one that is too long its beginning."""
        while text := self._text.readline(LONGEST + 1):
            yield text
            more = text
            while len(more) > LONGEST and not more.endswith("\n"):
                more = self._text.readline(LONGEST + 1)


def _line_of(number: int, text: str) -> Line:
    if len(text) > LONGEST:
        return Line(number, [text[:LONGEST]], f"The line is longer than {LONGEST} characters: this is its beginning.")
    if not text.isascii() and any("\ud800" <= each <= "\udfff" for each in text):
        return Line(number, [text.rstrip("\r\n")], "The line is not UTF-8.")
    try:
        return Line(number, next(csv.reader((text,), strict=True)))
    except csv.Error as wrong:
        return Line(number, [text.rstrip("\r\n")], f"The line is no CSV: {wrong}.")


def _without_head(line: Line) -> Line:
    return line if line.fault else Line(line.number, line.cells[2:])


class Aside:
    """Where bad lines are set aside: a file that is made when the first one comes."""

    def __init__(self, path: str) -> None:
        self.path: Final = path
        self._file: TextIO | None = None
        self._columns: Sequence[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def spoils(self) -> bool:
        """Is there a file that is something else, and would be lost? Raises OSError."""
        if not os.path.isfile(self.path):
            return False
        with open(self.path, "rb") as there:
            begins = there.readline(64)
        return begins != b"" and not begins.startswith(",".join(HEAD).encode())

    def name(self, columns: Sequence[str]) -> None:
        """What the columns are called; where nobody says so, they are numbered."""
        self._columns = columns

    def put(self, line: Line, reason: str) -> None:
        """Set a line aside. Raises OSError."""
        if self._file is None:
            self._file = open(self.path, "w", encoding="utf-8", errors="surrogateescape", newline="")  # noqa: SIM115
            columns = map(str, range(1, len(line.cells) + 1)) if self._columns is None else self._columns
            csv.writer(self._file).writerow((*HEAD, *columns))
        csv.writer(self._file).writerow((line.number, reason, *line.cells))
