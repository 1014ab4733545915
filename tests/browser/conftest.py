"""A browser and a server for the browser tests: both real, both shared by the tests of a file."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.find_chromium import chromium
from tests.live import Live, live

ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Closed after each file: while it is open, its driver holds the thread's event loop."""
    path = chromium()
    assert path is not None, "there is no Chromium: `make test` sets one up"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with nobody in it yet."""
    with live(tmp_path_factory.mktemp("live"), sample=False) as running:
        yield running
