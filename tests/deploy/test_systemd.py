"""The unit: systemd understands it, it is as closed as we say, and it fits what the server does."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from scopekeeper.app import serving
from tests.cli.terminal import COMMAND, environ
from tests.deploy.files import DEPLOY, VARIABLES, assignments, tool

FOLDER: Final = DEPLOY / "systemd"
UNIT: Final = assignments(FOLDER / "scopekeeper.service")
PROGRAM: Final = "/opt/scopekeeper/bin/scopekeeper"

EXPOSED: Final = 15
"""Tenths that `systemd-analyze security` may find at most: a service that talks to a network cannot have none."""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with a program in it that is there."""
    text = (FOLDER / "scopekeeper.service").read_text(encoding="utf-8")
    assert text.count(PROGRAM) == 1
    placed = tmp_path / "scopekeeper.service"
    placed.write_text(text.replace(PROGRAM, sys.executable), encoding="utf-8")
    return placed


def test_systemd_finds_no_fault_in_it(unit: Path) -> None:
    command = [tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=yes", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_systemd_finds_it_closed(unit: Path) -> None:
    command = [tool("systemd-analyze"), "security", "--offline=true", "--no-pager", f"--threshold={EXPOSED}", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_whatever_it_sets_is_a_setting() -> None:
    named = {each.partition("=")[0] for each in UNIT["Environment"]} | set(assignments(FOLDER / "environment"))
    [unset] = assignments(FOLDER / "sqlite.conf")["UnsetEnvironment"]
    assert named <= VARIABLES
    assert set(unset.split()) <= named


def test_every_secret_is_a_credential() -> None:
    given = {name: place for each in UNIT["LoadCredential"] for name, place in [each.split(":")]}
    taken = dict(each.split("=") for each in UNIT["Environment"])
    assert taken["SCOPEKEEPER_DATABASE_FILE"] == "%d/database"
    assert taken["SCOPEKEEPER_MASTER_KEY_FILE"] == "%d/master.key"
    assert given == {name: f"/etc/scopekeeper/{name}" for name in ("database", "master.key")}


def test_it_waits_for_as_long_as_the_server_takes_to_drain() -> None:
    [patience], [killed] = UNIT["TimeoutStopSec"], UNIT["KillMode"]
    assert int(patience) > serving._LONGEST
    assert killed == "mixed"  # SIGTERM is for the one that looks after the workers


def test_it_is_started_anew_when_it_hangs_or_fails_until_a_database_that_is_away_has_come_back(tmp_path: Path) -> None:
    said = {name: UNIT[name] for name in ("Type", "Restart", "StartLimitIntervalSec")}
    assert said == {"Type": ["notify"], "Restart": ["on-failure"], "StartLimitIntervalSec": ["0"]}
    assert UNIT["WatchdogSec"]
    away = environ(tmp_path, {"SCOPEKEEPER_DATABASE": "postgresql://keeper@/it?host=/nowhere"})
    done = subprocess.run([*COMMAND, "serve"], env=away, capture_output=True, text=True, check=False)
    assert "see that PostgreSQL is there" in done.stderr
    assert str(done.returncode) not in " ".join(UNIT.get("RestartPreventExitStatus", [])).split()
