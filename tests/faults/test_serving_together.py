"""`scopekeeper serve --workers N`: several processes that start, stop and are counted as if they were one."""

import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from scopekeeper.services.moment import LEASE
from tests.beneath import KINDS, kept_in, tell_beneath
from tests.cli.terminal import COMMAND, environ
from tests.crew import Crew, children, crew, finish, is_there, slow_request
from tests.live import Live, free_port
from tests.postgres import a_database
from tests.waiting import PATIENCE, until

WORKERS: Final = 3

HELD: Final = "SELECT number FROM processes WHERE holder IS NOT NULL"

REQUESTS: Final = "scopekeeper_requests_total"


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crew]:
    """A server of several workers, on either database."""
    with kept_in(request.param) as kept, crew(tmp_path, WORKERS, kept) as running:
        yield running


@pytest.fixture
def on_a_file(tmp_path: Path) -> Iterator[Crew]:
    with crew(tmp_path, WORKERS) as running:
        yield running


def found(server: Live, text: str) -> list[Any]:
    """The first column of what a statement finds in the server's database."""
    return [row[0] for row in tell_beneath(server, text)]


def test_all_serve_before_it_greets_once_and_each_holds_a_number_of_its_own(server: Crew) -> None:
    assert len(server.workers) == WORKERS
    said = server.said()
    assert f"Scopekeeper serves at {server.issuer}" in said.splitlines()  # the log may tell of a slow disk before
    assert said.count("Scopekeeper serves at") == said.count("  Set up  ") == 1
    link = re.search(r"Set up +(\S+)", said)
    assert link is not None
    assert httpx2.get(link[1], follow_redirects=True).status_code == 200
    held = found(server, HELD)
    assert len(held) == len(set(held)) == WORKERS


@pytest.mark.skipif(sys.platform != "linux", reason="only there are a process's threads seen from outside")
def test_who_looks_after_them_has_no_thread_that_could_not_be_forked(server: Crew) -> None:
    assert len(os.listdir(f"/proc/{server.pid}/task")) == 1


def test_told_to_stop_they_finish_what_is_under_way_and_give_their_numbers_back(server: Crew) -> None:
    workers = server.workers
    with slow_request(server) as request:
        server.signal(signal.SIGTERM)
        until(lambda: len(server.workers) == 1)
        answer = finish(request)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"connection: close\r\n" in answer
    assert server.wait() == 0
    assert not any(map(is_there, workers))
    assert found(server, HELD) == []
    assert "Traceback" not in server.said()


def test_while_they_finish_nobody_is_let_in_to_wait_for_nothing(on_a_file: Crew) -> None:
    with slow_request(on_a_file) as connection:
        on_a_file.signal(signal.SIGTERM)
        until(lambda: refuses(on_a_file))
        assert finish(connection).startswith(b"HTTP/1.1 401 ")
    assert on_a_file.wait() == 0


