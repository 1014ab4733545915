"""Whatever is changed at one server is felt there at once, and at every other within a second.

The bound is on the moment at which the question is asked: no answer to a question that is asked a second after the
change may be as before, however slow the machine is that it is asked on.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

import httpx2
import pytest

from tests.beneath import kept_in
from tests.faults.felt import CHANGES, Change, World, holds, own_token
from tests.together import Round, Together, together
from tests.waiting import until

LATEST: Final = 1.0
"""Seconds."""

PATIENCE: Final = 20.0
PAUSE: Final = 0.002


class NotJustNow(Exception):
    """The server says that it cannot answer just now: so it says nothing old."""


def _refuse_unavailable(answer: httpx2.Response) -> None:
    if answer.status_code == 503:
        raise NotJustNow


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "postgresql without news"])
def w(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two servers on one database of each kind."""
    folder = tmp_path_factory.mktemp("felt")
    kind, _, without = request.param.partition(" without ")
    with kept_in(kind) as environ:
        if without:
            environ["SCOPEKEEPER_DATABASE"] += "&statement_cache_size=0"
        with together(folder, environ | {"SCOPEKEEPER_RATE_LIMITS": "off"}) as servers:
            yield from a_world(servers)


def a_world(servers: Together) -> Iterator[World]:
    hooks = {"response": [_refuse_unavailable]}
    steward = servers.first.json("app", "add", "Steward", "--type", "m2m", "--scope", "rest gql")
    with (
        servers.client(Round(servers.first), event_hooks=hooks) as first,
        servers.client(Round(servers.second), event_hooks=hooks) as second,
        ExitStack() as browsers,
    ):
        yield World(servers, first, second, own_token(first, steward)["access_token"], browsers)


@pytest.fixture(scope="module")
def took(w: World) -> Iterator[list[float]]:
    """When it was asked, after each change, what was answered by it; the middle is printed in the end."""
    seconds: list[float] = []
    yield seconds
    if seconds:
        middle, most = 1000 * statistics.median(seconds), 1000 * max(seconds)
        print(
            f"\n{len(seconds)} changes, felt elsewhere when asked {middle:.0f} ms later (median), {most:.0f} ms (most)"
        )


@pytest.mark.parametrize("changed", CHANGES, ids=lambda changed: changed.__name__.replace("_", " "))
def test_a_change_is_felt_at_once_where_it_is_done_and_within_a_second_elsewhere(
    changed: Callable[[World], Change], w: World, took: list[float]
) -> None:
    change = changed(w)
    until(lambda: not change.felt(w.first))  # what was prepared is felt everywhere, too
    until(lambda: not change.felt(w.second))
    assert not change.felt(w.second)  # it is remembered there by now
    change.do()
    done = time.monotonic()
    assert change.felt(w.first)
    asked = time.monotonic()
    while not felt(change, w.second, done, asked):
        time.sleep(PAUSE)
        asked = time.monotonic()
    took.append(asked - done)


def felt(change: Change, at: httpx2.Client, done: float, asked: float) -> bool:
    """Is it felt by now? It has to be when a second has passed."""
    assert asked - done < PATIENCE, "the server answers no more"
    try:
        found = change.felt(at)
    except NotJustNow:
        return False
    assert found or asked - done < LATEST
    return found


def test_a_jwt_is_accepted_everywhere_at_once_whichever_key_signed_it(w: World) -> None:
    application = w.application(token_format="jwt")
    both = (w.first, w.second)
    until(lambda: all(own_token(at, application)["access_token"].count(".") == 2 for at in both))
    for issuer, other in (both, both[::-1]):
        old = own_token(issuer, application)["access_token"]
        assert holds(other, old)
        w.tell("POST", "/keys/rotations", {"alg": "ES256", "compromised": True})
        new = own_token(issuer, application)["access_token"]
        assert holds(other, new)
        assert holds(other, old)
