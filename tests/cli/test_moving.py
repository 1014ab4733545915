"""A server that moves up: what it answered on a file holds on PostgreSQL, and everything goes on there."""

import json
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.settings import PostgresDatabase
from tests.beneath import tell_file
from tests.cli.conftest import Shell
from tests.clients.inhabited import OWN, alice_at, forward_of, inhabited
from tests.clients.person import Person
from tests.faults.grants import REDIRECT, VERIFIER, credentials_of
from tests.live import Live
from tests.moving import filled, require_same, schema_of
from tests.postgres import tell

MODULES = ("module_extensions", "module_callforward")


def code_of(person: Person, application: dict[str, str]) -> str:
    asked = {"response_type": "code", "client_id": application["client_id"], "redirect_uri": REDIRECT, "state": "s"}
    asked |= {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    return person.allow(f"{person.issuer}/oauth/authorize?{urlencode(asked)}").answer["code"]


def redeemed(server: Live, application: dict[str, str], **form: str) -> httpx2.Response:
    return httpx2.post(f"{server.issuer}/oauth/token", data=form, auth=credentials_of(application))


def status(server: Live, token: str) -> int:
    return httpx2.get(forward_of(server), headers={"authorization": f"Bearer {token}"}).status_code


@pytest.mark.one_process("what is moved is the file that is its database")
def test_everything_that_was_answered_before_holds_after_it(tmp_path: Path, empty: PostgresDatabase) -> None:
    with inhabited(tmp_path) as server, alice_at(server) as alice:
        web = server.json(
            "app",
            "add",
            "Phone book",
            "--type",
            "web",
            "--scope",
            "openid rest:callforward",
            "--redirect-uri",
            REDIRECT,
        )
        machine = server.json("app", "add", "Night", "--type", "m2m", "--scope", "rest gql", "--token-format", "jwt")
        asks = server.json("app", "add", "Asks", "--type", "m2m", "--scope", "rest", "--resource-server")
        bought = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        first = redeemed(server, web, code=code_of(alice, web), **bought).json()
        jwt, revoked = server.token(machine), server.token(asks)
        form = {"token": revoked}
        assert httpx2.post(f"{server.issuer}/oauth/revoke", data=form, auth=credentials_of(asks)).status_code == 200
        put = httpx2.put(forward_of(server), json={"unconditional": "1002"}, headers={"authorization": f"Bearer {jwt}"})
        assert put.status_code == 200
        keys = httpx2.get(f"{server.issuer}/oauth/jwks").json()
        audit = server.json("audit", "list")
        assert server.terminate() == 0
        waiting = server.json("user", "add", "bob")

        path = server.data / "scopekeeper.db"
        done = server.run("migrate", "--from", f"sqlite:///{path}", "--to", empty.url, "--json")
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["from"], told["to"], told["left"]) == (f"sqlite:///{path}", str(empty), [])
        assert {each["table"]: each["rows"] for each in told["tables"]}["users"] == 2
        assert all(len(each["digest"]) == 64 for each in told["tables"])
        require_same(path, empty, MODULES)

        moved = Live(server.data, {"SCOPEKEEPER_DATABASE": empty.url})
        moved.port, moved.issuer = server.port, server.issuer
        moved.start()
        try:
            assert [status(moved, token) for token in (first["access_token"], jwt, revoked)] == [200, 200, 401]
            read = httpx2.get(forward_of(moved), headers={"authorization": f"Bearer {first['access_token']}"}).json()
            assert read["unconditional"] == "1002"
            again = redeemed(moved, web, grant_type="refresh_token", refresh_token=first["refresh_token"])
            assert again.status_code == 200
            assert status(moved, again.json()["access_token"]) == 200
            account = alice.open(f"{moved.issuer}/account")
            assert "Phone book" in getattr(account, "text", "")  # the session holds, and so does the connection
            assert [each["client_id"] for each in moved.json("consent", "list")] == [web["client_id"]]
            asked = {"response_type": "code", "client_id": web["client_id"], "redirect_uri": REDIRECT, "state": "s"}
            asked |= {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
            silent = alice.open(f"{moved.issuer}/oauth/authorize?{urlencode(asked | {'prompt': 'none'})}")
            assert "code" in getattr(silent, "answer", {})  # neither asked to sign in nor to consent
            assert httpx2.get(f"{moved.issuer}/oauth/jwks").json() == keys
            assert audit == moved.json("audit", "list")[-len(audit) :]
            page = alice.open(waiting["link"].replace("http://127.0.0.1:8000", moved.issuer))
            assert getattr(page, "status", 0) == 200
            assert moved.token(asks)
            assert len(moved.json("app", "list")) == len(server.json("app", "list"))
            assert moved.terminate() == 0
            assert "Traceback" not in moved.log.read_text()
        finally:
            moved.kill()
        assert OWN in {key for (key,) in tell(empty, "SELECT extension FROM module_extensions")}


def test_an_id_is_never_made_twice(shell: Shell, empty: PostgresDatabase) -> None:
    path = filled(shell.folder / "it.db", 3)
    ends = 1_700_000_000_000
    tell_file(path, "UPDATE processes SET holder = 'gone:1:ff', until_milliseconds = ? WHERE number = 7", ends)
    tell_file(path, "UPDATE processes SET holder = 'set aside', until_milliseconds = ? WHERE number = 8", ends * 9)
    shell.json("migrate", "--from", f"sqlite:///{path}", "--to", empty.url)
    rows = tell(
        empty, "SELECT number, holder, until_milliseconds FROM processes WHERE until_milliseconds > 0 ORDER BY 1"
    )
    assert rows == [(7, None, ends), (8, "set aside", ends * 9)]
    assert tell(empty, "SELECT count(*) FROM processes") == [(1024,)]


def test_the_target_has_the_same_schema_as_one_that_migrate_makes(
    shell: Shell, empty: PostgresDatabase, made: PostgresDatabase
) -> None:
    assert shell("sample").code == 0
    assert shell("sample", "--database", made.url).code == 0
    said = shell("migrate", "--from", f"sqlite:///{shell.data}/scopekeeper.db", "--to", empty.url)
    assert said.code == 0, said.err
    assert schema_of(empty) == schema_of(made)


def test_it_says_what_it_did_and_what_is_to_be_done(shell: Shell, made: PostgresDatabase) -> None:
    assert shell("sample").code == 0
    said = shell("migrate", "--from", f"sqlite:///{shell.data}/scopekeeper.db", "--to", made.url)
    assert said.code == 0, said.err
    rows = {line.split()[0]: line.split()[1:] for line in said.out.splitlines() if line.startswith("module_")}
    assert rows["module_extensions"][0] == "50"
    assert len(rows["module_extensions"][1]) == 16
    assert f"to {made} in " in said.out
    assert f"the same master key, in {shell.data}/master.key or SCOPEKEEPER_MASTER_KEY" in " ".join(said.out.split())
    assert "Copying module_extensions: 50" in said.err.splitlines()
    assert shell.json("app", "list", "--database", made.url) == []


def test_a_module_that_is_switched_off_is_moved_too(shell: Shell, empty: PostgresDatabase) -> None:
    assert shell("sample").code == 0
    (shell.folder / "scopekeeper.toml").write_text('modules_off = ["callforward"]\n')
    shell.json("migrate", "--from", f"sqlite:///{shell.data}/scopekeeper.db", "--to", empty.url)
    require_same(shell.data / "scopekeeper.db", empty, MODULES)


def test_from_one_postgresql_to_another(shell: Shell, empty: PostgresDatabase, made: PostgresDatabase) -> None:
    path = filled(shell.folder / "it.db", 1_200)
    to_made = shell.json("migrate", "--from", f"sqlite:///{path}", "--to", made.url)
    to_empty = shell.json("migrate", "--from", made.url, "--to", empty.url)
    assert to_empty["tables"] == to_made["tables"]
    require_same(path, empty)
