"""`scopekeeper doctor` names what is wrong, says how to mend it, and makes nothing."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.cli.doctor import machine
from scopekeeper.store import HEAD
from tests.cli.conftest import Shell
from tests.cli.test_database import set_version, spoil


def fingerprint(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def found(shell: Shell) -> list[Any]:
    """What the doctor finds; it changes no file by looking, and its exit code is true."""
    before = fingerprint(shell.folder)
    said = shell("doctor", "--json")
    assert fingerprint(shell.folder) == before
    findings: list[Any] = said.json()
    assert said.code == any(each["state"] == "bad" for each in findings)
    return findings


def wrong(shell: Shell) -> list[tuple[str, str, str]]:
    """What is not good: where, what, and how to mend it."""
    return [(each["subject"], each["what"], each["mend"]) for each in found(shell) if each["state"] != "good"]


@pytest.fixture
def database(shell: Shell) -> Path:
    """A healthy set-up."""
    shell.json("app", "add", "Night shift", "--type", "m2m", "--scope", "rest:callforward")
    return shell.data / "scopekeeper.db"


def test_a_healthy_set_up_is_good_in_every_respect(shell: Shell, database: Path) -> None:
    said = shell("doctor")
    assert (said.code, said.err) == (0, "")
    subjects = [line.split()[1].rstrip(":") for line in said.out.splitlines() if line.startswith("good  ")]
    assert subjects == ["settings", "data", "clock", "modules", "database", "keys", "applications"]
    assert len(subjects) == len(said.out.splitlines())
    assert {frozenset(each) for each in found(shell)} == {frozenset({"subject", "state", "what", "mend"})}


def test_a_data_directory_that_is_not_there_is_not_made(shell: Shell) -> None:
    ((subject, what, _),) = wrong(shell)
    assert (subject, what) == ("data", f"there is no folder {shell.data}")
    assert not shell.data.exists()


def test_a_database_that_is_not_there_is_not_made(shell: Shell) -> None:
    shell.data.mkdir(mode=0o700)
    ((subject, what, _),) = wrong(shell)
    assert (subject, what) == ("database", f"there is no {shell.data}/scopekeeper.db")
    assert list(shell.data.iterdir()) == []


def test_an_empty_file_is_no_database_yet(shell: Shell, database: Path) -> None:
    database.write_bytes(b"")
    ((_, what, mend),) = wrong(shell)
    assert (what, mend) == (f"{database} is empty", "`scopekeeper migrate` makes a database of it")


def test_files_that_others_can_read_are_named_with_the_command_that_mends_them(shell: Shell, database: Path) -> None:
    key = shell.data / "master.key"
    shell.data.chmod(0o755)
    database.chmod(0o644)
    key.chmod(0o640)
    assert wrong(shell) == [
        ("data", f"{path} is open to other users of this machine", f"chmod {mode} {path}")
        for path, mode in ((shell.data, "700"), (database, "600"), (key, "600"))
    ]
    assert shell("doctor").err == "scopekeeper: 3 things have to be mended\n"


def test_a_master_key_that_is_lost_or_another_is_told(shell: Shell, database: Path) -> None:
    key = shell.data / "master.key"
    for text in ("0123456789" * 5, "short", "ü" * 40):
        key.write_text(text, encoding="utf-8")
        ((subject, what, mend),) = wrong(shell)
        assert (subject, what) == ("keys", "the master key does not open the signing keys")
        assert mend.startswith("bring back the master.key")
    key.unlink()
    ((_, what, _),) = wrong(shell)
    assert what == f"there is no {key}, so the signing keys cannot be opened"


def test_a_damaged_database_is_told(shell: Shell, database: Path) -> None:
    spoil(database)
    ((subject, what, mend),) = wrong(shell)
    assert subject == "database"
    assert str(database) in what
    assert "scopekeeper restore FILE" in mend
    database.write_bytes(b"this is no database" * 1000)
    ((_, what, _),) = wrong(shell)
    assert what.endswith("file is not a database")


def test_a_database_of_another_version_is_told(shell: Shell, database: Path) -> None:
    set_version(database, "9999")
    ((_, what, mend),) = wrong(shell)
    assert what == f"{database} has schema 9999, which is newer than this program"
    assert mend == "install the newer program"


def test_a_newer_database_that_lets_this_program_work_is_told(shell: Shell, database: Path) -> None:
    set_version(database, "9999", HEAD)
    assert wrong(shell) == []
    assert f"good  schema: 9999, newer than this program ({HEAD}), and lets it work\n" in shell("doctor").out


def test_a_database_without_keys_waits_for_the_server_to_make_them(shell: Shell) -> None:
    assert shell("migrate").code == 0
    assert ("keys", "there are no signing keys yet", "the server makes them when it starts") in wrong(shell)


def test_a_scope_that_no_module_offers_any_more_is_a_warning(
    shell: Shell, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOPEKEEPER_MODULES_OFF", "callforward")
    ((subject, what, _),) = wrong(shell)
    assert subject == "applications"
    assert what.endswith("rest:callforward")


def test_modules_that_cannot_stand_together_are_told(
    shell: Shell, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOPEKEEPER_MODULES_OFF", "nope")
    ((subject, what, _),) = wrong(shell)
    assert (subject, what) == ("modules", "no module is named 'nope', so it cannot be switched off")


def test_what_looks_like_a_setting_and_is_none_is_a_warning(
    shell: Shell, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOPEKEEPER_PROT", "8000")
    ((subject, what, _),) = wrong(shell)
    assert subject == "settings"
    assert what.startswith("SCOPEKEEPER_PROT is no setting")


def test_a_disk_that_is_nearly_full_is_a_warning(shell: Shell, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_LEAST_FREE", 1 << 62)
    ((subject, what, mend),) = wrong(shell)
    assert subject == "data"
    assert what.startswith("only ")
    assert mend == "make room on that disk"


def test_a_clock_that_is_behind_is_told(shell: Shell, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_BUILT_AFTER", 1 << 40)
    assert wrong(shell) == [("clock", "the machine's clock is behind", "set it, and let NTP keep it right")]


def leased_in_a_year(database: Path) -> None:
    """A machine whose clock was a year ahead has worked with it."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "UPDATE processes SET until_milliseconds = until_milliseconds + 31536000000 WHERE number = 0"
        )


def test_a_clock_that_is_behind_what_the_database_has_seen_opens_no_house_and_is_told(
    shell: Shell, database: Path
) -> None:
    leased_in_a_year(database)
    ((subject, what, mend),) = wrong(shell)
    assert subject == "clock"
    assert len(re.findall(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", what)) == 2
    said = shell("app", "list")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("scopekeeper: this machine's clock says 20")
    assert said.err.endswith(f" {mend}\n")
    assert "doctor --clock-is-right" in mend


def test_an_operator_may_say_that_the_other_clock_was_wrong_and_the_log_tells_who(shell: Shell, database: Path) -> None:
    leased_in_a_year(database)
    said = shell("doctor", "--clock-is-right")
    assert (said.code, said.err) == (0, "")
    assert "good  clock: believed; one lease was a wrong clock's\n" in said.out
    assert wrong(shell) == []
    assert shell("app", "list").code == 0
    (act,) = [each for each in shell.json("audit", "list") if each["action"] == "clock.believe"]
    assert act["actor"].startswith("cli")
    assert "believed; no other was far ahead" in shell("doctor", "--clock-is-right").out
