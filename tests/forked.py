"""The program as a process of its own that is there at once: forked off one that has imported it already.

To import it is most of what a start takes. What is about starting, about terminals and about ends runs the command.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from scopekeeper import cli

_ANCESTOR: Final = multiprocessing.get_context("forkserver")
_ANCESTOR.set_forkserver_preload(["tests.ancestor", "uvloop", "httptools"])


class Forked:
    """One run of the program, with what of `subprocess.Popen` is asked of it."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        stdout: Path,
        stderr: Path,
        stdin: Path = Path(os.devnull),
    ) -> None:
        self._process: Final = _ANCESTOR.Process(
            target=_run, args=(tuple(arguments), cwd, dict(env), stdin, stdout, stderr), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; as `poll`. Raises TimeoutExpired."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("scopekeeper", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)


def carried_out(
    arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], input: str | None
) -> subprocess.CompletedProcess[str]:
    """One command line, carried out to its end. Raises TimeoutExpired after a minute."""
    with tempfile.TemporaryDirectory() as folder:
        stdin, stdout, stderr = (Path(folder) / name for name in ("in", "out", "err"))
        stdin.write_text(input or "")
        process = Forked(arguments, cwd=cwd, env=env, stdin=stdin, stdout=stdout, stderr=stderr)
        try:
            code = process.wait(60)
        finally:
            process.kill()
        return subprocess.CompletedProcess(arguments, code, stdout.read_text(), stderr.read_text())


def _run(
    arguments: tuple[str, ...], cwd: Path, env: Mapping[str, str], stdin: Path, stdout: Path, stderr: Path
) -> None:
    """In the new process: everything as a shell would have it, then the command line."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None
    for number, path, how in (
        (0, stdin, os.O_RDONLY),
        (1, stdout, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        (2, stderr, os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        opened = os.open(path, how, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    sys.argv = ["scopekeeper", *arguments]
    cli.main()
