"""Slow commits are told in the log, with what was in them: whoever waited for one finds the cause there."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

import structlog

from scopekeeper.store.transaction import Decision, Swap

log = structlog.get_logger(__name__)

SLOW: Final = 0.05
"""Seconds from which on a commit is told of, the wait for a lock included, whether it succeeded or not.

A request may wait for the one under way and for its own, so this is well under half of what makes a request slow.
"""


def tell_slow(rows: int, decisions: Iterable[Decision[Any]], seconds: float) -> None:
    """One line about a group: how many tokens were inserted, and by their names what else was done."""
    names = [_name_of(each) for each in decisions]
    work = {name: names.count(name) for name in sorted(set(names))}
    log.info("slow commit", rows=rows, work=work, milliseconds=round(seconds * 1_000))


def _name_of(decide: Callable[..., Any]) -> str:
    """What a decision is called: the name of the function in store/ that carries it out, or made it."""
    if isinstance(decide, Swap):
        return _name_of(decide.lost)
    if isinstance(decide, partial):
        return _name_of(decide.func)
    name: str = getattr(decide, "__qualname__", type(decide).__name__)
    return name.partition(".")[0]
