"""What the Containerfile does, done without a container: what comes of it serves where nobody may write."""

import os
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.container import ROOT, Instruction, sent, stages
from tests.house.tree import tracked
from tests.live import Live

PREFIX: Final = "/opt/scopekeeper"

POWERLESS: Final = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()
"""Root without its capabilities may do what the modes of files let it do, as anybody else."""


class Installed(Live):
    """The program that the image would have."""

    def __init__(self, data: Path, prefix: Path) -> None:
        super().__init__(data, {"PYTHONDONTWRITEBYTECODE": "1"})
        self.command = (*POWERLESS, str(prefix / "bin" / "scopekeeper"))


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where it is installed, by the first stage's own commands; nobody may write there."""
    folder = tmp_path_factory.mktemp("image")
    context, work, prefix = folder / "context", folder / "work", folder / "prefix"
    work.mkdir()
    _send(context)
    environ = dict(os.environ)
    for each in stages()[0]:
        _do(each, context, work, prefix, environ)
    for path in (prefix, *prefix.rglob("*")):
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    yield prefix
    for path in (prefix, *(each for each in prefix.rglob("*") if each.is_dir() and not each.is_symlink())):
        path.chmod(0o755)


def _send(context: Path) -> None:
    """What of the files that git keeps is sent to whoever builds."""
    for path in tracked():
        if any(path.is_relative_to(each) for each in sent()):
            placed = context / path.relative_to(ROOT)
            placed.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, placed)


def _do(what: Instruction, context: Path, work: Path, prefix: Path, environ: dict[str, str]) -> None:
    """One instruction, in other places than it names."""
    if what.word == "ENV":
        environ |= dict(each.split("=", maxsplit=1) for each in shlex.split(what.rest))
    elif what.word == "COPY":
        *names, place = what.rest.split()
        for name in names:
            source, target = context / name, work / (f"{place}{name}" if place.endswith("/") else place)
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    elif what.word == "RUN":
        command = what.rest.replace(PREFIX, str(prefix)).replace("python3 ", f"{shlex.quote(sys.executable)} ")
        done = subprocess.run(["sh", "-c", command], cwd=work, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    else:
        assert what.word in ("FROM", "WORKDIR"), what


def test_it_has_all_that_running_needs_and_nothing_that_builds(prefix: Path) -> None:
    programs = {path.name for path in (prefix / "bin").iterdir()}
    assert "scopekeeper" in programs
    assert not programs & {"pip", "hatchling"}
    [package] = prefix.glob("lib/python3*/site-packages/scopekeeper")
    assert (package / "__pycache__").is_dir()


def test_it_answers_where_nobody_may_write(prefix: Path, tmp_path: Path) -> None:
    tried = [*POWERLESS, "touch", str(prefix / "lib" / "it")]
    assert subprocess.run(tried, capture_output=True, check=False).returncode == 1
    server = Installed(tmp_path / "data", prefix)
    try:
        assert server.run("sample").returncode == 0
        server.start()
        made = server.json("app", "add", "It", "--type", "m2m", "--scope", "rest:callforward:read")
        assert server.token(made).startswith("skpr_at_")
        assert server.terminate() == 0
    finally:
        server.close()
