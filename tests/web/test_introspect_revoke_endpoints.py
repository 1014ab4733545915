"""Introspection (RFC 7662) and revocation (RFC 7009) over HTTP."""

import zlib
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from scopekeeper.oauth.records import ApplicationType
from scopekeeper.oauth.secrets import ALPHABET, Kind, base62, secret_of
from tests.asking import ask, bearer, post_form
from tests.building import Application, built


def _checksummed(body: str) -> str:
    return body + base62(zlib.crc32(body.encode()), 6)


GARBAGE = [
    "garbage",
    "skpr_at_" + "A" * 49,
    _checksummed("skpr_at_" + base62(2**63, 11) + "0" * 32),
    _checksummed("skpr_at_" + "z" * 43),
    secret_of(Kind.ACCESS_TOKEN, 5, "a" * 32),
    secret_of(Kind.REFRESH_TOKEN, 5, "a" * 32),
    "é" * 40,
    "a.b.c",
    "a." + urlsafe_b64encode(b'{"x":' + b"[" * 3_000 + b"]" * 3_000 + b',"jti":"0"}').decode().rstrip("=") + ".c",
    "a" * 60_000,
]


@pytest.mark.parametrize("token", GARBAGE, ids=range(len(GARBAGE)))
async def test_row_23_garbage_is_inactive_and_revoking_it_is_no_error(tmp_path: Path, token: str) -> None:
    async with built(tmp_path) as house:
        application = await house.register()
        assert await house.introspect(token, application) == {"active": False}
        answer = await post_form(house.front, "/oauth/revoke", {"token": token}, headers=[application.basic])
        assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("token", [each for each in GARBAGE if each.isascii()], ids=range(len(GARBAGE) - 1))
@pytest.mark.parametrize(("method", "path"), [("GET", "/api/rest/extensions/"), ("POST", "/api/graphql")])
async def test_row_23_garbage_opens_no_api(tmp_path: Path, method: str, path: str, token: str) -> None:
    async with built(tmp_path) as house:
        answer = await ask(house.front, method, path, headers=[bearer(token)])
        assert answer.status == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_row_13_a_secret_of_another_kind_is_no_token_and_a_token_is_no_secret(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register()
        token = await house.token(application)
        assert await house.introspect(application.client_secret, application) == {"active": False}
        assert (await house.get("/api/rest/extensions/", application.client_secret)).status == 401
        answer = await house.ask_token(Application(application.client_id, token))
        assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_row_23_a_wrong_hint_still_finds_the_token(tmp_path: Path) -> None:
    """RFC 7009 §2.1, RFC 7662 §2.1."""
    async with built(tmp_path) as house:
        application = await house.register()
        token = await house.token(application)
        for hint in ("refresh_token", "nonsense"):
            form = {"token": token, "token_type_hint": hint}
            told = await post_form(house.front, "/oauth/introspect", form, headers=[application.basic])
            assert told.json()["active"] is True
        form = {"token": token, "token_type_hint": "refresh_token"}
        await post_form(house.front, "/oauth/revoke", form, headers=[application.basic])
        assert await house.introspect(token, application) == {"active": False}


async def test_a_tampered_token_of_the_right_row_is_inactive(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register()
        token = await house.token(application)
        other = ALPHABET[(ALPHABET.index(token[30]) + 1) % 62]
        body = token[:30] + other + token[31:-6]
        assert await house.introspect(_checksummed(body), application) == {"active": False}


async def test_row_42_introspection_is_for_the_owner_and_for_resource_servers(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        owner, other = await house.register(), await house.register()
        server = await house.register(resource_server=True)
        token = await house.token(owner)
        assert (await house.introspect(token, owner))["active"] is True
        assert (await house.introspect(token, server))["client_id"] == owner.client_id
        assert await house.introspect(token, other) == {"active": False}


async def test_row_22_a_client_cannot_revoke_anothers_token(tmp_path: Path) -> None:
    """RFC 7009 §2.1."""
    async with built(tmp_path) as house:
        owner, other = await house.register(), await house.register()
        token = await house.token(owner)
        answer = await post_form(house.front, "/oauth/revoke", {"token": token}, headers=[other.basic])
        assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
        assert (await house.introspect(token, owner))["active"] is True


@pytest.mark.parametrize("path", ["/oauth/introspect", "/oauth/revoke"])
async def test_the_token_is_required_and_so_is_the_client(tmp_path: Path, path: str) -> None:
    async with built(tmp_path) as house:
        application = await house.register()
        missing = await post_form(house.front, path, {}, headers=[application.basic])
        assert (missing.status, missing.json()["error"]) == (400, "invalid_request")
        nobody = await post_form(house.front, path, {"token": "x"})
        assert (nobody.status, nobody.json()["error"]) == (401, "invalid_client")
        assert nobody.headers["www-authenticate"].startswith("Basic ")


async def test_a_public_client_may_not_introspect(tmp_path: Path) -> None:
    """RFC 7662 §2.1: the endpoint MUST require some form of authorization."""
    async with built(tmp_path) as house:
        spa = await house.register(type=ApplicationType.SPA)
        answer = await post_form(house.front, "/oauth/introspect", {"token": "x", "client_id": spa.client_id})
        assert answer.status == 401


async def test_the_answer_is_never_stored(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        application = await house.register()
        answer = await post_form(house.front, "/oauth/introspect", {"token": "x"}, headers=[application.basic])
        assert answer.headers["cache-control"] == "no-store"


async def test_revoking_twice_is_no_error(tmp_path: Path) -> None:
    """RFC 7009 §2.2."""
    async with built(tmp_path) as house:
        application = await house.register()
        token = await house.token(application)
        for _ in range(2):
            answer = await post_form(house.front, "/oauth/revoke", {"token": token}, headers=[application.basic])
            assert answer.status == 200
