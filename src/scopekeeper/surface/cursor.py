"""Opaque cursors: a place in a list, as both faces spell it. Nothing in one is executed: it is a key and no more."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Final

from scopekeeper.sdk import Invalid

_VERSION: Final = b"\x01"
LONGEST_CURSOR: Final = 1_024


def cursor_of(key: str) -> str:
    """The cursor that stands for the place behind this key: base64url of a version byte and the key."""
    return urlsafe_b64encode(_VERSION + key.encode()).rstrip(b"=").decode()


def key_of(cursor: str) -> str:
    """The key behind which the page begins. Raises Invalid, at `after`, for whatever `cursor_of` did not make."""
    if len(cursor) <= LONGEST_CURSOR:
        try:
            key = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).removeprefix(_VERSION).decode()
        except (Error, ValueError):
            key = ""
        if key and "\x00" not in key and cursor_of(key) == cursor:
            return key
    raise Invalid("after", "This is no cursor that was given here.")
