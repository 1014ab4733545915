"""How lines are written: as CSV (RFC 4180, but for the line feed alone), or as one JSON array with an object a line."""

import csv
from collections.abc import Mapping
from typing import IO, Any, Final, Protocol

import msgspec

from scopekeeper.surface.bulk.cells import cells_of
from scopekeeper.surface.bulk.plan import Plan


class Writer(Protocol):
    """Writes lines, and what belongs before and after."""

    def write(self, told: Mapping[str, Any]) -> None:
        """One extension, as JSON has it."""
        ...

    def end(self) -> None:
        """There are no more."""
        ...


class CsvWriter:
    """Implements `Writer`."""

    def __init__(self, plan: Plan, out: IO[bytes]) -> None:
        self._plan = plan
        self._rows = csv.writer(_Encoded(out), lineterminator="\n")
        self._rows.writerow(plan.header)

    def write(self, told: Mapping[str, Any]) -> None:
        row = [told[self._plan.key]]
        for part in self._plan.parts:
            row += [cell for _, cell in cells_of(part.columns, told[part.name] if part.name else told)]
        self._rows.writerow(row)

    def end(self) -> None:
        """Nothing follows."""


class JsonWriter:
    """Implements `Writer`."""

    def __init__(self, plan: Plan, out: IO[bytes]) -> None:
        self._out = out
        self._before = b"[\n  "

    def write(self, told: Mapping[str, Any]) -> None:
        self._out.write(self._before + msgspec.json.encode(told))
        self._before = b",\n  "

    def end(self) -> None:
        self._out.write(b"[]\n" if self._before.startswith(b"[") else b"\n]\n")


WRITERS: Final[Mapping[str, Any]] = {"csv": CsvWriter, "json": JsonWriter}


class _Encoded:
    """What csv writes to."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def write(self, text: str) -> int:
        return self._out.write(text.encode())
