"""An application that people sign in to and out of in a browser: where it hears of that, on a port of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from queue import Queue
from threading import Event
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.listening import listening
from tests.waiting import PATIENCE


class Relying:
    """Where it is, and what has arrived."""

    def __init__(self, port: int) -> None:
        self.place: Final = f"http://localhost:{port}"
        self.callback: Final = f"{self.place}/cb"
        self.out: Final = f"{self.place}/out?way=front"
        self.bye: Final = f"{self.place}/bye"
        self.arrived: Final[Queue[tuple[str, dict[str, str]]]] = Queue()
        self.answers: Final = Event()
        """Does it answer what is loaded in a frame?"""
        self.answers.set()
        self.framed = True
        """May it be shown in a frame at all?"""

    def heard(self, path: str) -> dict[str, str]:
        """What came to this path next."""
        came, query = self.arrived.get(timeout=PATIENCE)
        assert came == path
        return query


@contextmanager
def relying() -> Iterator[Relying]:
    """An application, until the context ends."""
    with listening() as server:
        application = Relying(server.server_port)
        server.RequestHandlerClass = partial(_Heard, application)
        try:
            yield application
        finally:
            application.answers.set()


class _Heard(BaseHTTPRequestHandler):
    def __init__(self, application: Relying, *request: Any) -> None:
        self._application = application
        super().__init__(*request)

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if path.path in ("/cb", "/out", "/bye"):
            self._application.arrived.put((path.path, dict(parse_qsl(path.query))))
        if path.path == "/out":
            self._application.answers.wait(PATIENCE)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if not self._application.framed:
            self.send_header("X-Frame-Options", "DENY")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Arrived</title><h1>Arrived</h1>")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
