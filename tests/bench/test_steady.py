"""Requests have their moments, whatever the server does; what is slow is known by its id."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from bench.load import Shot
from bench.steady import SLOW_MS, Asked, Heard, Part, asking, percentile, schedule
from tests.waiting import until

STALL: Final = 0.4
"""Seconds for which the server stands still once."""


class Server:
    """It answers everything alike, until it is told to stand still for a while, or to answer otherwise."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.says = '{"it":"is here","next":"a"}'
        self.stalled = threading.Event()
        self.lock = threading.Lock()
        told = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                with told.lock:
                    told.bodies.append(body)
                    if told.stalled.is_set():
                        told.stalled.clear()
                        time.sleep(STALL)
                answer = told.says.encode()
                self.send_response(200)
                self.send_header("x-request-id", "1-a")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self.listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self.listening.server_address[1]


@contextmanager
def a_server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.listening.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.listening.shutdown()
        thread.join()
        server.listening.server_close()


def a_part(follows: str = "", *, expected: str = "is here") -> Part:
    return Part("it", 100, [Shot("POST", "/", f"n={each}&next=z") for each in range(4)], {}, expected, follows)


def heard_of(server: Server, folder: Path, part: Part, rate: float | None = 100.0) -> Heard:
    """What was heard when it had been asked ten times more."""
    with asking(Asked(server.port, [part], rate, connections=2), folder / "asked", None) as asker:
        until(lambda: len(server.bodies) >= 10)
        return asker.ended()


def test_where_a_server_stands_still_those_that_were_due_meanwhile_have_waited(tmp_path: Path) -> None:
    with a_server() as server:
        server.stalled.set()
        heard = heard_of(server, tmp_path, a_part())
    times = heard.between(heard.began, heard.began + 0.195)
    assert len(times) == 20  # none was left out, though two connections were all there was
    assert min(times) > (STALL - 0.22) * 1_000
    assert heard.errors == 0
    assert {(each.part, each.request_id) for each in heard.slow} == {("it", "1-a")}
    assert all(each.milliseconds >= SLOW_MS for each in heard.slow)


def test_a_wrong_answer_is_an_error_that_is_told(tmp_path: Path) -> None:
    with a_server() as server:
        heard = heard_of(server, tmp_path, a_part(expected="is not here"))
    assert heard.errors == len(heard)
    assert heard.first_error == 'HTTP/1.1 200 OK {"it":"is here","next":"a"}'


@pytest.mark.parametrize("rate", [100.0, None])
def test_what_follows_is_sent_later_and_nothing_twice(tmp_path: Path, rate: float | None) -> None:
    with a_server() as server:
        heard = heard_of(server, tmp_path, a_part("next"), rate)
    assert sorted(each for each in server.bodies if each.endswith("z")) == [f"n={each}&next=z" for each in range(4)]
    assert {each for each in server.bodies if not each.endswith("z")} == {"n=0&next=a"}
    assert heard.errors == 0


def test_what_was_heard_is_told_by_its_time(tmp_path: Path) -> None:
    with a_server() as server:
        heard = heard_of(server, tmp_path, a_part())
    first, second, rest = heard.each_until([heard.began + 0.045, heard.began + 0.095, heard.began + 60])
    assert len(first) == len(second) == 5
    assert len(first + second + rest) == len(heard)
    assert heard.between(heard.began, heard.began + 0.045, "it") == first


@pytest.mark.parametrize(("percent", "value"), [(50, 5.0), (99, 10.0), (90, 9.0), (91, 10.0), (0, 1.0), (100, 10.0)])
def test_a_percentile_is_the_least_that_so_many_do_not_exceed(percent: float, value: float) -> None:
    assert percentile([10.0, *map(float, range(1, 10))], percent) == value


def test_of_nothing_every_percentile_is_none() -> None:
    assert percentile([], 99) == 0.0


def test_each_part_has_its_share_of_a_round_and_comes_again_and_again() -> None:
    order = schedule([40, 30, 20, 10])
    assert [order.count(part) for part in range(4)] == [40, 30, 20, 10]
    for begin in range(0, 100, 10):
        assert order[begin : begin + 10].count(0) == 4
        assert order[begin : begin + 10].count(3) == 1
