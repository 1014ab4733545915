"""Finds a Chromium for the tests: the system's, else Playwright's download, else Debian's package.

Best is a headless shell, the same engine without the rest of a browser: it takes half of the time of the big one.

`make test` runs it, so that what cannot be set up is known before anything is tested.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

PATIENCE: Final = 300
"""Seconds that setting one up may take, each way."""

NAMES: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The browser that is there already, or None."""
    return _systems() or _playwrights()


def _systems() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _playwrights() -> str | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    _, _, revision = path.parents[1].name.partition("-")
    shells = path.parents[2].glob(f"chromium_headless_shell-{revision}/*/*headless*shell")
    return next((str(each) for each in (*shells, path) if each.is_file()), None)


def _downloaded() -> None:
    _run(sys.executable, "-m", "playwright", "install", "chromium")


def _installed() -> None:
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update", "-qq")
        for package in ("chromium-headless-shell", "chromium"):
            if _systems() is None:
                _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)


def _run(*command: str) -> None:
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(command, check=False, timeout=PATIENCE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


WAYS: Final[tuple[Callable[[], None], ...]] = (_downloaded, _installed)
"""How a browser can be had, the gentlest first."""


def main() -> int:
    """0 once there is one."""
    if chromium():
        return 0
    for way in WAYS:
        way()
        if chromium():
            return 0
    print("make test: there is no Chromium and none could be set up, so please install chromium", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
