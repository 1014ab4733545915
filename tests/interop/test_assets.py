"""The console's scripts can be built anew anywhere, and come out the same to the byte."""

import json
import subprocess
from pathlib import Path
from shutil import copytree

from tests.house.tree import ROOT


def test_building_anew_makes_the_very_same_files(tmp_path: Path) -> None:
    copytree(ROOT / "frontend", tmp_path / "frontend", symlinks=True)
    static = tmp_path / "src" / "scopekeeper" / "console" / "static"
    static.mkdir(parents=True)
    done = subprocess.run(["node", "build.mjs"], cwd=tmp_path / "frontend", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for path in ("built.json", *json.loads((ROOT / "frontend" / "built.json").read_text(encoding="utf-8"))["built"]):
        assert (tmp_path / "frontend" / path).read_bytes() == (ROOT / "frontend" / path).read_bytes(), path
