"""RFC 7009, Token Revocation."""

from pathlib import Path

import pytest

from tests.asking import ask, basic, post_form
from tests.building import JWT, built
from tests.web.grants import an_office


@pytest.mark.parametrize("more", [{}, JWT], ids=["opaque", "jwt"])
async def test_a_revoked_token_is_dead_at_once(tmp_path: Path, more: dict[str, object]) -> None:
    """RFC 7009 §2: the invalidation takes place immediately, and the token cannot be used again."""
    async with built(tmp_path) as house:
        made = await house.register("rest", **more)
        token = await house.token(made)
        assert (await house.get("/api/rest/extensions/", token)).status == 200
        done = await post_form(house.front, "/oauth/revoke", {"token": token}, headers=[made.basic])
        assert done.status == 200
        assert (await house.get("/api/rest/extensions/", token)).status == 401


async def test_only_the_token_that_was_named_dies(tmp_path: Path) -> None:
    """RFC 7009 §2.1: the particular token is revoked; an application's others live on."""
    async with built(tmp_path) as house:
        made = await house.register("rest")
        named, other = await house.token(made), await house.token(made)
        await post_form(house.front, "/oauth/revoke", {"token": named}, headers=[made.basic])
        assert (await house.introspect(other, made))["active"] is True


async def test_the_client_proves_itself_first(tmp_path: Path) -> None:
    """RFC 7009 §2.1: the server first validates the client credentials; a refusal revokes nothing."""
    async with built(tmp_path) as house:
        made = await house.register()
        token = await house.token(made)
        for headers in ([], [basic(made.client_id, "wrong")]):
            answer = await post_form(house.front, "/oauth/revoke", {"token": token}, headers=headers)
            assert (answer.status, answer.json()["error"]) == (401, "invalid_client")
        assert (await house.introspect(token, made))["active"] is True


async def test_a_client_revokes_its_own_tokens_and_no_others(tmp_path: Path) -> None:
    """RFC 7009 §2.1: if the token was not issued to the client, the request is refused and it is told of the error."""
    async with built(tmp_path) as house:
        owner, other = await house.register(), await house.register(resource_server=True)
        token = await house.token(owner)
        answer = await post_form(house.front, "/oauth/revoke", {"token": token}, headers=[other.basic])
        assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
        assert (await house.introspect(token, owner))["active"] is True


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "unheard_of", ""])
async def test_a_hint_is_but_a_hint(tmp_path: Path, hint: str) -> None:
    """RFC 7009 §2.1: if the token is not found by the hint, the search MUST extend to all supported types."""
    async with built(tmp_path) as house:
        made = await house.register()
        token = await house.token(made)
        form = {"token": token, "token_type_hint": hint}
        assert (await post_form(house.front, "/oauth/revoke", form, headers=[made.basic])).status == 200
        assert await house.introspect(token, made) == {"active": False}


async def test_a_token_that_is_none_is_revoked_already(tmp_path: Path) -> None:
    """RFC 7009 §2.2: 200 if the token has been revoked or the client submitted an invalid token."""
    async with built(tmp_path) as house:
        made = await house.register()
        token = await house.token(made)
        for each in (token, token, "unheard-of"):
            answer = await post_form(house.front, "/oauth/revoke", {"token": each}, headers=[made.basic])
            assert (answer.status, answer.body) == (200, b"")
            assert answer.headers["cache-control"] == "no-store"


async def test_an_error_is_told_as_at_the_token_endpoint(tmp_path: Path) -> None:
    """RFC 7009 §2.2.1: the error presentation conforms to RFC 6749 §5.2."""
    async with built(tmp_path) as house:
        made = await house.register()
        answer = await post_form(house.front, "/oauth/revoke", {}, headers=[made.basic])
        assert (answer.status, set(answer.json())) == (400, {"error", "error_description"})
        assert answer.headers["content-type"] == "application/json"


async def test_while_the_store_is_away_the_client_is_to_come_again(tmp_path: Path) -> None:
    """RFC 7009 §2.2.1: 503 means that the token still exists; Retry-After says when to try again."""
    async with built(tmp_path) as house:
        made = await house.register()
        token = await house.token(made)
        await house.house.store.close()
        answer = await post_form(house.front, "/oauth/revoke", {"token": token}, headers=[made.basic])
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")


async def test_nothing_is_revoked_by_get(tmp_path: Path) -> None:
    """RFC 7009 §2.1: parameters in a POST's body; §2.3's callbacks by GET are optional, and are not here."""
    async with built(tmp_path) as house:
        made = await house.register()
        token = await house.token(made)
        target = f"/oauth/revoke?token={token}&callback=done"
        assert (await ask(house.front, "GET", target, headers=[made.basic])).status == 405
        assert (await post_form(house.front, target, {}, headers=[made.basic])).status == 400
        assert (await house.introspect(token, made))["active"] is True


async def test_refresh_tokens_are_revoked_with_all_that_they_bought(tmp_path: Path) -> None:
    """RFC 7009 §2, §2.1: refresh tokens MUST be supported; their access tokens SHOULD be invalidated, too."""
    async with an_office(tmp_path) as office:
        first = await office.bought()
        second = (await office.refresh(first["refresh_token"])).json()
        assert (await office.revoke(second["refresh_token"])).status == 200
        tokens = (first["access_token"], second["access_token"], second["refresh_token"])
        assert await office.active(*tokens) == [False, False, False]


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "unheard_of"])
async def test_with_an_access_token_its_refresh_token_dies(tmp_path: Path, hint: str) -> None:
    """RFC 7009 §2.1: if the token is an access token, the server MAY revoke the respective refresh token as well."""
    async with an_office(tmp_path) as office:
        told = await office.bought()
        form = {"token": told["access_token"], "token_type_hint": hint}
        await post_form(office.house.front, "/oauth/revoke", form, headers=[office.app.basic])
        assert (await office.refresh(told["refresh_token"])).json()["error"] == "invalid_grant"
