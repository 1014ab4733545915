"""Lists to take away, as CSV (RFC 4180) or JSON: all that the filters match, written as it is read."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

import msgspec

from scopekeeper.wire.reply import Headers
from scopekeeper.wire.streamed import Streamed

Row = Mapping[str, object]

_CHUNK: Final = 200
"""Rows that are written at once."""

_FORMULA: Final = (
    *("=", "+", "-", "@", "\t", "\r", "\n"),
    *("\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}"),
    *("\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}"),
)
"""How a formula begins; in East Asian settings of spreadsheets the wide forms do, too."""

_encode: Final = msgspec.json.Encoder().encode


def csv_file(name: str, columns: Sequence[str], rows: AsyncIterator[Row]) -> Streamed:
    """A table with a line for each row. `columns` are the rows' keys, and the words of the first line."""
    return Streamed(_lines(columns, rows), _headers(f"{name}.csv", b"text/csv; charset=utf-8"))


def json_file(name: str, rows: AsyncIterator[Row]) -> Streamed:
    """An array with an object for each row."""
    return Streamed(_objects(rows), _headers(f"{name}.json", b"application/json"))


async def _lines(columns: Sequence[str], rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    written = 0
    async for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])
        written += 1
        if written % _CHUNK == 0:
            yield _torn_off(text)
    yield _torn_off(text)


async def _objects(rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    gathered: list[bytes] = []
    before = b"["
    async for row in rows:
        gathered.append(_encode(row))
        if len(gathered) == _CHUNK:
            yield before + b",\n".join(gathered)
            before, gathered = b",\n", []
    if gathered:
        yield before + b",\n".join(gathered) + b"]\n"
    else:
        yield b"[]\n" if before == b"[" else b"]\n"


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: people write what stands in it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        value = _encode(value).decode()
    elif isinstance(value, (list, tuple)):
        value = " ".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _torn_off(text: io.StringIO) -> bytes:
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written


def _headers(name: str, kind: bytes) -> Headers:
    return (
        (b"content-type", kind),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", b"default-src 'none'; sandbox"),
    )
