"""What goes through the whole database lets a server on the same machine go first."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

_PROGRAM: Final = """
import os, sys
from contextlib import suppress
from scopekeeper.cli import main
steps, nice = [], os.nice
os.nice = lambda step: (steps.append(step), nice(step))[1]
with suppress(SystemExit):
    main()
print(f"given way: {steps == [10]}", file=sys.stderr)
"""


@pytest.mark.parametrize(("command", "gives_way"), [("doctor", True), ("backup", True), ("scopes", False)])
def test_the_doctor_and_the_backup_give_way(tmp_path: Path, command: str, gives_way: bool) -> None:
    said = {"doctor": [], "backup": [str(tmp_path / "copy")], "scopes": []}[command]
    program = [sys.executable, "-c", _PROGRAM, command, *said, "--data", str(tmp_path / "data")]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.endswith(f"given way: {gives_way}\n")
