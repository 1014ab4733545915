"""A program of Python under gunicorn, in the environment that peers have for themselves."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.asking import until_answered
from bench.bare import FORM
from bench.load import Load
from bench.peers.asked import ENVIRONMENT, Absent
from bench.process import Server, free_port, serving
from bench.subject import Place

ROOT: Final = Path(__file__).parents[2]
BIN: Final = ROOT / ".venv" / "peers" / "bin"
SITES: Final = Path(__file__).parent / "sites"
ONE_PROCESS: Final = ("--workers", "1", "--worker-class", "gthread", "--threads", "4", "--no-control-socket")


@dataclass(frozen=True, slots=True)
class Site:
    """A program in `sites`: the module, and the name of its WSGI application."""

    module: str
    application: str
    place: Place
    more: Mapping[str, str]
    """Variables of its environment."""

    def said(self, *arguments: str) -> list[str]:
        """Have the program do something before it serves, or besides; the lines that it prints."""
        if not (BIN / "gunicorn").exists():
            raise Absent("pip could not install it (make bench-peers tries)")
        command = [str(BIN / "python"), str(SITES / f"{self.module}.py"), *arguments]
        done = subprocess.run(
            command, cwd=self.place.folder, env=self._environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout.split()

    def made(self, what: str, number: int) -> list[str]:
        """So many `refresh-tokens` or `codes`."""
        return self.said(what, str(number))

    @contextmanager
    def serving(self, first: Load) -> Iterator[Server]:
        """gunicorn with one process of it, once it answers that."""
        port = free_port()
        command = [
            *(str(BIN / "gunicorn"), *ONE_PROCESS, "--bind", f"127.0.0.1:{port}"),
            f"{self.module}:{self.application}",
        ]
        log = self.place.folder / f"{self.module}.log"
        with serving(command, port, log, self.place.core, self._environment) as server:
            shot = first.shots[0]
            until_answered(server, shot.method, shot.path, {**FORM, **first.headers}, shot.body)
            yield server

    @property
    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "DJANGO", "FLASK"))}
        return {**kept, **ENVIRONMENT, **self.more, "PYTHONPATH": str(SITES)}
