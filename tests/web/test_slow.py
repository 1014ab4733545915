"""What is slow stands in the log, and so does what kept everybody waiting."""

import asyncio
import gc
import json
import re
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs
from structlog.typing import EventDict

from scopekeeper.app import stalls
from scopekeeper.app.stalls import HELD_UP, keep_watching
from scopekeeper.web.front import Front
from scopekeeper.web.metrics import Metrics
from scopekeeper.web.slow import SLOW
from scopekeeper.wire import problem
from tests.asking import ask
from tests.live import live
from tests.waiting import until

_HELD_UP = re.compile("event loop was held up").search


async def _life(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("no request comes here")


async def _late(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(SLOW + 0.01)
    await problem(404, "Not found", "There is nothing at this address.")(scope, receive, send)


async def _told(watching: "asyncio.Task[None]", logged: Sequence[EventDict], event: str) -> None:
    """Wait until it was told of this, then let it end."""
    await asyncio.to_thread(until, lambda: any(each["event"] == event for each in logged))
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_a_slow_request_is_told_with_its_endpoint_and_id_and_a_quick_one_is_not() -> None:
    front = Front({"/late": _late}, [], _life, Metrics())
    with capture_logs() as logged:
        answer = await ask(front, "GET", "/late")
        await ask(front, "GET", "/")
    [slow] = [each for each in logged if each["event"] == "slow"]
    assert (slow["endpoint"], slow["request_id"]) == ("/late", answer.headers["x-request-id"])
    assert slow["milliseconds"] >= SLOW * 1_000


async def test_a_collection_that_takes_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stalls, "HELD_UP", 0.0)  # any
    with capture_logs() as logged:
        watching = asyncio.create_task(keep_watching())
        await asyncio.sleep(0)
        gc.collect()
        await _told(watching, logged, "long garbage collection")
    [full] = [each for each in logged if each.get("generation") == 2]
    assert full["milliseconds"] >= 0
    assert not any("_long_collections" in getattr(each, "__qualname__", "") for each in gc.callbacks)


async def test_a_loop_that_computes_was_held_up_by_itself() -> None:
    with capture_logs() as logged:
        watching = asyncio.create_task(keep_watching())
        await asyncio.sleep(0)
        end = time.thread_time() + 3 * HELD_UP
        while time.thread_time() < end:
            pass
        await _told(watching, logged, "event loop was held up")
    [held_up] = logged
    assert held_up["own_cpu_milliseconds"] >= 3_000 * HELD_UP
    assert held_up["times"] >= 1
    assert held_up["process_cpu_milliseconds"] >= held_up["own_cpu_milliseconds"]


def test_a_server_that_was_not_let_run_says_so(tmp_path: Path) -> None:
    with live(tmp_path, {"SCOPEKEEPER_LOG_FORMAT": "json"}) as server:
        server.signal(signal.SIGSTOP)
        time.sleep(3 * HELD_UP)  # that it is stopped for so long is the thing
        server.signal(signal.SIGCONT)
        held_up = json.loads(until(lambda: next(filter(_HELD_UP, server.log.read_text().splitlines()), None)))
    assert held_up["milliseconds"] >= 1_000 * HELD_UP
    assert held_up["own_cpu_milliseconds"] < held_up["milliseconds"]
