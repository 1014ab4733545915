"""A row of the documentation: a field, an argument, a parameter."""

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

_NOTHING: Final = Markup()


@dataclass(frozen=True, slots=True)
class Row:
    """What `rows` (docs/parts.html) shows of one of them."""

    name: str
    type: str
    """The name of its type: `Forward`."""
    before: str = ""
    """What stands before that name: `[`."""
    after: str = ""
    """What stands behind it: `!]!`."""
    type_id: str = ""
    """The anchor at which the type is explained; empty where it needs no explanation."""
    required: bool = False
    words: Markup = _NOTHING
    """Its description, as `prose` has it."""
    facts: tuple[tuple[str, str], ...] = ()
    """What else binds it, pairs of word and value: ("Pattern", "^[0-9]+$"), ("Default", "50")."""
    deprecated: str = ""
    """Why it should not be used any more."""
    id: str = ""
    """Its own anchor."""
