"""Places in lists of modules' data: what a page says of its last row, and where the next one begins.

In the order of keys a place is the key itself. In any other it says which order that is, too, and what the row has in
the field that is sorted by: so the row may change, or go, and the list goes on where it was.
"""

import math
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from scopekeeper.oauth.secrets import LARGEST_ID
from scopekeeper.sdk import Invalid

_MARK: Final = "\x1f"
"""How a place begins that is more than a key."""

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(tuple[str, str, Any]).decode


@dataclass(frozen=True, slots=True)
class Place:
    """The row behind which a page begins: its key, and its value as the column has it."""

    key: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Ordering:
    """The order of a list: a field and then the key, or the key alone where that is the field."""

    sort: str
    descending: bool
    key: str
    type: type
    """Of what the column of the field holds."""

    @property
    def by_key(self) -> bool:
        """Is it an order of keys alone?"""
        return self.sort == self.key

    def place_of(self, key: str, value: Any) -> str:
        """The place of the row with this key, and this value in the field, as text."""
        if self.by_key and not self.descending and not key.startswith(_MARK):
            return key
        return _MARK + _encode((self._name, key, None if self.by_key else value)).decode()

    def place(self, text: str | None) -> Place | None:
        """The place that this text tells. Raises Invalid, at `after`, where it is none in this order."""
        if text is None:
            return None
        name, key, value = self._told(text)
        if name != self._name or (value is not None and not self._fits(value)):
            raise Invalid("after", "This cursor was given for a list in another order.")
        return Place(key, None if value is None else self.type(value))

    def rank(self, key: str, value: Any) -> tuple[Any, ...]:
        """By which rows are put in order: what is empty first."""
        return (key,) if self.by_key else (value is not None, 0 if value is None else value, key)

    @property
    def _name(self) -> str:
        return f"{'-' if self.descending else '+'}{self.sort}"

    def _told(self, text: str) -> tuple[str, str, Any]:
        if not text.startswith(_MARK):
            return f"+{self.key}", text, None
        try:
            return _decode(text.removeprefix(_MARK))
        except (msgspec.DecodeError, ValueError, RecursionError):
            raise Invalid("after", "This is no cursor that was given here.") from None

    def _fits(self, value: Any) -> bool:
        """Can a column of this type hold it? Whoever makes up a cursor finds nothing by it that it cannot ask for."""
        if self.by_key:
            return False
        if self.type is float:
            return type(value) is float and math.isfinite(value)
        if self.type in (int, bool):
            return isinstance(value, int) and -LARGEST_ID - 1 <= value <= LARGEST_ID
        return isinstance(value, self.type)
