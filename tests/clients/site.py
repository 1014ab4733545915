"""Somebody else's site: a few pages on a port of their own, and so of another origin than ours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tests.listening import listening

VENDOR: Final = Path(__file__).parent / "vendor"

_TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


class Site:
    """What is served, by path, at an origin."""

    def __init__(self, port: int, files: dict[str, bytes]) -> None:
        self.origin: Final = f"http://127.0.0.1:{port}"
        self.files: Final = files


@contextmanager
def site(files: Mapping[str, bytes], headers: Mapping[str, str] | None = None) -> Iterator[Site]:
    """Serve the files, each with these headers; more may be put in while it runs."""
    served = dict(files)
    with listening() as server:
        server.RequestHandlerClass = partial(_Answer, served, headers or {})
        yield Site(server.server_port, served)


class _Answer(BaseHTTPRequestHandler):
    def __init__(self, files: Mapping[str, bytes], headers: Mapping[str, str], *request: Any) -> None:
        self._files = files
        self._headers = headers
        super().__init__(*request)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        name = "/index.html" if path == "/" else path
        body = self._files.get(name)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", _TYPES.get(Path(name).suffix, "text/plain"))
        for header, value in self._headers.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
