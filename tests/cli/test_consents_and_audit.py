"""`scopekeeper consent …` and `scopekeeper audit …`."""

import json
import subprocess
from itertools import islice

import pytest

from scopekeeper import cli
from tests.cli.conftest import Shell
from tests.cli.granting import SCOPE, an_application, granted
from tests.cli.terminal import COMMAND, environ


def furnished(shell: Shell) -> str:
    """Alice, who allows an application something: its client_id."""
    shell("user", "add", "alice", "--json")
    client_id = an_application(shell)
    granted(shell, "alice", client_id)
    return client_id


def test_consents_are_listed_by_person_and_application(shell: Shell) -> None:
    assert shell.json("consent", "list") == []
    client_id = furnished(shell)
    [shown] = shell.json("consent", "list")
    assert shown | {"granted_at": None} == {
        "user": "alice",
        "client_id": client_id,
        "application": "Phone book",
        "scope": SCOPE,
        "claims": "",
        "granted_at": None,
    }
    assert f"alice   Phone book   {client_id}" in shell("consent", "list", "--app", client_id).out
    assert shell.json("consent", "list", "--user", "bob") == []
    assert shell.refused("consent", "list", "--app", "nobody") == "there is no application 'nobody'"


def test_what_is_withdrawn_takes_its_tokens_along(shell: Shell) -> None:
    client_id = furnished(shell)
    said = shell.json("consent", "withdraw", "Alice", client_id)
    assert said == {"user": "alice", "client_id": client_id, "families_ended": 1}
    assert (shell.json("consent", "list"), shell.json("token", "list")) == ([], [])
    assert "allows" in shell.refused("consent", "withdraw", "alice", client_id)
    [act] = shell.json("audit", "list", "--action", "consent.withdraw")
    assert (act["target"], act["details"]["user"]) == (client_id, "alice")


def test_the_log_is_told_newest_first_with_before_and_after(shell: Shell) -> None:
    client_id = furnished(shell)
    shell("app", "update", client_id, "--name", "Day shift")
    [newest, *_] = shell.json("audit", "list", "--target", client_id)
    assert set(newest) == {"id", "at", "actor", "action", "target", "address", "details"}
    assert newest["details"]["name"] == {"before": "Phone book", "after": "Day shift"}
    assert len(shell.json("audit", "list", "--limit", "1")) == 1
    assert "application.change" in shell("audit", "list").out


@pytest.mark.parametrize(
    ("options", "actions"),
    [
        (("--action", "application"), ["application.add"]),
        (("--action", "user.add"), ["user.add"]),
        (("--actor", "alice"), ["consent.give"]),
        (("--actor", "user:alice", "--since", "1h"), ["consent.give"]),
        (("--actor", "bob"), []),
        (("--text", "PHONE book"), ["application.add"]),
        (("--target", "alice"), ["user.add"]),
        (("--until", "2020-01-31"), []),
        (("--since", "2099-01-01"), []),
    ],
)
def test_the_log_is_narrowed(shell: Shell, options: tuple[str, ...], actions: list[str]) -> None:
    furnished(shell)
    found = [each["action"] for each in shell.json("audit", "list", *options)]
    assert [each for each in found if each not in ("user.link", "keys.make")] == actions


def test_nothing_is_said_in_words_where_nothing_matches(shell: Shell) -> None:
    assert shell("audit", "list", "--actor", "nobody").out == "Nothing matches.\n"


def test_no_secret_is_in_the_log(shell: Shell) -> None:
    made = shell.json("app", "add", "Night shift", "--type", "m2m")
    turned = shell.json("app", "rotate", made["client_id"])
    told = shell("audit", "list", "--json").out
    assert made["client_secret"] not in told
    assert turned["client_secret"] not in told


def test_who_follows_is_told_of_what_comes_a_line_each(shell: Shell) -> None:
    shell("user", "add", "alice", "--json")
    following = subprocess.Popen(
        [*COMMAND, "audit", "list", "--follow", "--json", "--action", "user"],
        env=environ(shell.data),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert following.stdout is not None
    try:
        told = [json.loads(following.stdout.readline())["action"] for _ in range(2)]
        shell("user", "edit", "alice", "--email", "alice@example.com")
        [later] = [json.loads(line) for line in islice(following.stdout, 1)]
    finally:
        following.kill()
        following.wait()
        following.stdout.close()
    assert told == ["user.add", "user.link"]
    assert (later["action"], later["details"]["email"]["after"]) == ("user.change", "alice@example.com")


def test_who_stops_following_is_told_nothing_of_it(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.audit, "in_house", interrupted)
    said = shell("audit", "list", "--follow")
    assert (said.code, said.out, said.err) == (0, "", "")
