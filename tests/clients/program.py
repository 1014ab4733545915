"""Somebody's program as a process of its own: it says and hears one JSON value a line."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

from tests.waiting import PATIENCE


class Program:
    """A program that is running."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def hear(self) -> Any:
        """The next that it says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"it said no more, and ended with {self._process.wait()}"
        return json.loads(line)

    def tell(self, value: Any) -> None:
        """Say something to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()


@contextmanager
def program(*command: str, folder: Path | None = None) -> Iterator[Program]:
    """Run it; at the end it has to end by itself, well."""
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        watch = Timer(PATIENCE, process.kill)
        watch.start()
        try:
            yield Program(process)
            process.communicate()  # closes what it listens to, and reads the rest
            assert process.returncode == 0, f"{command[:2]} ended with {process.returncode}"
        finally:
            watch.cancel()
            process.kill()
