"""The log: structured, one line an event, for people or for machines. Never a secret, a code or a token in it."""

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import structlog
from structlog.typing import EventDict

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def open_logbook(level: str, form: str, *, worker: int | None = None) -> None:
    """From now on, log this and heavier things (`debug`, …, `error`) as `text` or `json`, to standard error.

    What libraries log through the standard library comes out in the same form. Each line names the worker, if there are
    several, and leaves in one piece, so that no other's gets into it. A line that cannot be written is lost.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        *([] if worker is None else [_of(worker)]),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Any
    if form == "json":
        shared.append(structlog.processors.format_exc_info)
        last = structlog.processors.JSONRenderer()
    else:
        # Tracebacks without the frames' variables: among those are tokens.
        plain = structlog.dev.plain_traceback
        colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        last = structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=lambda *_: _Pen(sys.stderr),  # whatever standard error is at that moment
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=last, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=max(_LEVELS[level], logging.WARNING), force=True)


class _Pen(structlog.WriteLogger):
    """Writes lines. Whoever reads them may go away, and the disk be full: no request fails for that, and no server."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def _of(worker: int) -> Callable[[object, str, EventDict], EventDict]:
    """Adds the worker's number: not as a context, for threads have their own."""

    def named(_: object, method: str, event: EventDict) -> EventDict:
        return {"worker": worker, **event}

    return named
