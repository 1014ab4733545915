"""`token list` and `token revoke` with everything that narrows them, and refresh tokens with their families."""

from pathlib import Path
from typing import Final

import pytest

from tests.cli.conftest import Shell
from tests.cli.granting import SCOPE, an_application, granted
from tests.cli.terminal import typed
from tests.cli.test_tokens_and_keys import issued

ALICE: Final = ("user", "add", "alice", "--json")


def ids(shell: Shell, *options: str) -> list[str]:
    return [each["id"] for each in shell.json("token", "list", *options)]


def test_tokens_are_narrowed_by_scope_and_by_when_they_were_issued(shell: Shell) -> None:
    client_id = shell.json("app", "add", "Night shift", "--type", "m2m", "--scope", "gql")["client_id"]
    token = issued(shell, client_id)
    assert ids(shell, "--scope", "gql:callforward:read") == [token]
    assert ids(shell, "--scope", "rest:callforward:read") == []
    assert ids(shell, "--since", "1h") == [token]
    assert ids(shell, "--until", "1h") == []
    assert ids(shell, "--until", "2020-01-31") == []
    assert ids(shell, "--since", "2020-01-31", "--until", "2099-12-31") == [token]
    assert ids(shell, "--since", "2020-01-31T10:00:00+01:00") == [token]
    assert shell.refused("token", "list", "--scope", "rest:x").startswith("no such scope: rest:x")
    assert shell.refused("token", "list", "--since", "soon", code=2).startswith("Invalid value for --since: must be")


def test_refresh_tokens_are_listed_with_their_family(shell: Shell) -> None:
    assert shell("token", "list", "--refresh").out == "There are no refresh tokens that work.\n"
    shell(*ALICE)
    client_id = an_application(shell)
    _, family = granted(shell, "alice", client_id)
    [shown] = shell.json("token", "list", "--refresh")
    assert (shown["family"], shown["user"], shown["application"]) == (family, "alice", "Phone book")
    assert (shown["scope"], shown["grant_type"]) == (SCOPE, "authorization_code")
    assert f"{family}  Phone book for alice" in shell("token", "list", "--refresh", "--user", "Alice").out
    assert shell.json("token", "list", "--refresh", "--user", "bob") == []


@pytest.mark.parametrize("end", [0, 1])
def test_row_21_either_end_of_a_family_takes_the_other_along(shell: Shell, end: int) -> None:
    shell(*ALICE)
    both = granted(shell, "alice", an_application(shell))
    assert shell("token", "revoke", both[end]).out == f"Revoked {both[end]}.\n"
    assert (ids(shell), ids(shell, "--refresh")) == ([], [])
    for each in both:
        assert shell.refused("token", "revoke", each).startswith("there is no live token")


def test_all_that_match_are_revoked_and_nothing_else(shell: Shell) -> None:
    shell(*ALICE)
    one, other = an_application(shell, "One"), an_application(shell, "Other")
    granted(shell, "alice", one)
    kept, _ = granted(shell, "alice", other)
    assert shell.json("token", "revoke", "--app", one) == {"revoked": 1}
    assert ids(shell) == [kept]
    assert shell("token", "revoke", "--user", "bob").out == "Revoked 0 access tokens.\n"
    assert shell("token", "revoke", "--all-matching", "--refresh").out == "Revoked 1 refresh token.\n"
    assert ids(shell) == []
    acts = [each["action"] for each in shell.json("audit", "list")]
    assert acts[:2] == ["family.revoke_matching", "token.revoke_matching"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "Invalid value for TOKEN_ID: say which"),
        (["--refresh"], "Invalid value for TOKEN_ID: say which"),
        (["0000000000a", "--app", "x"], "Invalid value for TOKEN_ID: one token, or all that match"),
        (["0000000000a", "--all-matching"], "Invalid value for TOKEN_ID: one token, or all that match"),
    ],
)
def test_what_is_to_be_revoked_has_to_be_said(shell: Shell, arguments: list[str], line: str) -> None:
    assert shell.refused("token", "revoke", *arguments, code=2).startswith(line)


@pytest.mark.parametrize(("answer", "code", "left"), [(b"n\n", 1, 1), (b"y\n", 0, 0)])
def test_at_a_terminal_it_says_how_many_and_asks(shell: Shell, answer: bytes, code: int, left: int) -> None:
    shell(*ALICE)
    granted(shell, "alice", an_application(shell))
    done = typed(Path(shell.data), "token", "revoke", "--user", "alice", answer=answer)
    assert "Revoke 1 access token, with all that came of the same grants? [y/N]" in " ".join(done.seen.split())
    assert (done.code, len(ids(shell))) == (code, left)
