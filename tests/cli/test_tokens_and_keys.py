"""`scopekeeper token …` and `scopekeeper keys …`."""

import asyncio
import re
import time

from scopekeeper.app import open_house
from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.records import Token
from scopekeeper.settings import load
from tests.cli.conftest import Shell


def issued(shell: Shell, client_id: str, *, user: str | None = None) -> str:
    """The id of a fresh token of this application."""

    async def issue() -> str:
        async with open_house(load({"data": str(shell.data)}, environ={})) as house:
            row, now = house.entropy.row_id(), int(time.time())
            token = Token(row, row.to_bytes(32), client_id, ("gql",), now, now + 3600, 0, user=user)
            await house.store.issue(token)
            return jti_of(row)

    return asyncio.run(issue())


def test_live_tokens_are_an_array_the_newest_first(shell: Shell) -> None:
    assert shell.json("token", "list") == []
    client_id = shell.json("app", "add", "Night shift", "--type", "m2m", "--scope", "gql")["client_id"]
    older, newer = issued(shell, client_id), issued(shell, client_id)
    listed = shell.json("token", "list")
    assert [each["id"] for each in listed] == [newer, older]
    assert listed[0] == {
        "id": newer,
        "client_id": client_id,
        "application": "Night shift",
        "user": None,
        "scope": "gql",
        "format": "opaque",
        "issued_at": listed[0]["issued_at"],
        "expires_at": listed[0]["expires_at"],
        "address": None,
        "last_used_at": None,
        "last_used_address": None,
    }


def test_tokens_are_listed_by_application_and_by_person(shell: Shell) -> None:
    one, other = (shell.json("app", "add", name, "--type", "m2m")["client_id"] for name in ("One", "Other"))
    mine, alices = issued(shell, one), issued(shell, other, user="alice")
    assert [each["id"] for each in shell.json("token", "list", "--app", one)] == [mine]
    for name in ("alice", "Alice"):
        assert [each["id"] for each in shell.json("token", "list", "--user", name)] == [alices]
    assert " Other for alice " in shell("token", "list").out
    assert shell.json("token", "list", "--user", "bob") == []
    assert shell.refused("token", "list", "--app", "nobody") == "there is no application 'nobody'"


def test_people_see_how_long_a_token_lives_and_when_it_was_used(shell: Shell) -> None:
    assert shell("token", "list").out == "There are no live tokens.\n"
    client_id = shell.json("app", "add", "Night shift", "--type", "m2m")["client_id"]
    token = issued(shell, client_id)
    head, line = shell("token", "list").out.splitlines()
    assert head.split() == ["Token", "ID", "Application", "Scopes", "Ends", "Last", "used"]
    assert line.split()[0] == token
    assert re.fullmatch(r"\w+ +Night shift +gql +in (59m|1h) +never", line.rstrip())


def test_a_revoked_token_is_listed_no_more(shell: Shell) -> None:
    client_id = shell.json("app", "add", "Night shift", "--type", "m2m")["client_id"]
    token = issued(shell, client_id)
    assert shell("token", "revoke", token).out == f"Revoked {token}.\n"
    assert shell.json("token", "list") == []
    assert shell.refused("token", "revoke", token).startswith(f"there is no live token {token}")


def test_what_is_no_token_id_is_not_repeated_for_it_may_be_a_token(shell: Shell) -> None:
    line = shell.refused("token", "revoke", "skpr_at_secret")
    assert line == "that is no token id: `scopekeeper token list` shows them"


def test_keys_are_an_array_with_one_that_signs_and_one_that_is_next(shell: Shell) -> None:
    keys = shell.json("keys", "list")
    assert [key["state"] for key in keys] == ["active", "next"]
    assert all(list(key) == ["kid", "alg", "state", "created_at", "retires_at"] for key in keys)
    head, *lines = shell("keys", "list").out.splitlines()
    assert head.split() == ["Key", "ID", "Alg", "State", "Made", "Leaves"]
    assert [line.split()[0] for line in lines] == [key["kid"] for key in keys]


def test_rotate_lets_the_next_key_sign(shell: Shell) -> None:
    _, following = shell.json("keys", "list")
    assert shell.json("keys", "rotate")["kid"] == following["kid"]
    assert [key["state"] for key in shell.json("keys", "list")] == ["retiring", "active", "next"]


def test_a_rotation_that_comes_too_soon_is_refused_unless_the_key_has_leaked(shell: Shell) -> None:
    shell.json("keys", "rotate")
    line = shell.refused("keys", "rotate")
    assert line.startswith("the next key was published ")
    assert line.endswith("or say --compromised if the key that signs has leaked")
    assert shell.json("keys", "rotate", "--compromised")["state"] == "active"


def test_keys_of_another_algorithm_are_made_on_demand(shell: Shell) -> None:
    assert shell.json("keys", "rotate", "--alg", "RS256")["alg"] == "RS256"
