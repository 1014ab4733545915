"""Where tests keep what they write: in memory where there is enough of it, for a disk is waited for at each commit."""

import os
from pathlib import Path
from typing import Final

ENOUGH: Final = 2**32
"""Bytes that have to be free: more than all tests together write, and more than a container of itself has there."""

_PLACE: Final = Path("/dev/shm")


def in_memory() -> Path | None:
    """A folder in memory, for whatever may be lost; None where there is none, or nothing can be run from it."""
    try:
        there = os.statvfs(_PLACE)
    except OSError:
        return None
    roomy = there.f_bavail * there.f_frsize >= ENOUGH
    return _PLACE if roomy and os.access(_PLACE, os.W_OK) and not there.f_flag & os.ST_NOEXEC else None
