"""The lines of a file that is imported: where each stands, and what it says, or why it cannot be read."""

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from scopekeeper.cli.bulk.format import Format, of_text
from scopekeeper.cli.output import Refused
from scopekeeper.sdk import Invalid
from scopekeeper.surface.bulk.entries import Entry, Item, Row, Sheet
from scopekeeper.surface.bulk.plan import Plan

Line = tuple[int, Entry | Invalid]


class Source(Protocol):
    """A file, read once."""

    total: int
    """How many lines there are, about."""

    def __iter__(self) -> Iterator[Line]: ...


def source_of(plan: Plan, file: Path, format: Format | None) -> Source:
    """The lines of the file, or of standard input (`-`). Raises Refused for what is no such file as a whole."""
    name, text = ("standard input", sys.stdin.buffer.read()) if str(file) == "-" else (str(file), file.read_bytes())
    return (JsonSource if (format or of_text(text)) == "json" else CsvSource)(plan, name, text)


class CsvSource:
    """Implements `Source`. UTF-8, with commas, semicolons or tabs between cells, whichever the header has most of."""

    def __init__(self, plan: Plan, name: str, text: bytes) -> None:
        try:
            decoded = text.decode("utf-8-sig")
        except UnicodeDecodeError as wrong:
            line = text.count(b"\n", 0, wrong.start) + 1
            raise Refused(f"{name}: line {line} is not UTF-8: save the file as CSV in UTF-8") from None
        header = decoded.partition("\n")[0]
        self._rows = csv.reader(io.StringIO(decoded, newline=""), delimiter=max(",;\t", key=header.count))
        self.total = text.count(b"\n")
        try:
            self._sheet = Sheet(plan, next(self._rows, []))
        except Invalid as wrong:
            told = f"{wrong.path}: {wrong.detail} The columns there are: {', '.join(sorted(plan.known))}"
            raise Refused(f"{name}: the header: {told}") from None
        except csv.Error as wrong:
            raise Refused(f"{name}: the header: {wrong}") from None

    def __iter__(self) -> Iterator[Line]:
        while True:
            place = self._rows.line_num + 1
            try:
                cells = next(self._rows, None)
                if cells is None:
                    return
                if cells:
                    yield place, Row(self._sheet, cells)
            except csv.Error as wrong:
                yield place, Invalid("", f"The line is no CSV: {wrong}.")
            except Invalid as wrong:
                yield place, wrong


class JsonSource:
    """Implements `Source`: an array of objects. Where one stands is told by counting them, from 1."""

    def __init__(self, plan: Plan, name: str, text: bytes) -> None:
        self._plan = plan
        try:
            self._items = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"), type=list[msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            raise Refused(f"{name} is no JSON array: {wrong}") from None
        self.total = len(self._items)

    def __iter__(self) -> Iterator[Line]:
        for place, raw in enumerate(self._items, start=1):
            try:
                yield place, Item(self._plan, msgspec.json.decode(raw))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
                yield place, Invalid("", f"This is no JSON: {wrong}.")
            except Invalid as wrong:
                yield place, wrong
