"""What a server tells the service manager that started it, and when."""

import os
import signal
import sys
import time
from pathlib import Path

import httpx2
import pytest

from scopekeeper.app.notify import herald_of
from tests.deploy.service_manager import WATCHED, ServiceManager, managed
from tests.waiting import until

READY, STOPPING, ALIVE = {"READY": "1"}, {"STOPPING": "1"}, {"WATCHDOG": "1"}


@pytest.mark.parametrize("workers", [1, 2])
def test_it_is_told_of_a_server_that_answers_of_its_reload_and_of_its_end(tmp_path: Path, workers: int) -> None:
    with managed(tmp_path, workers) as (manager, server):
        assert manager.hears() == READY
        assert httpx2.get(f"{server.issuer}/health/ready").status_code == 200
        before, began = server.workers, time.clock_gettime(time.CLOCK_MONOTONIC)
        server.signal(signal.SIGHUP)
        reloading = manager.hears()
        assert reloading.pop("RELOADING") == "1"
        assert began < int(reloading.pop("MONOTONIC_USEC")) / 1e6 < time.clock_gettime(time.CLOCK_MONOTONIC)
        assert (reloading, manager.hears()) == ({}, READY)
        assert workers == 1 or not before & server.workers
        assert httpx2.get(f"{server.issuer}/health/ready").status_code == 200
        server.signal(signal.SIGTERM)
        assert manager.hears() == STOPPING
        assert server.wait() == 0


def test_it_is_told_nothing_of_a_server_that_cannot_serve(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "scopekeeper.db").write_text("no database " * 100)
    with managed(tmp_path) as (manager, server):
        assert server.wait() == 2
        assert manager.hears_nothing_for(0)


def test_a_server_lives_until_its_loop_hangs(tmp_path: Path) -> None:
    with managed(tmp_path, watched=True) as (manager, server):
        assert manager.hears() == READY
        assert [manager.hears() for _ in range(3)] == [ALIVE] * 3
        server.signal(signal.SIGSTOP)
        until(lambda: manager.hears_nothing_for(WATCHED))
        server.signal(signal.SIGCONT)
        assert manager.hears() == ALIVE


def test_several_workers_live_until_one_of_them_hangs(tmp_path: Path) -> None:
    with managed(tmp_path, 2, watched=True) as (manager, server):
        assert manager.hears() == READY
        assert [manager.hears() for _ in range(3)] == [ALIVE] * 3
        hanging = min(server.workers)
        os.kill(hanging, signal.SIGSTOP)
        until(lambda: manager.hears_nothing_for(WATCHED))
        until(lambda: "worker does not answer" in server.said())
        os.kill(hanging, signal.SIGCONT)
        assert manager.hears() == ALIVE
        server.kill_one()  # another takes its place: that is no reason to start all of them anew
        until(lambda: manager.hears_nothing_for(0))
        assert [manager.hears() for _ in range(3)] == [ALIVE] * 3
        server.signal(signal.SIGSTOP)
        until(lambda: manager.hears_nothing_for(WATCHED))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract sockets")
def test_a_service_manager_is_told_at_an_abstract_address_and_need_not_be_there(tmp_path: Path) -> None:
    manager = ServiceManager(f"@{tmp_path}")
    herald = herald_of({"NOTIFY_SOCKET": manager.address})
    herald.alive()
    assert manager.hears() == ALIVE
    manager.close()
    herald.alive()


@pytest.mark.parametrize(
    ("said", "every"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_signs_of_life_are_given_to_whoever_asked_this_process(said: dict[str, str], every: float | None) -> None:
    assert herald_of({"NOTIFY_SOCKET": "@it", **said}).alive_every == every


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "relative"])
def test_nothing_is_told_where_nobody_that_is_known_listens(address: str) -> None:
    assert not herald_of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1"}).is_heard
    assert not herald_of({"WATCHDOG_USEC": "1"}).is_heard


def test_no_child_of_the_server_can_speak_for_it() -> None:
    environ = {"NOTIFY_SOCKET": "@it", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "PATH": "/bin"}
    herald_of(environ)
    assert environ == {"PATH": "/bin"}
