"""The one table: for the eye in a terminal, and as Markdown."""

from collections.abc import Sequence
from typing import Final

from bench.summary import Row

COLUMNS: Final = ("", "workload", "req/s", "req/CPU-s", "ratio", "must", "aim", "p50 ms", "p99 ms", "errors", "RSS MB")
_WORDS: Final = 2
"""How many columns are words, and stand to the left."""


def text_table(rows: Sequence[Row]) -> str:
    """Columns with two spaces between them."""
    lines = [COLUMNS, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index < _WORDS else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def markdown_table(rows: Sequence[Row]) -> str:
    """The same as Markdown."""
    return markdown(COLUMNS, list(map(_cells, rows)), words=_WORDS)


def markdown(columns: Sequence[str], lines: Sequence[Sequence[str]], *, words: int = 1) -> str:
    """A table, of which the first columns are words; figures stand to the right."""
    rule = ["---" if index < words else "---:" for index in range(len(columns))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (columns, rule, *lines))


def thousands(number: float) -> str:
    """A whole number, with spaces between its thousands."""
    return f"{number:,.0f}".replace(",", " ")


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.subject,
        row.workload,
        _rounded(row.per_second),
        _rounded(row.per_cpu_second),
        _ratio(row.ratio) + (" missed" if row.missed else ""),
        _ratio(row.must),
        _ratio(row.aim),
        f"{row.p50_ms:.2f}",
        f"{row.p99_ms:.2f}",
        str(row.errors),
        f"{row.resident_mb:.0f}",
    )


def _rounded(number: float) -> str:
    """Three figures are all that a run is good for."""
    return thousands(float(f"{number:.3g}"))


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"