def refuses(server: Live) -> bool:
    """Is nobody let in there?"""
    try:
        socket.create_connection(("127.0.0.1", server.port), PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


def test_who_comes_when_all_have_stopped_is_not_kept_waiting(on_a_file: Crew) -> None:
    assert on_a_file.terminate() == 0
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{on_a_file.issuer}/health/live")


@pytest.mark.parametrize("size", [1, WORKERS], ids=["alone", "together"])
def test_a_second_ctrl_c_does_not_wait_for_what_is_under_way(tmp_path: Path, size: int) -> None:
    with crew(tmp_path, size) as server, slow_request(server):
        server.signal(signal.SIGINT)
        until(lambda: not listens(server))
        server.signal(signal.SIGINT)
        assert server.wait() == 0
        assert "Traceback" not in server.said()


def listens(server: Live) -> bool:
    """Does anybody answer there?"""
    try:
        httpx2.get(f"{server.issuer}/health/live")
    except httpx2.TransportError:
        return False
    return True


def test_ctrl_c_reaches_every_process_and_none_of_them_is_upset(tmp_path: Path) -> None:
    settings = environ(tmp_path / "data", {"SCOPEKEEPER_PORT": str(free_port())})
    command = [*COMMAND, "serve", "--workers", str(WORKERS)]
    with subprocess.Popen(
        command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Scopekeeper serves at ")
        workers = children(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        _, complaints = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    # A slow disk may be told of meanwhile; that is news of the machine, and nobody's upset.
    assert [line for line in complaints.splitlines() if "[info " not in line] == []
    assert len(workers) == WORKERS
    assert not any(map(is_there, workers))


def test_a_worker_that_is_killed_is_replaced_while_the_others_serve(server: Crew) -> None:
    killed, before = min(server.workers), server.workers
    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in server.workers)
    while len(server.workers - before) == 0:
        assert httpx2.get(f"{server.issuer}/health/ready").status_code == 200
    until(lambda: server.whole)
    assert before - server.workers == {killed}
    (line,) = [line for line in server.said().splitlines() if "worker ended" in line]
    assert f"pid={killed}" in line
    assert "why=SIGKILL" in line
    held = found(server, HELD)
    assert len(held) == len(set(held)) >= WORKERS  # that of the dead one ends by itself


def test_one_that_is_told_to_stop_by_itself_is_replaced_too(on_a_file: Crew) -> None:
    told = max(on_a_file.workers)
    os.kill(told, signal.SIGTERM)
    until(lambda: told not in on_a_file.workers and on_a_file.whole)
    assert "why='exit code 0'" in on_a_file.said()


def test_a_replacement_that_cannot_open_the_house_is_tried_again_and_stops_nobody(on_a_file: Crew) -> None:
    key, away = on_a_file.data / "master.key", on_a_file.data / "elsewhere"
    shutil.move(key, away)
    killed, before = min(on_a_file.workers), on_a_file.workers
    os.kill(killed, signal.SIGKILL)
    until(lambda: on_a_file.said().count("there is no ") >= 3)
    assert before - on_a_file.workers == {killed}
    assert httpx2.get(f"{on_a_file.issuer}/health/ready").status_code == 200
    pauses = [float(each) for each in re.findall(r"again_in=([0-9.]+)", on_a_file.said())]
    assert pauses[:4] == [0.1, 0.2, 0.4, 0.8][: len(pauses)]
    shutil.move(away, key)
    until(lambda: on_a_file.whole)
    assert before < on_a_file.workers | {killed}


def test_when_the_one_that_looks_after_them_is_killed_nobody_is_left_and_the_port_is_free(server: Crew) -> None:
    workers = server.workers
    with slow_request(server) as request:
        server.kill()
        until(lambda: sum(map(is_there, workers)) == 1)
        assert finish(request).startswith(b"HTTP/1.1 401 ")
    until(lambda: not any(map(is_there, workers)))
    server.start()
    assert server.whole


def test_sighup_replaces_all_of_them_one_after_the_other(server: Crew) -> None:
    before = server.workers
    with slow_request(server) as request:
        server.signal(signal.SIGHUP)
        # Whoever has that request finishes it first, and the next ones wait for that.
        until(lambda: len(server.workers) == WORKERS + 1)
        assert finish(request).startswith(b"HTTP/1.1 401 ")
        until(lambda: not before & server.workers and server.whole)
    assert server.said().count("Scopekeeper serves at") == 1
    assert server.terminate() == 0
    assert "Traceback" not in server.said()


def test_a_terminal_that_is_closed_takes_them_along(tmp_path: Path) -> None:
    """The system sends SIGHUP then, too; but nobody asked for other workers."""
    ours, theirs = pty.openpty()
    settings = environ(tmp_path / "data", {"SCOPEKEEPER_PORT": str(free_port())})
    process = subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL, *COMMAND, "serve", "--workers", str(WORKERS)],
        env=settings, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        seen = b""
        while b"Register an application" not in seen:
            seen += os.read(ours, 1_000)
        workers = children(process.pid)
        os.close(ours)
        assert process.wait(PATIENCE) == 0
        assert len(workers) == WORKERS
        assert not any(map(is_there, workers))
    finally:
        process.kill()
        process.wait()


ON_A_TERMINAL: Final = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_metrics_add_up_whoever_is_asked(server: Crew) -> None:
    before = server.metric("process_cpu_seconds_total")
    for _ in range(40):
        httpx2.get(f"{server.issuer}/nowhere")
    until(lambda: server.metric(REQUESTS, endpoint="none", status="404") == 40)
    assert server.metric("scopekeeper_request_seconds_count", endpoint="none") == 40
    assert server.metric("scopekeeper_request_seconds_bucket", endpoint="none", le="+Inf") == 40
    assert server.metric("scopekeeper_workers") == WORKERS
    if sys.platform == "linux":
        assert server.metric("process_cpu_seconds_total") >= before > 0
        assert server.metric("process_open_fds") > 10 * WORKERS
        assert server.metric("process_resident_memory_bytes") > 10e6 * WORKERS


def test_what_was_counted_outlives_who_counted_it(server: Crew) -> None:
    for _ in range(20):
        httpx2.get(f"{server.issuer}/nowhere")
    until(lambda: server.metric(REQUESTS, endpoint="none") == 20)
    spent = server.metric("process_cpu_seconds_total")
    for _ in range(2):
        server.kill_one()
    assert server.metric(REQUESTS, endpoint="none") == 20
    assert server.metric("process_cpu_seconds_total") >= spent
    before = server.workers
    server.signal(signal.SIGHUP)
    while before & server.workers:
        assert server.metric(REQUESTS, endpoint="none") == 20
        assert server.metric("scopekeeper_workers") in (WORKERS, WORKERS + 1)
    until(lambda: server.whole)
    assert server.metric(REQUESTS, endpoint="none") == 20


def test_each_line_of_the_log_names_its_worker_and_no_two_requests_have_one_id(on_a_file: Crew) -> None:
    answers = [httpx2.get(f"{on_a_file.issuer}/nowhere") for _ in range(30)]
    until(lambda: on_a_file.said().count("endpoint=none") == 30)
    lines = [line for line in on_a_file.said().splitlines() if "endpoint=none" in line]
    assert all(re.search(r"\bworker=[123]\b", line) for line in lines)
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 30
    assert ids == {match[1] for match in (re.search(r"request_id=(\S+)", line) for line in lines) if match}


def test_one_worker_is_one_process_and_its_log_and_metrics_name_none(tmp_path: Path) -> None:
    with crew(tmp_path, 1) as server:
        assert server.workers == set()
        httpx2.get(f"{server.issuer}/nowhere")
        assert "worker" not in httpx2.get(f"{server.issuer}/metrics").text
        assert server.metric(REQUESTS, endpoint="none") == 1
        assert "worker" not in server.said()
        assert server.terminate() == 0


def refused(server: Live, workers: int = WORKERS) -> tuple[int, str]:
    """The exit code of a server that does not start, and the one line that it says."""
    done = server.run("serve", "--port", str(server.port), "--workers", str(workers))
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return done.returncode, line


def test_the_wrong_master_key_is_one_line_and_nobody_is_left(tmp_path: Path) -> None:
    server = Live(tmp_path / "data")
    assert server.run("keys", "list").returncode == 0
    (server.data / "master.key").write_text("0123456789" * 5)
    code, line = refused(server)
    assert code == 2
    assert line.startswith("scopekeeper: the signing keys in the database were wrapped under another master key")
    assert found(server, HELD) == []


def test_where_not_all_of_the_first_can_serve_none_does(tmp_path: Path) -> None:
    """One of them finds no number free."""
    server = Live(tmp_path / "data")
    assert server.run("migrate").returncode == 0
    leased_until = time.time_ns() // 1_000_000 + LEASE
    found(
        server,
        f"UPDATE processes SET holder = 'somebody', until_milliseconds = {leased_until} WHERE number >= {WORKERS - 1}",
    )
    assert refused(server) == (1, "scopekeeper: 1024 processes use this database already")
    assert len(found(server, HELD)) == 1024 - (WORKERS - 1)
    assert not listens(server)
    code, line = refused(server, workers=65)
    assert (code, line) == (2, "scopekeeper: --workers: must be a number from 1 to 64, not '65'")


def test_an_empty_database_of_postgresql_is_one_line(tmp_path: Path) -> None:
    with a_database(empty=True) as database:
        server = Live(tmp_path / "data", {"SCOPEKEEPER_DATABASE": database.url})
        assert refused(server) == (2, f"scopekeeper: {database} is empty: run `scopekeeper migrate` once")
