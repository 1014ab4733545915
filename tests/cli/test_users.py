"""`scopekeeper user …` as it is typed, and as scripts use it: no terminal, JSON, exit codes."""

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest

from tests.live import COMMAND, Live

LINK = re.compile(r"http://127\.0\.0\.1:\d+/link\?\S*(skpr_ln_[0-9A-Za-z]{49})")
PASSWORD = "correct horse battery"


@pytest.fixture
def scopekeeper(tmp_path: Path) -> Live:
    """The command line on a data directory of its own."""
    return Live(tmp_path / "data")


def refused(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    assert done.returncode == code, done
    assert done.stdout == ""
    return done.stderr


def test_an_account_is_added_listed_disabled_enabled_and_removed(scopekeeper: Live) -> None:
    added = scopekeeper.run("user", "add", "Alice", "--email", "alice@example.com", "--password-stdin", input=PASSWORD)
    assert added.returncode == 0, added.stderr
    assert added.stdout == "Added alice.\n"
    assert scopekeeper.run("user", "disable", "ALICE").returncode == 0
    (alice,) = scopekeeper.json("user", "list")
    assert alice.keys() == {
        "name", "email", "email_verified", "full_name", "given_name", "family_name", "phone_number", "address",
        "locale", "zoneinfo", "admin", "enabled", "has_password", "created_at", "updated_at",
    }  # fmt: skip
    assert (alice["name"], alice["email"], alice["admin"], alice["enabled"], alice["has_password"]) == (
        "alice", "alice@example.com", False, False, True
    )  # fmt: skip
    assert scopekeeper.run("user", "enable", "alice").returncode == 0
    assert "enabled" in scopekeeper.run("user", "list").stdout
    assert scopekeeper.run("user", "remove", "alice", "--yes").stdout == "Removed alice.\n"
    assert scopekeeper.json("user", "list") == []
    assert "alice" in refused(scopekeeper.run("user", "remove", "alice"))


def test_what_applications_may_be_told_is_written_down_changed_and_cleared(scopekeeper: Live) -> None:
    told = ("--full-name", "Alice J.", "--phone-number", "+16045551234", "--address", "1 Main Street\nVancouver")
    more = ("--given-name", "Alice", "--family-name", "J.", "--locale", "en-CA", "--zoneinfo", "America/Vancouver")
    mail = ("--email", "alice@example.com", "--email-verified")
    made = scopekeeper.json("user", "add", "alice", *told, *more, *mail)
    assert (made["full_name"], made["address"], made["locale"]) == ("Alice J.", "1 Main Street\nVancouver", "en-CA")
    assert (made["email_verified"], made["zoneinfo"], made["family_name"]) == (True, "America/Vancouver", "J.")
    edited = scopekeeper.json("user", "edit", "alice", "--locale", "", "--no-email-verified")
    assert (edited["locale"], edited["email_verified"], edited["full_name"]) == (None, False, "Alice J.")
    assert "--phone-number: a telephone number is written" in refused(
        scopekeeper.run("user", "edit", "alice", "--phone-number", "none")
    )
    assert "nothing to change" in refused(scopekeeper.run("user", "edit", "alice"), 2)


def test_the_password_is_one_line_of_standard_input(scopekeeper: Live) -> None:
    made = scopekeeper.run(
        "user", "add", "root", "--admin", "--password-stdin", "--json", input=f"{PASSWORD}\r\nmore\n"
    )
    assert '"admin": true' in made.stdout
    assert '"link"' not in made.stdout
    assert "at least 8" in refused(scopekeeper.run("user", "passwd", "root", "--password-stdin", input="\n"))
    assert scopekeeper.run("user", "passwd", "root", "--password-stdin", input="another good one\n").returncode == 0


def test_without_a_terminal_a_link_stands_in_for_the_password(scopekeeper: Live) -> None:
    made = scopekeeper.run("user", "add", "alice", input="")
    assert made.returncode == 0, made.stderr
    assert LINK.search(made.stdout)
    bob = scopekeeper.json("user", "add", "bob")
    assert LINK.fullmatch(bob["link"])
    assert bob["has_password"] is False
    again = scopekeeper.json("user", "reset", "bob")
    assert again["name"] == "bob"
    assert LINK.fullmatch(again["link"])
    assert again["link"] != bob["link"]
    assert "--password-stdin" in refused(scopekeeper.run("user", "passwd", "alice", input=""), 2)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "no name!"), "a name has"),
        (("add", "alice", "--email", "nowhere"), "--email: that is no e-mail address"),
        (("reset", "nobody"), "there is no account 'nobody'"),
        (("disable", "nobody"), "there is no account 'nobody'"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_code_1(scopekeeper: Live, arguments: tuple[str, ...], told: str) -> None:
    said = refused(scopekeeper.run("user", *arguments, input=""))
    assert told in said
    assert said.count("\n") == 1


def test_a_name_that_is_taken_and_an_owner_that_is_not_there_are_refused(scopekeeper: Live) -> None:
    assert scopekeeper.run("user", "add", "alice", input="").returncode == 0
    assert "already" in refused(scopekeeper.run("user", "add", "ALICE", input=""))
    add = ("app", "add", "Night shift", "--type", "m2m", "--owner")
    assert "there is no account 'bob'" in refused(scopekeeper.run(*add, "bob"))
    made = scopekeeper.json(*add, "Alice")
    assert scopekeeper.json("app", "show", made["client_id"])["owner"] == "alice"


def test_at_a_terminal_the_password_is_asked_for_twice_and_never_shown(scopekeeper: Live) -> None:
    master, terminal = pty.openpty()
    asking = subprocess.Popen(
        [*COMMAND, "--data", str(scopekeeper.data), "user", "add", "alice"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        cwd=scopekeeper.data.parent,
    )
    os.close(terminal)
    shown = b""
    for prompt in (b"Password: ", b"The same again: "):
        while not shown.endswith(prompt):
            shown += os.read(master, 1_024)
        os.write(master, f"{PASSWORD}\n".encode())
    while b"Added alice." not in shown:
        shown += os.read(master, 1_024)
    assert asking.wait(20) == 0
    os.close(master)
    assert PASSWORD.encode() not in shown
    (alice,) = scopekeeper.json("user", "list")
    assert alice["has_password"] is True


def test_row_60_serve_prints_a_set_up_link_until_there_is_an_administrator(scopekeeper: Live) -> None:
    secrets = []
    for _ in range(2):
        scopekeeper.start()
        assert scopekeeper.terminate() == 0
        printed = LINK.findall(scopekeeper.log.read_text())
        secrets.append(printed[-1])
    assert len(set(secrets)) == 2
    made = scopekeeper.run("user", "add", "root", "--admin", "--password-stdin", input=PASSWORD)
    assert made.returncode == 0, made.stderr
    scopekeeper.log.unlink()
    scopekeeper.start()
    assert scopekeeper.terminate() == 0
    assert "serves at" in scopekeeper.log.read_text()
    assert LINK.search(scopekeeper.log.read_text()) is None
