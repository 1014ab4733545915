"""The command line as it is typed, run in this process: what it said, and its exit code."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scopekeeper import cli
from tests.live import free_port


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """A shell in a folder of its own, where nobody types: standard input is no terminal."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Said:
        """Run a command line."""
        self._capsys.readouterr()
        code = cli.run(arguments)
        out, err = self._capsys.readouterr()
        return Said(code, out, err)

    def json(self, *arguments: str) -> Any:
        """Run a command line with `--json` that is to succeed."""
        said = self(*arguments, "--json")
        assert said.code == 0, said.err
        return said.json()

    def refused(self, *arguments: str, code: int = 1) -> str:
        """Run a command line that is to fail: the one line that it says, without the name of the program."""
        said = self(*arguments)
        assert (said.code, said.out) == (code, "")
        assert said.err.startswith("scopekeeper: ")
        assert said.err.endswith("\n")
        (line,) = said.err.splitlines()
        return line.removeprefix("scopekeeper: ")


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell whose data directory is empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SCOPEKEEPER_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SCOPEKEEPER_PORT", str(free_port()))
    return Shell(tmp_path, capsys)
