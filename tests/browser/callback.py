"""Where an application waits for its answer: a listener on a port of its own, as a native application opens one."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from queue import Queue
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.listening import listening
from tests.waiting import PATIENCE


class Callback:
    """What arrives at an address."""

    def __init__(self, port: int) -> None:
        self.uri: Final = f"http://127.0.0.1:{port}/cb"
        self.relay: Final = f"http://127.0.0.1:{port}/relay"
        """Where the application is reached, too, and leads on from: to a host of another name."""
        self.home: Final = f"http://localhost:{port}/home"
        self.arrived: Final[Queue[tuple[str, dict[str, str]]]] = Queue()

    def answer(self) -> tuple[str, dict[str, str]]:
        """By which method something came, and what."""
        return self.arrived.get(timeout=PATIENCE)


@contextmanager
def callback() -> Iterator[Callback]:
    """A listener, until the context ends."""
    with listening() as server:
        waiting = Callback(server.server_port)
        server.RequestHandlerClass = partial(_Heard, waiting)
        yield waiting


class _Heard(BaseHTTPRequestHandler):
    def __init__(self, waiting: Callback, *request: Any) -> None:
        self._waiting = waiting
        super().__init__(*request)

    def do_GET(self) -> None:
        self._hear("GET", urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._hear("POST", self.rfile.read(int(self.headers["content-length"])).decode())

    def _hear(self, method: str, text: str) -> None:
        path = urlsplit(self.path).path
        if path in ("/cb", "/relay"):
            self._waiting.arrived.put((method, dict(parse_qsl(text, keep_blank_values=True))))
        self.send_response(303 if path == "/relay" else 200)
        if path == "/relay":
            self.send_header("Location", self._waiting.home)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Arrived</title><h1>Arrived</h1>")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
