"""One process becomes two. Only one without threads and event loops may: what they held would be held for ever."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NoReturn

import structlog

log = structlog.get_logger(__name__)

HEARD: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
"""The signals that whoever looks after workers heeds."""


def forked(body: Callable[[], None]) -> int:
    """A process that does this, then ends; its id. Raises OSError.

    It heeds no Ctrl-C and no SIGHUP, which are for its maker alone, and SIGTERM waits until it lets it in.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()  # else what waits there is said twice
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    try:
        return os.fork() or _do(body)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _do(body: Callable[[], None]) -> NoReturn:
    """The new process: nothing that its maker is in the middle of goes on here."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGHUP, signal.SIGCHLD))
        body()
        code = 0
    except BaseException:
        log.exception("bug in a worker")
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        os._exit(code)


def ended(pid: int) -> int | None:
    """How this process ended: its exit code, or a signal as a negative number. None while it has not."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def in_words(code: int) -> str:
    """How a process ended that ended like this."""
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def has_terminal() -> bool:
    """Is there a terminal whose Ctrl-C would reach this process, and whose end would?"""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
