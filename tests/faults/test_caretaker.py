"""Of two servers on one database one is the caretaker, and the other follows it: at once, or when it has died."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.beneath import KINDS, kept_in, tell_beneath
from tests.live import Live
from tests.together import Together, together
from tests.waiting import until

ASK: Final = "SELECT holder, until_milliseconds FROM turns WHERE name = 'caretaker'"
NOBODY_YET: Final = (None, 0)

Asked = Callable[[], tuple[str | None, int]]
"""Who is the caretaker, and until when."""


@pytest.fixture(params=KINDS)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Together, Asked]]:
    """Two servers, and a look into their database."""
    with kept_in(request.param) as environ, together(tmp_path, environ) as made:
        yield made, lambda: next(iter(tell_beneath(made.first, ASK)), NOBODY_YET)


def pid_of(server: Live) -> int:
    return server._processes[0].pid


def caretaker_of(servers: Together, asked: Asked) -> tuple[Live, Live]:
    """The server that is the caretaker, and the other one."""
    holder = until(lambda: asked()[0])
    first_has_it = f":{pid_of(servers.first)}:" in holder
    assert first_has_it is not (f":{pid_of(servers.second)}:" in holder)
    return (servers.first, servers.second) if first_has_it else (servers.second, servers.first)


def has_it(server: Live, asked: Asked) -> str | None:
    holder, _ = asked()
    return holder if holder is not None and f":{pid_of(server)}:" in holder else None


def test_one_is_the_caretaker_and_goes_on_being_it_and_when_it_has_died_the_other_is(
    both: tuple[Together, Asked],
) -> None:
    servers, asked = both
    caretaker_of(servers, asked)
    _, before = asked()
    until(lambda: asked()[1] > before)
    caretaker, other = caretaker_of(servers, asked)
    caretaker.kill()
    holder, end = asked()
    until(lambda: has_it(other, asked))
    if holder is not None and f":{pid_of(caretaker)}:" in holder:
        assert time.time() * 1_000 > end  # not before the turn of the one that died was over


def test_who_is_told_to_stop_lets_the_other_one_take_its_place_at_once(both: tuple[Together, Asked]) -> None:
    servers, asked = both
    caretaker, other = caretaker_of(servers, asked)
    assert caretaker.terminate() == 0
    holder, _ = asked()
    assert holder is None or has_it(other, asked)
    until(lambda: has_it(other, asked))
