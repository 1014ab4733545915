"""RFC 6749, The OAuth 2.0 Authorization Framework: what people granted, at the token endpoint."""

from pathlib import Path

import pytest

from scopekeeper.oauth.records import ApplicationType
from scopekeeper.oauth.secrets import Kind, row_of
from tests.asking import basic, post_form
from tests.web.grants import REDIRECT, SCOPE, VERIFIER, an_office


async def test_a_refresh_token_tells_its_client_nothing(tmp_path: Path) -> None:
    """RFC 6749 §1.5: an identifier that is usually opaque to the client, and not sent to resource servers."""
    async with an_office(tmp_path) as office:
        refresh_token = (await office.bought())["refresh_token"]
        assert row_of(refresh_token, Kind.REFRESH_TOKEN) is not None
        assert (await office.house.get("/api/rest/extensions/", refresh_token)).status == 401
        server = await office.house.register(resource_server=True)
        assert await office.house.introspect(refresh_token, server) == {"active": False}


async def test_a_confidential_client_proves_itself_for_every_grant(tmp_path: Path) -> None:
    """RFC 6749 §3.2.1, §4.1.3, §6: the client MUST authenticate, whatever it redeems."""
    async with an_office(tmp_path) as office:
        told = await office.bought()
        for form in (
            {"grant_type": "authorization_code", "code": await office.code(), "redirect_uri": REDIRECT},
            {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]},
        ):
            for headers in ([], [basic(office.app.client_id, "wrong")]):
                told_ = {**form, "client_id": office.app.client_id}
                answer = await post_form(office.house.front, "/oauth/token", told_, headers=headers)
                assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_a_public_client_names_itself(tmp_path: Path) -> None:
    """RFC 6749 §3.2.1, §4.1.3: client_id REQUIRED if the client is not authenticating."""
    async with an_office(tmp_path, type=ApplicationType.SPA) as office:
        form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        nameless = await post_form(office.house.front, "/oauth/token", {**form, "code": await office.code()})
        assert (nameless.status, nameless.json()["error"]) == (401, "invalid_client")
        assert (await office.redeem(await office.code())).status == 200


async def test_a_code_is_short_lived(tmp_path: Path) -> None:
    """RFC 6749 §4.1.2: expire shortly after it is issued; a maximum of 10 minutes is RECOMMENDED."""
    async with an_office(tmp_path) as office:
        code = await office.code()
        office.house.clock.advance(60)
        answer = await office.redeem(code)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_code_is_used_once_and_its_second_use_revokes_what_it_bought(tmp_path: Path) -> None:
    """RFC 6749 §4.1.2, §10.5: MUST deny the second request and SHOULD revoke all tokens issued for the first."""
    async with an_office(tmp_path) as office:
        code = await office.code()
        told = (await office.redeem(code)).json()
        later = (await office.refresh(told["refresh_token"])).json()
        office.house.clock.advance(3_000)
        assert (await office.redeem(code)).json()["error"] == "invalid_grant"
        assert await office.active(told["access_token"], later["access_token"], later["refresh_token"]) == [False] * 3


@pytest.mark.parametrize("missing", ["code", "redirect_uri"])
async def test_what_a_code_is_redeemed_with_is_required(tmp_path: Path, missing: str) -> None:
    """RFC 6749 §4.1.3: code REQUIRED; redirect_uri REQUIRED, as it was in the authorization request."""
    async with an_office(tmp_path) as office:
        answer = await office.redeem(await office.code(), None, **{missing: ""})
        assert (answer.status, answer.json()["error"]) == (400, "invalid_request")
        assert missing in answer.json()["error_description"]


@pytest.mark.parametrize("sent", [REDIRECT + "/", REDIRECT + "?a=b", REDIRECT.upper(), "https://evil.example/cb"])
async def test_the_redirect_uri_is_identical(tmp_path: Path, sent: str) -> None:
    """RFC 6749 §4.1.3: their values MUST be identical."""
    async with an_office(tmp_path) as office:
        answer = await office.redeem(await office.code(), None, redirect_uri=sent)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_code_is_its_own_clients(tmp_path: Path) -> None:
    """RFC 6749 §4.1.3: ensure that the code was issued to the authenticated client, or to the public client_id."""
    async with an_office(tmp_path) as office:
        code = await office.code()
        for type in (ApplicationType.WEB, ApplicationType.SPA):
            other = await office.house.register("rest", type=type, redirect_uris=(REDIRECT,))
            answer = await office.redeem(code, other)
            assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
        assert (await office.redeem(code)).status == 200


