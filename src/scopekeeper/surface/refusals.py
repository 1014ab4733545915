"""Why a value was refused, in words that name its field."""

import re
from ast import literal_eval
from typing import Final

import msgspec

from scopekeeper.sdk import Invalid
from scopekeeper.surface.patterns import as_written

_LONGEST_NAME: Final = 100
_LARGEST: Final = 2**63
# What the caller wrote stands in these words too: no name that it makes up may pass for the rest of the message.
_NAMED_FIELD: Final = re.compile(
    r"Object (contains unknown|missing required) field `(.*?)`(?: - at `(\$[\w.\[\]]*)`)?", re.DOTALL
)
_PATTERN: Final = re.compile(r"(Expected `str`) matching regex (.+)", re.DOTALL)


def invalid_of(error: msgspec.ValidationError) -> Invalid:
    """The same refusal with the field's path apart: `members[2].number`, or `$` for the body itself."""
    named = _NAMED_FIELD.fullmatch(str(error))
    if named is None:
        text, _, where = str(error).rpartition(" - at `")
        text, where = (text, where[:-1]) if text else (where, "$")
        return Invalid(_within(where) or "$", f"{_told(text)}.")
    path, field = _within(named[3] or "$"), named[2][:_LONGEST_NAME]
    detail = "This field is required." if named[1] == "missing required" else "There is no such field."
    return Invalid(f"{path}.{field}" if path else field, detail)


def _within(where: str) -> str:
    return where.removeprefix("$").removeprefix(".")


def _told(text: str) -> str:
    """The words of msgspec, with the pattern that it shows (as Python would) as its author wrote it."""
    shown = _PATTERN.fullmatch(text)
    return text if shown is None else f"{shown[1]} matching {as_written(literal_eval(shown[2]))}"


def require_storable(value: object, path: str) -> None:
    """Refuse what no database takes: text with NUL or half a surrogate pair, and numbers beyond 64 bit."""
    if isinstance(value, str):
        if "\0" in value or (not value.isascii() and any("\ud800" <= each <= "\udfff" for each in value)):
            raise Invalid(path, "The text has a character that cannot be kept.")
    elif isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        raise Invalid(path, "The number is too large.")
