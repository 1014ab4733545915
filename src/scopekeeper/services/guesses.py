"""Wrong user codes in each browser session: after five of them it enters no more (RFC 8628 §5.1).

Slowing down by address is not enough where many addresses are one person's. A session costs a password to begin.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

ALLOWED: Final = 5

_MOST: Final = 100_000


class WrongUserCode(Exception):
    """Unknown, expired, decided, somebody else's: no device waits for this person under this user code."""


class NoMoreGuesses(Exception):
    """This session has entered too many wrong user codes, and enters none any more."""


class Guesses:
    """Counts what was wrong. What was right, or could not be looked at, counts nothing. Switched off, it lets all pass.

    The counts are a process's own, and their number is bounded: those of sessions that guessed last are kept.
    """

    def __init__(self, *, allowed: int = ALLOWED, most: int = _MOST, on: bool = True) -> None:
        self._allowed = allowed
        self._most = most
        self._on = on
        self._wrong: OrderedDict[int, int] = OrderedDict()

    @contextmanager
    def guess(self, session_id: int) -> Iterator[None]:
        """One user code is looked at inside, and is wrong if WrongUserCode leaves it. Raises NoMoreGuesses.

        It counts from the beginning: whoever tries many at once has no more of them.
        """
        if self._on and self._wrong.get(session_id, 0) >= self._allowed:
            raise NoMoreGuesses
        self._count(session_id, 1)
        wrong = False
        try:
            yield
        except WrongUserCode:
            wrong = True
            raise
        finally:
            if not wrong:
                self._count(session_id, -1)

    def _count(self, session_id: int, more: int) -> None:
        count = self._wrong.pop(session_id, 0) + more
        if count > 0:
            self._wrong[session_id] = count
        if len(self._wrong) > self._most:
            self._wrong.popitem(last=False)