async def test_a_code_is_answered_with_tokens(tmp_path: Path) -> None:
    """RFC 6749 §4.1.4, §5.1: access_token, token_type, expires_in, refresh_token, scope."""
    async with an_office(tmp_path) as office:
        answer = await office.redeem(await office.code())
        told = answer.json()
        assert (answer.status, told["token_type"], told["expires_in"], told["scope"]) == (200, "Bearer", 3600, SCOPE)
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
        assert isinstance(told["refresh_token"], str)


async def test_a_password_is_taken_from_whom_it_was_switched_on_for_alone(tmp_path: Path) -> None:
    """RFC 6749 §4.3: only when the other flows are not viable; §5.2 unauthorized_client for everybody else."""
    async with an_office(tmp_path) as office:
        answer = await office.ask(None, grant_type="password", username="alice", password="correct horse")
        assert (answer.status, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize("missing", ["username", "password"])
async def test_name_and_password_are_required(tmp_path: Path, missing: str) -> None:
    """RFC 6749 §4.3.2: username REQUIRED, password REQUIRED."""
    async with an_office(tmp_path, type=ApplicationType.NATIVE, grants=("password",)) as office:
        form = {"grant_type": "password", "username": "alice", "password": "x"} | {missing: ""}
        answer = await office.ask(None, **form)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


async def test_a_wrong_password_is_an_invalid_grant(tmp_path: Path) -> None:
    """RFC 6749 §4.3.3, §5.2: invalid_grant, e.g. the resource owner credentials are invalid."""
    async with an_office(tmp_path, type=ApplicationType.NATIVE, grants=("password",)) as office:
        for name in ("alice", "nobody"):
            answer = await office.ask(None, grant_type="password", username=name, password="wrong")
            assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_refresh_asks_for_the_same_or_less(tmp_path: Path) -> None:
    """RFC 6749 §6: MUST NOT include any scope not originally granted; omitted, it is the scope that was granted."""
    async with an_office(tmp_path) as office:
        told = await office.bought()
        for wider in ("rest", "rest:callforward rest:extensions", "openid", "gql"):
            answer = await office.refresh(told["refresh_token"], None, scope=wider)
            assert (answer.status, answer.json()["error"]) == (400, "invalid_scope")
        narrow = (await office.refresh(told["refresh_token"], None, scope="rest:callforward:read")).json()
        assert narrow["scope"] == "rest:callforward:read"
        # §6: the scope of the new refresh token MUST be identical to that of the one in the request.
        assert (await office.refresh(narrow["refresh_token"])).json()["scope"] == SCOPE


async def test_a_refresh_token_is_bound_to_its_client(tmp_path: Path) -> None:
    """RFC 6749 §6, §10.4: MUST maintain the binding between a refresh token and the client to whom it was issued."""
    async with an_office(tmp_path) as office:
        told = await office.bought()
        other = await office.house.register("rest", type=ApplicationType.SPA, grants=("refresh_token",))
        answer = await office.refresh(told["refresh_token"], other)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
        assert (await office.refresh(told["refresh_token"])).status == 200


async def test_refresh_tokens_are_rotated(tmp_path: Path) -> None:
    """RFC 6749 §10.4: a new refresh token with every refresh; one that is presented twice tells of a breach."""
    async with an_office(tmp_path) as office:
        first = await office.bought()
        second = (await office.refresh(first["refresh_token"])).json()
        third = (await office.refresh(second["refresh_token"])).json()
        assert len({each["refresh_token"] for each in (first, second, third)}) == 3
        assert (await office.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
        assert (await office.refresh(third["refresh_token"])).json()["error"] == "invalid_grant"


async def test_guessing_is_slowed_down(tmp_path: Path) -> None:
    """RFC 6749 §2.3.1, §4.3.2: MUST protect any endpoint that takes passwords against brute force attacks."""
    async with an_office(tmp_path) as office:
        headers = [basic(office.app.client_id, "wrong")]
        form = {"grant_type": "client_credentials"}
        heard = [await post_form(office.house.front, "/oauth/token", form, headers=headers) for _ in range(31)]
        assert [each.status for each in heard] == [401] * 30 + [429]
        assert int(heard[-1].headers["retry-after"]) > 0
