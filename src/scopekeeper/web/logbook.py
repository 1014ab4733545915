"""The log: structured, one line an event, for people or for machines. Never a secret, a code or a token in it."""

import logging
import os
import sys
from typing import Any, Final

import structlog

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def open_logbook(level: str, form: str) -> None:
    """From now on, log this and heavier things (`debug`, …, `error`) as `text` or `json`, to standard error.

    What libraries log through the standard library comes out in the same form.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
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
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # whatever standard error is at that moment
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=last, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=max(_LEVELS[level], logging.WARNING), force=True)
