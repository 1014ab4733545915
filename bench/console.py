"""`python -m bench.console`: what the console's pages cost in a large installation, asked for as a browser does.

Of each page: the time until all of it is there, the median (which counts) and the longest of some, and its size.

Exit codes: 0 every page is there in time; 1 one is not.
"""

import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import httpx2

from bench.large import DAY, Size, client_id_of, fill
from tests.live import Live

MUST: Final = 0.3
"""Seconds."""

STEWARD: Final = "steward"
PASSWORD: Final = "a password for the bench"
RESULTS: Final = Path(__file__).with_name("results")

_TIMES: Final = 7
_ONE: Final = client_id_of(4)

PAGES: Final[Mapping[str, str]] = {
    "overview": "/console/",
    "applications": "/console/applications",
    "applications, text": "/console/applications?text=wallboard",
    "applications, text that nothing has": "/console/applications?text=nothing+has+this",
    "applications, scope": "/console/applications?scope=rest:extensions:read",
    "one application": f"/console/applications/{_ONE}",
    "access tokens": "/console/tokens",
    "access tokens of an application": f"/console/tokens?app={_ONE}",
    "refresh tokens": "/console/refresh-tokens",
    "consents": "/console/consents",
    "users": "/console/users",
    "audit": "/console/audit",
    "audit, text": "/console/audit?text=wallboard",
    "audit, of an application": f"/console/audit?target={_ONE}",
    "scope visualizer": "/console/scopes",
}
"""Which pages, by what the table calls them."""


@contextmanager
def crowded(folder: Path, size: Size) -> Iterator[Live]:
    """A server with very much of everything, and an administrator."""
    server = Live(folder / "data")
    server.data.mkdir(mode=0o700)
    fill(server.data / "scopekeeper.db", size, int(time.time()) - DAY // 24)
    done = server.run("user", "add", STEWARD, "--admin", "--password-stdin", input=PASSWORD)
    if done.returncode:
        raise RuntimeError(done.stderr)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def signed_in(origin: str) -> Iterator[httpx2.Client]:
    """A browser, as far as pages are concerned."""
    with httpx2.Client(base_url=origin, headers={"accept": "text/html"}, timeout=60) as client:
        found = re.search(r'name="csrf" value="([^"]+)"', client.get("/login").text)
        if found is None:
            raise RuntimeError("the sign-in page has no token")
        client.post("/login", data={"username": STEWARD, "password": PASSWORD, "csrf": found[1]})
        yield client


def measured(client: httpx2.Client, path: str) -> tuple[list[float], int]:
    """The seconds that the page took each time, after the first; and its bytes."""
    taken, size = [], 0
    for _ in range(_TIMES + 1):
        began = time.perf_counter()
        answer = client.get(path)
        taken.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        size = len(answer.content)
    return taken[1:], size


def main() -> int:
    """Measure, print a table; the exit code."""
    late = False
    # In the checkout, because a system's temporary directory may lie in memory.
    with (
        TemporaryDirectory(prefix="data-", dir=RESULTS) as name,
        crowded(Path(name), Size()) as server,
        signed_in(server.issuer) as client,
    ):
        for what, path in PAGES.items():
            taken, size = measured(client, path)
            over = median(taken) >= MUST
            late = late or over
            times = f"{median(taken) * 1_000:8.1f} ms, at most {max(taken) * 1_000:.1f} ms"
            print(f"{what:38}{times}, {size / 1_000:.0f} kB{'  too long' if over else ''}", flush=True)
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
