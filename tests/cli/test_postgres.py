"""The command line and a real server on PostgreSQL: what works on a file works there, and what is wrong is one line."""

import os
import re
from functools import partial
from pathlib import Path

import httpx2
import pytest

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import HEAD
from tests.cli.conftest import Shell
from tests.live import felt, live
from tests.postgres import name_of, postgres, tell


@pytest.fixture
def with_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs are found first."""
    monkeypatch.setenv("PATH", f"{postgres().programs}:{os.environ['PATH']}")


def test_migrate_makes_it_and_everything_else_asks_for_that(shell: Shell, empty: PostgresDatabase) -> None:
    on = ("--database", empty.url)
    for command in (["app", "list"], ["sample"], ["serve"], ["user", "list"]):
        assert shell.refused(*command, *on, code=2) == f"{empty} is empty: run `scopekeeper migrate` once"
    assert "is empty" in shell("doctor", *on).out
    assert shell.json("migrate", *on) == {"database": str(empty), "from": None, "to": HEAD, "copy": None}
    assert shell("migrate", *on).out == f"{empty} is up to date.\n"
    assert re.fullmatch(r"Loaded the sample: [1-9]\d+ new\.\n", shell("sample", *on).out)
    assert shell("sample", *on).out == "The sample is loaded already.\n"
    assert f"{empty} answers, with schema {HEAD}" in shell("doctor", *on).out


def test_a_server_serves_from_it(tmp_path: Path, made: PostgresDatabase) -> None:
    with live(tmp_path, {"SCOPEKEEPER_DATABASE": made.url}) as server:
        application = server.json("app", "add", "It", "--type", "m2m", "--scope", "rest gql", "--resource-server")
        added = server.run("user", "add", "alice", "--admin", "--password-stdin", input="correct horse battery")
        assert added.returncode == 0, added.stderr
        token = server.token(application)
        with httpx2.Client(base_url=server.issuer, headers={"Authorization": f"Bearer {token}"}) as client:
            listed = client.get("/api/rest/extensions/", params={"limit": 5}).json()
            assert [each["extension"] for each in listed["items"]] == ["1001", "1002", "1003", "1004", "1005"]
            following = client.get("/api/rest/extensions/", params={"limit": 5, "after": listed["next"]}).json()
            assert following["items"][0]["extension"] == "1006"
            forward = client.put("/api/rest/callforward/users/1001", json={"unconditional": "1002", "ring_timer": 20})
            assert forward.status_code == 200
            loop = client.put("/api/rest/callforward/users/1002", json={"unconditional": "1001"})
            assert loop.status_code == 422
            query = {"query": '{ callForward(extension: "1001") { unconditional ringTimer } }'}
            answer = client.post("/api/graphql", json=query).json()
            assert answer == {"data": {"callForward": {"unconditional": "1002", "ringTimer": 20}}}
            assert client.delete("/api/rest/extensions/1001").status_code == 204
            assert client.get("/api/rest/callforward/users/1001").status_code == 404
        basic = (application["client_id"], application["client_secret"])
        asked = httpx2.post(f"{server.issuer}/oauth/introspect", data={"token": token}, auth=basic).json()
        assert asked["active"] is True
        assert httpx2.post(f"{server.issuer}/oauth/revoke", data={"token": token}, auth=basic).status_code == 200
        introspect = partial(httpx2.post, f"{server.issuer}/oauth/introspect", data={"token": token}, auth=basic)
        felt(lambda: introspect().json(), {"active": False})
        server.kill()
        server.start()
        assert server.json("token", "list") == []
        assert server.token(application)
        assert server.terminate() == 0
        assert "Traceback" not in server.log.read_text()


def test_another_master_key_is_one_line(shell: Shell, made: PostgresDatabase) -> None:
    assert shell("app", "list", "--database", made.url).code == 0
    (shell.data / "master.key").unlink()
    line = shell.refused("app", "list", "--database", made.url, code=2)
    assert "under which the signing keys in the database were wrapped" in line
    (shell.data / "master.key").write_text("0123456789" * 5)
    (shell.data / "master.key").chmod(0o600)
    assert "master key" in shell.refused("serve", "--database", made.url, code=2)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:s3cret@127.0.0.1:1/it",
        "postgresql://me:s3cret@/it?host=/nowhere",
        "postgresql://me:s3cret@127.0.0.1:port/it",
    ],
    ids=["refused", "no socket", "no port"],
)
@pytest.mark.parametrize("command", ["app list", "serve", "migrate"])
def test_a_server_that_cannot_be_reached_is_one_line_without_the_password(shell: Shell, command: str, url: str) -> None:
    assert "s3cret" not in shell.refused(*command.split(), "--database", url, code=2)


@pytest.mark.usefixtures("with_programs")
def test_a_copy_is_put_into_an_empty_database(shell: Shell, made: PostgresDatabase, empty: PostgresDatabase) -> None:
    registered = shell.json("app", "add", "Night shift", "--type", "m2m", "--database", made.url)
    copied = shell("backup", "copy", "--database", made.url)
    assert copied.out.startswith(f"Copied {made} to copy.\n"), copied.err
    assert (shell.folder / "copy").stat().st_mode & 0o777 == 0o600
    assert shell.refused("backup", "copy", "--database", made.url) == "copy exists already"
    assert "is not empty" in shell.refused("restore", "copy", "--yes", "--database", made.url)
    assert shell("restore", "copy", "--yes", "--database", empty.url).out == f"Restored {empty} from copy.\n"
    (listed,) = shell.json("app", "list", "--database", empty.url)
    assert listed["client_id"] == registered["client_id"]


@pytest.mark.usefixtures("with_programs")
def test_what_is_no_copy_is_not_put_back(shell: Shell, empty: PostgresDatabase) -> None:
    (shell.folder / "text").write_text("this is no copy" * 100)
    assert shell.refused("restore", "text", "--yes", "--database", empty.url).startswith("pg_restore failed: ")
    assert "there is no file nope" in shell.refused("restore", "nope", "--yes", "--database", empty.url)
    assert tell(empty, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_without_postgresqls_programs_a_copy_is_refused_in_one_line(
    shell: Shell, made: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(shell.folder))
    assert shell.refused("backup", "copy", "--database", made.url).startswith("there is no pg_dump here")
    assert not (shell.folder / "copy").exists()


def test_a_copy_of_a_database_that_is_not_there_leaves_no_file(shell: Shell, made: PostgresDatabase) -> None:
    gone = made.url.replace(name_of(made), "gone")
    assert "s3cret" not in shell.refused("backup", "copy", "--database", gone, code=2)
    assert not (shell.folder / "copy").exists()
