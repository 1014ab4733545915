"""A server behind the PgBouncer of Debian in transaction mode, under two hundred requests at once."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from scopekeeper.settings import PostgresDatabase
from tests.clients.person import Person
from tests.faults.grants import REDIRECT, VERIFIER, bought, credentials_of, granted
from tests.interop.test_pgbouncer import behind, pgbouncer
from tests.live import Live, live
from tests.postgres import a_database, tell

AT_ONCE: Final = 200
GRANTS: Final = 20
REFRESHES: Final = 10

NAME: Final = "alice"
PASSWORD: Final = "correct horse battery"

Form = Mapping[str, str]


def redeeming(code: str) -> Form:
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}


async def asked_at_once(server: Live, application: Form, forms: list[Form]) -> list[dict[str, Any]]:
    """What each of these is answered, all asked at once."""
    limits = httpx2.Limits(max_connections=AT_ONCE)
    async with httpx2.AsyncClient(
        base_url=server.issuer, auth=credentials_of(application), timeout=60, limits=limits
    ) as client:
        return [bought(each) for each in await asyncio.gather(*(client.post("/oauth/token", data=f) for f in forms))]


async def refreshed(server: Live, application: Form, first: str) -> str:
    """The last of a chain of refresh tokens."""
    token = first
    for _ in range(REFRESHES):
        (told,) = await asked_at_once(server, application, [{"grant_type": "refresh_token", "refresh_token": token}])
        token = told["refresh_token"]
    return token


async def under_load(server: Live, application: Form, codes: list[str]) -> list[str]:
    """Codes and tokens of its own at once, then refreshes and such at once: all access tokens."""
    own: list[Form] = [{"grant_type": "client_credentials"}] * AT_ONCE
    told = await asked_at_once(server, application, [*map(redeeming, codes), *own])
    chains = [refreshed(server, application, each["refresh_token"]) for each in told if "refresh_token" in each]
    more, *_ = await asyncio.gather(asked_at_once(server, application, own), *chains)
    return [each["access_token"] for each in (*told, *more)]


@pytest.mark.parametrize("options", ["", "?statement_cache_size=0"], ids=["found out", "said"])
def test_a_walk_and_two_hundred_requests_at_once_never_miss_a_prepared_statement(tmp_path: Path, options: str) -> None:
    with pgbouncer() as port, a_database() as made:
        environ = {"SCOPEKEEPER_DATABASE": behind(port, made).url + options}
        with live(tmp_path, environ, sample=False) as server, Person(NAME, PASSWORD, server.issuer) as alice:
            assert server.run("user", "add", NAME, "--password-stdin", input=PASSWORD).returncode == 0
            application = server.json(
                *("app", "add", "Load", "--type", "web", "--scope", "rest", "--redirect-uri", REDIRECT),
                *("--grant", "client_credentials"),
            )
            codes = [granted(alice, application) for _ in range(GRANTS)]
            tokens = asyncio.run(under_load(server, application, codes))
            assert len(set(tokens)) == GRANTS + 2 * AT_ONCE
            assert server.terminate() == 0
            logged = server.log.read_text()
        require_whole(made)
    assert "prepared statement" not in logged
    assert "store away" not in logged
    assert "Traceback" not in logged


def require_whole(made: PostgresDatabase) -> None:
    """Each grant has gone on as far as it was asked to, and nothing is there twice."""
    assert tell(made, "SELECT count(*) FROM tokens") == [(GRANTS * (REFRESHES + 1) + 2 * AT_ONCE,)]
    living = "SELECT count(*) FROM refresh_tokens WHERE spent_at IS NULL GROUP BY family_id"
    assert tell(made, living) == [(1,)] * GRANTS
