"""The programs of `examples/`, run as whoever reads their README would."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.live import Live

EXAMPLES: Final = Path(__file__).parents[2] / "examples"


def scope_in(readme: str) -> str:
    """The scopes that the README registers the application with."""
    return readme.partition('--scope "')[2].partition('"')[0] or readme.partition("--scope ")[2].split()[0]


def readme_of(example: str) -> str:
    """Its README."""
    return (EXAMPLES / example / "README.md").read_text(encoding="utf-8")


def machine(server: Live, example: str, scope: str | None = None) -> dict[str, str]:
    """The application that the README has registered; or one with another scope."""
    made: dict[str, str] = server.json(
        "app", "add", example, "--type", "m2m", "--scope", scope or scope_in(readme_of(example))
    )
    return made


def run(server: Live, example: str, application: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    environ = {
        "ISSUER": server.issuer,
        "CLIENT_ID": application["client_id"],
        "CLIENT_SECRET": application["client_secret"],
    }
    return subprocess.run(
        [sys.executable, str(EXAMPLES / example / f"{example}.py"), *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
