"""Waiting until something is so, and never for a fixed time."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import httpx2

T = TypeVar("T")

PATIENCE: Final = 60.0
"""Seconds that whatever is waited for may take, however busy the machine is."""


def until(look: Callable[[], T | None]) -> T:
    """Wait until this is true, and return it. A server that is not there just now tells nothing."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            found = look()
        except httpx2.TransportError:
            found = None
        if found:
            return found
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
