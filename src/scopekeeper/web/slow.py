"""Slow requests are told in the log. Their causes are told by whoever finds them: app/stalls.py, store/slow.py."""

from typing import Final

import structlog

log = structlog.get_logger(__name__)

SLOW: Final = 0.25
"""Seconds from which on a request is told of, however it ended."""


def tell_slow(endpoint: str, seconds: float, request_id: str) -> None:
    """One line about a request that took so long."""
    log.info("slow", endpoint=endpoint, milliseconds=round(seconds * 1_000), request_id=request_id)
