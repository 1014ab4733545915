"""RFC 7662, Token Introspection."""

from pathlib import Path

import pytest

from scopekeeper.oauth.applications import Changes
from tests.asking import ask, basic, bearer, post_form
from tests.building import JWT, NOW, built
from tests.web.grants import an_office


async def test_introspection_is_a_post_of_a_form(tmp_path: Path) -> None:
    """RFC 7662 §2.1: HTTP POST with application/x-www-form-urlencoded, answered by application/json."""
    async with built(tmp_path) as house:
        made = await house.register()
        token = await house.token(made)
        assert (await ask(house.front, "GET", f"/oauth/introspect?token={token}", headers=[made.basic])).status == 405
        answer = await post_form(house.front, "/oauth/introspect", {"token": token}, headers=[made.basic])
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")


async def test_who_asks_must_be_somebody(tmp_path: Path) -> None:
    """RFC 7662 §2.1, §2.3: the endpoint MUST require authorization; 401 where it fails, by either way."""
    async with built(tmp_path) as house:
        made = await house.register()
        token = await house.token(made)
        body = {"token": token, "client_id": made.client_id}
        for form, headers in (
            ({"token": token}, []),
            (body, []),
            ({**body, "client_secret": "wrong"}, []),
            ({"token": token}, [basic(made.client_id, "wrong")]),
            ({"token": token}, [bearer(token)]),
        ):
            answer = await post_form(house.front, "/oauth/introspect", form, headers=headers)
            assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
            assert "active" not in answer.json()


async def test_the_token_is_required_and_a_hint_is_but_a_hint(tmp_path: Path) -> None:
    """RFC 7662 §2.1: token REQUIRED; token_type_hint OPTIONAL, and the search MUST extend beyond it."""
    async with built(tmp_path) as house:
        made = await house.register()
        missing = await post_form(house.front, "/oauth/introspect", {}, headers=[made.basic])
        assert (missing.status, missing.json()["error"]) == (400, "invalid_request")
        form = {"token": await house.token(made), "token_type_hint": "refresh_token", "unheard_of": "1"}
        answer = await post_form(house.front, "/oauth/introspect", form, headers=[made.basic])
        assert answer.json()["active"] is True


@pytest.mark.parametrize("more", [{}, JWT], ids=["opaque", "jwt"])
async def test_an_active_token_is_told_in_the_registered_members(tmp_path: Path, more: dict[str, object]) -> None:
    """RFC 7662 §2.2: active REQUIRED; scope, client_id, token_type, exp, iat, sub, aud, iss, jti as they are named."""
    async with built(tmp_path) as house:
        made = await house.register("rest:callforward gql", **more)
        told = await house.introspect(await house.token(made), made)
        assert told == {
            "active": True,
            "scope": "rest:callforward gql",
            "client_id": made.client_id,
            "token_type": "Bearer",
            "exp": NOW + 3_600,
            "iat": NOW,
            "sub": made.client_id,
            "aud": "http://127.0.0.1:8000/api",
            "iss": "http://127.0.0.1:8000",
            "jti": told["jti"],
        }
        assert isinstance(told["jti"], str)


@pytest.mark.parametrize("why", ["expired", "revoked", "unknown", "another's", "disabled", "compromised"])
async def test_an_inactive_token_says_nothing_else_whatever_the_cause(tmp_path: Path, why: str) -> None:
    """RFC 7662 §2.2: {"active": false} and SHOULD NOT include any additional information, including why."""
    async with built(tmp_path) as house:
        made, asker = await house.register(), await house.register(resource_server=why != "another's")
        token = await house.token(made)
        match why:
            case "expired":
                house.clock.advance(3_600)
            case "revoked":
                await post_form(house.front, "/oauth/revoke", {"token": token}, headers=[made.basic])
            case "unknown":
                token = "unheard-of"
            case "disabled":
                await house.house.applications.change(made.client_id, Changes(enabled=False), "cli:test")
            case "compromised":
                await house.house.applications.compromised(made.client_id, 0, "cli:test")
        answer = await post_form(house.front, "/oauth/introspect", {"token": token}, headers=[asker.basic])
        assert (answer.status, answer.body) == (200, b'{"active":false}')


async def test_a_secret_of_another_kind_is_no_token(tmp_path: Path) -> None:
    """RFC 7662 §4: the server MUST determine whether the token is one: a client's own secret is none."""
    async with built(tmp_path) as house:
        made = await house.register()
        assert await house.introspect(made.client_secret, made) == {"active": False}


async def test_the_scope_told_is_the_scope_that_opens_doors(tmp_path: Path) -> None:
    """RFC 7662 §4: the answer reflects the token's present state, on which the resource server relies."""
    async with built(tmp_path) as house:
        made = await house.register("rest gql")
        token = await house.token(made)
        await house.house.applications.change(made.client_id, Changes(scope="rest:callforward gql"), "cli:test")
        assert set((await house.introspect(token, made))["scope"].split()) == {"rest:callforward", "gql"}


async def test_what_is_told_of_a_token_is_not_kept_on_the_way(tmp_path: Path) -> None:
    """RFC 7662 §4: a cached answer may outlive the token, so the answer says that it is not to be kept."""
    async with built(tmp_path) as house:
        made = await house.register()
        form = {"token": await house.token(made)}
        answer = await post_form(house.front, "/oauth/introspect", form, headers=[made.basic])
        assert answer.headers["cache-control"] == "no-store"


async def test_a_person_is_named_by_subject_and_by_name(tmp_path: Path) -> None:
    """RFC 7662 §2.2: sub, usually a machine-readable identifier; username, a human-readable one."""
    async with an_office(tmp_path) as office:
        told = await office.house.introspect((await office.bought())["access_token"], office.app)
        assert (told["username"], told["token_type"]) == ("alice", "Bearer")
        assert told["sub"] not in ("alice", office.app.client_id)


async def test_a_refresh_token_is_told_of_to_its_own_client_alone(tmp_path: Path) -> None:
    """RFC 7662 §2.2, §4: without token_type, which is that of access tokens; and not to resource servers."""
    async with an_office(tmp_path) as office:
        refresh_token = (await office.bought())["refresh_token"]
        told = await office.house.introspect(refresh_token, office.app)
        assert set(told) == {"active", "scope", "client_id", "sub", "username", "exp", "iat", "iss"}
        server = await office.house.register(resource_server=True)
        assert await office.house.introspect(refresh_token, server) == {"active": False}
        await office.refresh(refresh_token)
        assert await office.house.introspect(refresh_token, office.app) == {"active": False}
