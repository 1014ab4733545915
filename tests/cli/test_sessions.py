"""`user edit`, `user sessions` and `user end-session`."""

from tests.cli.conftest import Shell
from tests.cli.granting import signed_in


def test_an_account_is_edited_and_only_what_is_given_changes(shell: Shell) -> None:
    shell("user", "add", "alice", "--json")
    edited = shell.json("user", "edit", "Alice", "--email", "alice@example.com", "--admin")
    assert (edited["name"], edited["email"], edited["admin"]) == ("alice", "alice@example.com", True)
    said = shell("user", "edit", "alice", "--no-admin")
    assert said.out == "alice: alice@example.com, enabled, no password yet.\n"
    assert shell.json("user", "edit", "alice", "--email", "")["email"] is None


def test_an_edit_that_cannot_be_is_refused(shell: Shell) -> None:
    shell("user", "add", "alice", "--json")
    assert shell.refused("user", "edit", "alice", "--email", "x") == "--email: that is no e-mail address"
    assert shell.refused("user", "edit", "bob", "--admin") == "there is no account 'bob'"
    assert shell.refused("user", "edit", "alice", code=2).startswith("Invalid value for NAME: nothing to change")


def test_accounts_are_narrowed(shell: Shell) -> None:
    shell("user", "add", "alice", "--admin", "--json")
    shell("user", "add", "bob", "--email", "bob@example.com", "--json")
    shell("user", "disable", "bob")

    def names(*options: str) -> list[str]:
        return [each["name"] for each in shell.json("user", "list", *options)]

    assert names() == ["alice", "bob"]
    assert (names("--admin"), names("--no-admin")) == (["alice"], ["bob"])
    assert (names("--state", "enabled"), names("--state", "disabled")) == (["alice"], ["bob"])
    assert names("--text", "EXAMPLE.com") == ["bob"]


def test_sessions_are_listed_and_ended_one_or_all(shell: Shell) -> None:
    shell("user", "add", "alice", "--json")
    assert shell("user", "sessions", "alice").out == "alice is signed in nowhere.\n"
    first, second, third = (signed_in(shell, "alice") for _ in range(3))
    assert [each["id"] for each in shell.json("user", "sessions", "Alice")] == [third, second, first]
    assert "203.0.113.7  Firefox" in shell("user", "sessions", "alice").out
    assert shell("user", "end-session", "alice", second).out == "Ended 1 session of alice.\n"
    assert shell.refused("user", "end-session", "alice", second).startswith("alice has no such session")
    assert shell.json("user", "end-session", "alice", "--all") == {"ended": 2}
    assert shell.json("user", "sessions", "alice") == []
    assert shell.refused("user", "end-session", "alice", code=2).startswith("Invalid value for SESSION_ID: say which")


def test_row_55_nobody_elses_session_is_ended(shell: Shell) -> None:
    for name in ("alice", "bob"):
        shell("user", "add", name, "--json")
    session = signed_in(shell, "bob")
    for number in (session, "x", "0000000000a"):
        assert shell.refused("user", "end-session", "alice", number).startswith("alice has no such session")
    assert [each["id"] for each in shell.json("user", "sessions", "bob")] == [session]
