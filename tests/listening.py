"""A server on a port of its own, from a thread of its own, for whoever needs somebody else's site."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def listening() -> Iterator[ThreadingHTTPServer]:
    """It serves until the context ends. Who answers (`RequestHandlerClass`) is said before anybody knows the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
