"""What is not needed is not imported: by a command, and by a server that is asked for nothing but tokens."""

import sys
from pathlib import Path
from typing import Final

import httpx2

from tests.live import Live

TELLING: Final = (sys.executable, "-X", "importtime", "-m", "scopekeeper")
"""It says on standard error what it imports."""

HEAVY: Final = {"alembic", "graphql", "httpcore2", "jinja2", "pydantic", "rich.console", "truststore"}
LATER: Final = {"aiosmtplib", "fido2", "segno", "zxcvbn"}
"""What a server has once a mail is sent, a passkey or a QR code is shown, a password is chosen."""
ROOMS: Final = {"scopekeeper.app.rooms", "scopekeeper.console", "scopekeeper.docs", "scopekeeper.api.graphql"}


def imported(said: str) -> set[str]:
    """The modules in what `-X importtime` says."""
    return {line.rpartition("|")[2].strip() for line in said.splitlines() if line.startswith("import time:")}


def test_a_server_that_gives_tokens_has_no_pages_and_no_graphql_until_somebody_asks(tmp_path: Path) -> None:
    server = Live(tmp_path / "data")
    application = server.json("app", "add", "Night shift", "--type", "m2m", "--scope", "gql")
    server.command = TELLING
    server.start()
    try:
        token = server.token(application)
        httpx2.get(f"{server.issuer}/.well-known/openid-configuration").raise_for_status()
        assert httpx2.get(f"{server.issuer}/api/rest/nowhere").status_code == 404
        assert httpx2.get(f"{server.issuer}/nowhere", headers={"Accept": "*/*"}).status_code == 404
        before = imported(server.log.read_text())
        assert "scopekeeper.app.serving" in before
        assert before & (HEAVY | LATER | ROOMS) == set()
        asked = httpx2.post(
            f"{server.issuer}/api/graphql",
            json={"query": "{__typename}"},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert asked.json() == {"data": {"__typename": "Query"}}
        then = imported(server.log.read_text())
        assert "graphql" in then
        assert "jinja2" not in then
        assert httpx2.get(f"{server.issuer}/login").status_code == 200
        with_pages = imported(server.log.read_text())
        assert with_pages > {"jinja2", *ROOMS}
        assert with_pages & LATER == set()
    finally:
        server.kill()


def test_a_command_that_opens_the_house_imports_neither_a_server_nor_what_draws(tmp_path: Path) -> None:
    server = Live(tmp_path / "data")
    server.command = TELLING
    for arguments in (("app", "list", "--order", "newest", "--json"), ("app", "add", "Night shift", "--type", "m2m")):
        done = server.run(*arguments)
        assert done.returncode == 0, done.stderr
        modules = imported(done.stderr)
        assert "scopekeeper.app.house" in modules
        assert modules & {*HEAVY, *LATER, *ROOMS, "prometheus_client", "starlette.routing", "uvicorn"} == set()
