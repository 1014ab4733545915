"""Markdown, as the generated pages need it."""

from collections.abc import Iterable


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; bars in its cells are escaped."""
    lines = (heads, ("---",) * len(heads), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows))
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
