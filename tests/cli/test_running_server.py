"""A running server honours what the command line changed within one second."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx2
import pytest
from joserfc.jws import extract_compact

from tests.cli.conftest import Shell
from tests.live import Live, live
from tests.waiting import until

SECOND: Final = 1.0
READ: Final = "/api/rest/extensions/1001"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("running")) as running:
        yield running


@pytest.fixture
def operator(server: Live, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Whoever types on the machine on which the server runs."""
    for name, value in server.settings.items():
        monkeypatch.setenv(name, value)
    return shell


def added(operator: Shell, *options: str) -> dict[str, Any]:
    made: dict[str, Any] = operator.json("app", "add", "Night shift", "--type", "m2m", "--scope", "rest", *options)
    return made


def read(server: Live, token: str) -> int:
    return httpx2.get(server.issuer + READ, headers={"Authorization": f"Bearer {token}"}).status_code


def asked(server: Live, client_id: str, client_secret: str) -> int:
    form = {"grant_type": "client_credentials"}
    return httpx2.post(f"{server.issuer}/oauth/token", data=form, auth=(client_id, client_secret)).status_code


def soon(look: Callable[[], object], expected: object) -> None:
    """Within one second it is so."""
    end = time.monotonic() + SECOND
    while (seen := look()) != expected:
        assert time.monotonic() < end, seen
        time.sleep(0.02)


def test_the_keys_of_id_tokens_are_made_without_being_asked_for(server: Live, operator: Shell) -> None:
    for _ in range(100):
        made = [key["state"] for key in operator.json("keys", "list") if key["alg"] == "RS256"]
        if made:
            break
        time.sleep(0.1)
    assert made == ["active", "next"]


def test_a_new_application_gets_a_token(server: Live, operator: Shell) -> None:
    made = added(operator)
    soon(lambda: asked(server, made["client_id"], made["client_secret"]), 200)


def test_a_disabled_application_is_shut_out_until_it_is_enabled(server: Live, operator: Shell) -> None:
    made = added(operator)
    token = server.token(made)
    assert read(server, token) == 200
    operator.json("app", "disable", made["client_id"])
    soon(lambda: read(server, token), 401)
    soon(lambda: asked(server, made["client_id"], made["client_secret"]), 401)
    operator.json("app", "enable", made["client_id"])
    soon(lambda: read(server, token), 200)


def test_a_narrowed_ceiling_is_felt_by_tokens_that_are_out_already(server: Live, operator: Shell) -> None:
    made = added(operator)
    token = server.token(made)
    assert read(server, token) == 200
    operator.json("app", "update", made["client_id"], "--scope", "rest:callforward")
    soon(lambda: read(server, token), 403)


def test_after_a_compromise_only_the_new_secret_works(server: Live, operator: Shell) -> None:
    made = added(operator)
    token = server.token(made)
    assert read(server, token) == 200
    done = operator.json("app", "compromised", made["client_id"])
    assert done["report"]["tokens_ended"] == 1
    assert list(done["report"]["addresses"]) == ["127.0.0.1"]
    soon(lambda: read(server, token), 401)
    soon(lambda: asked(server, made["client_id"], made["client_secret"]), 401)
    assert read(server, server.token(done)) == 200


def test_after_a_rotation_without_overlap_only_the_new_secret_works_and_tokens_live_on(
    server: Live, operator: Shell
) -> None:
    made = added(operator)
    token = server.token(made)
    rotated = operator.json("app", "rotate", made["client_id"], "--overlap", "0")
    soon(lambda: asked(server, made["client_id"], made["client_secret"]), 401)
    assert read(server, server.token(rotated)) == read(server, token) == 200


def test_after_a_rotation_with_overlap_both_secrets_work(server: Live, operator: Shell) -> None:
    made = added(operator)
    rotated = operator.json("app", "rotate", made["client_id"])
    soon(lambda: asked(server, made["client_id"], rotated["client_secret"]), 200)
    assert asked(server, made["client_id"], made["client_secret"]) == 200


def test_a_revoked_token_is_dead_and_others_live_on(server: Live, operator: Shell) -> None:
    made = added(operator)
    other, token = server.token(made), server.token(made)
    newest, _ = operator.json("token", "list", "--app", made["client_id"])
    operator("token", "revoke", newest["id"])
    soon(lambda: read(server, token), 401)
    assert read(server, other) == 200


def test_a_removed_application_is_gone_with_its_tokens(server: Live, operator: Shell) -> None:
    made = added(operator)
    token = server.token(made)
    assert read(server, token) == 200
    operator("app", "remove", made["client_id"])
    soon(lambda: read(server, token), 401)
    soon(lambda: asked(server, made["client_id"], made["client_secret"]), 401)


def test_after_a_rotation_of_keys_the_next_one_signs_and_tokens_of_the_old_one_live_on(
    server: Live, operator: Shell
) -> None:
    made = added(operator, "--token-format", "jwt")
    token = server.token(made)
    signing = operator.json("keys", "rotate")["kid"]
    soon(lambda: extract_compact(server.token(made).encode()).headers()["kid"], signing)
    assert read(server, token) == 200
    published = {key["kid"] for key in httpx2.get(f"{server.issuer}/oauth/jwks").json()["keys"]}
    assert {extract_compact(token.encode()).headers()["kid"], signing} <= published


def test_the_command_line_shows_when_and_from_where_a_secret_was_used(server: Live, operator: Shell) -> None:
    made = added(operator)
    server.token(made)

    def used_from() -> object:
        (secret,) = operator.json("app", "show", made["client_id"])["secrets"]
        return secret["last_used_address"]

    assert until(used_from) == "127.0.0.1"


def test_what_an_application_did_is_told_within_a_few_seconds(server: Live, operator: Shell) -> None:
    made = added(operator)
    assert read(server, server.token(made)) == 200
    seen: dict[str, Any] = {}
    for _ in range(100):
        seen = operator.json("app", "activity", made["client_id"])
        if seen["calls"] and seen["tokens"]:  # of two processes each tells what it did by itself
            break
        time.sleep(0.1)
    assert (seen["calls"], seen["tokens"], seen["addresses"]) == (
        {"rest": 1},
        {"client_credentials": 1},
        {"127.0.0.1": 1},
    )
    assert [each["scope"] for each in seen["scopes_used"]] == ["rest:extensions:read"]
    assert (seen["advice"]["scope"], seen["advice"]["narrower"]) == ("rest:extensions:read", True)
    assert seen["last_used_at"] is not None
