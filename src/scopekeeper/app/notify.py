"""Tells the service manager how the server stands: one datagram for each thing (`sd_notify(3)`, systemd's protocol)."""

import asyncio
import os
import socket
import time
from collections.abc import Callable, MutableMapping
from typing import Final

import structlog

log = structlog.get_logger(__name__)

_PATIENCE: Final = 1.0
"""Seconds that a service manager whose queue is full is waited for."""


class Herald:
    """Tells whoever started the server; nobody where nobody asked. That it cannot be told is no failure."""

    def __init__(self, address: str | None = None, alive_every: float | None = None) -> None:
        """`address`: a path, or the name of an abstract socket behind an `@`. `alive_every`: in seconds."""
        self._address: Final = address
        self.alive_every: Final = alive_every
        """Seconds between two signs of life; None where none are asked for."""

    @property
    def is_heard(self) -> bool:
        """Does anybody want to know?"""
        return self._address is not None

    def serving(self) -> None:
        """It serves: for the first time, or after a reload."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """It replaces what serves. When it has, it is `serving` again."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """It finishes what it has, then ends."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """Whatever serves does something."""
        self._tell("WATCHDOG=1", patience=0)  # the next one does as well, and what serves must not wait

    def _tell(self, what: str, patience: float = _PATIENCE) -> None:
        if self._address is None:
            return
        name = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as teller:
                teller.settimeout(patience)
                teller.sendto(what.encode(), os.fsencode(name))
        except OSError as failed:
            log.warning("the service manager was not told", what=what.partition("=")[0], reason=str(failed))


def herald_of(environ: MutableMapping[str, str]) -> Herald:
    """For the service manager that set these variables. They are taken out, so that no child speaks for the server."""
    address = environ.pop("NOTIFY_SOCKET", "")
    microseconds, pid = environ.pop("WATCHDOG_USEC", ""), environ.pop("WATCHDOG_PID", "")
    if not address:
        return Herald()
    if not address.startswith(("/", "@")):
        log.warning("the service manager's address is not understood; it is told nothing", address=address)
        return Herald()
    watched = microseconds.isdecimal() and int(microseconds) > 0 and pid in ("", str(os.getpid()))
    return Herald(address, int(microseconds) / 2_000_000 if watched else None)


def keep_saying(alive: Callable[[], None], every: float) -> None:
    """Say so now, and every so many seconds, for as long as the event loop lives: a loop that hangs says nothing."""
    alive()
    asyncio.get_running_loop().call_later(every, keep_saying, alive, every)
