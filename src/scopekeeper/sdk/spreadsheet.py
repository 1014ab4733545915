"""Texts in the cells of a table that somebody may open as a spreadsheet, which runs some of them.

It runs what begins with one of `= + - @`, which may be of full width. So a text that does, and is no number such as
+4930901820, is written behind an apostrophe, which is taken away again when it is read.
"""

import re
from typing import Final

_RUN: Final = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_DIALLED: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def guarded(text: str) -> str:
    """The text as no spreadsheet runs it."""
    return f"'{text}" if _RUN.match(text) and not _DIALLED.fullmatch(text) else text


def unguarded(cell: str) -> str:
    """The text that was guarded so."""
    return cell[1:] if cell.startswith("'") and _RUN.match(cell) else cell
