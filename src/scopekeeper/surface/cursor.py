"""Opaque cursors: a place in a list, as both faces spell it. Nothing in one is executed.

A place is a key; or, in a list that is in another order than that of keys, what that list says of its last item, by
which it knows it again (`store/places.py`).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Final

from scopekeeper.sdk import Invalid

_VERSION: Final = b"\x01"
LONGEST_CURSOR: Final = 8_192


def cursor_of(key: str) -> str:
    """The cursor that stands for what is behind this place: base64url of a version byte and the place."""
    return urlsafe_b64encode(_VERSION + key.encode()).rstrip(b"=").decode()


def key_of(cursor: str) -> str:
    """The place behind which the page begins. Raises Invalid, at `after`, for whatever `cursor_of` did not make."""
    if len(cursor) <= LONGEST_CURSOR:
        try:
            key = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).removeprefix(_VERSION).decode()
        except (Error, ValueError):
            key = ""
        if key and "\x00" not in key and cursor_of(key) == cursor:
            return key
    raise Invalid("after", "This is no cursor that was given here.")
