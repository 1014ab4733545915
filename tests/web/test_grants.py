"""The token endpoint with what people granted, over HTTP and on SQLite (RFC 6749 §4.1.3, §4.3, §6; RFC 8628 §3.4)."""

from pathlib import Path

import pytest

from scopekeeper.oauth.records import ApplicationType
from scopekeeper.services.ports import Act
from tests.asking import basic, post_form
from tests.building import JWT, built
from tests.devices import DEVICE_CODE
from tests.web.grants import ADDRESS, REDIRECT, SCOPE, VERIFIER, an_office, at_once

FORWARD = "/api/rest/callforward/users/1001"


async def test_a_code_buys_tokens_that_open_doors(tmp_path: Path) -> None:
    """RFC 6749 §4.1.4, §5.1: in this order, and not to be kept."""
    async with an_office(tmp_path) as office:
        answer = await office.redeem(await office.code())
        told = answer.json()
        assert list(told) == ["access_token", "token_type", "expires_in", "refresh_token", "scope"]
        assert (answer.headers["cache-control"], told["scope"], told["token_type"]) == ("no-store", SCOPE, "Bearer")
        assert (told["access_token"][:8], told["refresh_token"][:8]) == ("skpr_at_", "skpr_rt_")
        assert await office.active(told["access_token"], told["refresh_token"]) == [True, True]


async def test_openid_brings_an_id_token(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        told = await office.bought(scope=("openid", "rest"), nonce="n-0S6")
        assert list(told) == ["access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token"]
        again = (await office.refresh(told["refresh_token"])).json()
        assert again["id_token"] != told["id_token"]


async def test_a_public_client_redeems_by_its_verifier_alone(tmp_path: Path) -> None:
    async with an_office(tmp_path, type=ApplicationType.SPA, grants=("refresh_token",)) as office:
        first = await office.bought()
        second = (await office.refresh(first["refresh_token"])).json()
        assert second["refresh_token"] != first["refresh_token"]


async def test_row_11_of_a_hundred_redemptions_at_once_one_gets_200_and_the_others_end_what_it_bought(
    tmp_path: Path,
) -> None:
    """RFC 6749 §4.1.2, §10.5."""
    async with an_office(tmp_path, {"SCOPEKEEPER_RATE_LIMITS": "off"}) as office:
        code = await office.code()
        answers = await at_once(*(office.redeem(code) for _ in range(100)))
        (won,) = [each.json() for each in answers if each.status == 200]
        assert {each.json()["error"] for each in answers if each.status != 200} == {"invalid_grant"}
        assert await office.active(won["access_token"], won["refresh_token"]) == [False, False]
        assert (await office.house.get(FORWARD, won["access_token"])).status == 401
        assert await office.replays() == [(f"client:{office.app.client_id}", "code.replayed")]


async def test_of_a_hundred_refreshes_at_once_all_hear_the_same(tmp_path: Path) -> None:
    """RFC 9700 §4.14.2, and a client that asks twice is no thief."""
    async with an_office(tmp_path) as office:
        first = await office.bought()
        answers = await at_once(*(office.refresh(first["refresh_token"]) for _ in range(100)))
        assert {each.status for each in answers} == {200}
        (told,) = {each.body for each in answers}
        second = answers[0].json()
        assert await office.active(second["access_token"], second["refresh_token"]) == [True, True]
        assert (await office.refresh(second["refresh_token"])).status == 200
        assert told


async def test_row_19_without_a_grace_one_wins_and_the_family_is_dead(tmp_path: Path) -> None:
    environ = {"SCOPEKEEPER_REFRESH_GRACE": "0", "SCOPEKEEPER_RATE_LIMITS": "off"}
    async with an_office(tmp_path, environ) as office:
        first = await office.bought()
        answers = await at_once(*(office.refresh(first["refresh_token"]) for _ in range(100)))
        (won,) = [each.json() for each in answers if each.status == 200]
        assert {each.json()["error"] for each in answers if each.status != 200} == {"invalid_grant"}
        tokens = (first["access_token"], won["access_token"], won["refresh_token"])
        assert await office.active(*tokens) == [False, False, False]


async def test_row_20_a_retry_hears_the_same_for_ten_seconds_and_then_ends_the_family(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        first = await office.bought()
        second = (await office.refresh(first["refresh_token"])).json()
        office.house.clock.advance(10)
        assert (await office.refresh(first["refresh_token"])).json() == second | {"expires_in": 3590}
        office.house.clock.advance(1)
        late = await office.refresh(first["refresh_token"])
        assert (late.status, late.json()["error"]) == (400, "invalid_grant")
        assert await office.active(second["access_token"], second["refresh_token"]) == [False, False]


async def test_row_20_once_the_successor_was_used_nothing_is_graced(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        first = await office.bought()
        second = (await office.refresh(first["refresh_token"])).json()
        third = (await office.refresh(second["refresh_token"])).json()
        assert (await office.refresh(first["refresh_token"])).status == 400
        assert await office.active(third["access_token"], third["refresh_token"]) == [False, False]


async def test_with_other_parameters_within_the_grace_nothing_is_told_and_nothing_harmed(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        first = await office.bought()
        second = (await office.refresh(first["refresh_token"])).json()
        for other in ({"scope": "rest:callforward"}, {"resource": "https://api.example/"}):
            answer = await office.refresh(first["refresh_token"], None, **other)
            assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
        assert (await office.refresh(first["refresh_token"])).json() == second
        assert (await office.refresh(second["refresh_token"])).status == 200


async def test_row_21_access_and_refresh_token_die_together(tmp_path: Path) -> None:
    """RFC 7009 §2.1."""
    async with an_office(tmp_path) as office:
        for given_back in ("access_token", "refresh_token"):
            told = await office.bought()
            assert (await office.revoke(told[given_back])).status == 200
            assert await office.active(told["access_token"], told["refresh_token"]) == [False, False]
            assert (await office.refresh(told["refresh_token"])).json()["error"] == "invalid_grant"
            assert (await office.revoke(told[given_back])).status == 200


@pytest.mark.parametrize("hint", ["access_token", "unheard_of"])
async def test_row_23_a_wrong_hint_still_finds_a_refresh_token(tmp_path: Path, hint: str) -> None:
    """RFC 7009 §2.1, RFC 7662 §2.1."""
    async with an_office(tmp_path) as office:
        form = {"token": (await office.bought())["refresh_token"], "token_type_hint": hint}
        told = await post_form(office.house.front, "/oauth/introspect", form, headers=[office.app.basic])
        assert told.json()["active"] is True
        await post_form(office.house.front, "/oauth/revoke", form, headers=[office.app.basic])
        assert await office.active(form["token"]) == [False]


async def test_row_21_a_jwt_dies_with_its_family(tmp_path: Path) -> None:
    async with an_office(tmp_path, **JWT) as office:
        told = await office.bought()
        again = (await office.refresh(told["refresh_token"])).json()
        assert told["access_token"].count(".") == again["access_token"].count(".") == 2
        await office.revoke(again["refresh_token"])
        assert await office.active(told["access_token"], again["access_token"]) == [False, False]


async def test_row_12_13_22_what_is_anothers_or_of_another_kind_is_refused_and_harms_nobody(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        other = await office.house.register("rest", type=ApplicationType.WEB, redirect_uris=(REDIRECT,))
        code, told = await office.code(), await office.bought()
        for answer in (
            await office.redeem(code, other),
            await office.refresh(told["refresh_token"], other),
            await office.redeem(told["refresh_token"]),
            await office.redeem(await office.device()),
            await office.refresh(code),
            await office.refresh(told["access_token"]),
            await office.redeem(code, None, redirect_uri=REDIRECT + "/"),
            await office.redeem(code, None, code_verifier="w" * 43),
        ):
            assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
        assert (await office.redeem(code)).status == (await office.refresh(told["refresh_token"])).status == 200
        assert await office.replays() == []


async def test_row_16_a_verifier_is_neither_left_out_nor_sent_unasked(tmp_path: Path) -> None:
    """RFC 9700 §2.1.1, §4.8."""
    async with an_office(tmp_path) as office:
        form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
        without = await office.ask(None, code=await office.code(), **form)
        unasked = await office.redeem(await office.code(code_challenge=None))
        assert without.json()["error"] == unasked.json()["error"] == "invalid_grant"
        assert (await office.ask(None, code=await office.code(code_challenge=None), **form)).status == 200


async def test_a_code_of_an_ended_session_is_dead(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        bound, offline = await office.code(), await office.code(scope=("offline_access", "rest"))
        told = await office.bought()
        act = Act(office.house.house.entropy.row_id(), office.house.clock.now(), "user:alice", "session.end", "alice")
        await office.house.house.store.end_session(office.session, act)
        assert (await office.redeem(bound)).json()["error"] == "invalid_grant"
        assert (await office.refresh(told["refresh_token"])).json()["error"] == "invalid_grant"
        assert (await office.redeem(offline)).status == 200


async def test_row_15_a_device_code_is_redeemed_once(tmp_path: Path) -> None:
    """RFC 8628 §3.5."""
    async with an_office(tmp_path, grants=("device_code",)) as office:
        device = await office.device()
        answers = await at_once(*(office.ask(None, grant_type=DEVICE_CODE, device_code=device) for _ in range(20)))
        (won,) = [each.json() for each in answers if each.status == 200]
        assert await office.active(won["access_token"], won["refresh_token"]) == [False, False]


async def test_the_password_grant_works_where_it_was_switched_on(tmp_path: Path) -> None:
    """RFC 6749 §4.3.2, §4.3.3."""
    async with an_office(tmp_path, type=ApplicationType.NATIVE, grants=("password",)) as office:
        await office.house.house.accounts.add(
            "bob", password="correct horse battery", email=None, admin=False, actor="cli:test"
        )
        form = {"grant_type": "password", "username": "bob", "password": "correct horse battery"}
        told = await office.ask(None, scope="rest:callforward openid", **form)
        assert told.json()["scope"] == "rest:callforward openid"
        assert {"refresh_token", "id_token"} <= set(told.json())
        wrong = await office.ask(None, **{**form, "password": "wrong"})
        assert (wrong.status, wrong.json()["error"]) == (400, "invalid_grant")
        nameless = await post_form(office.house.front, "/oauth/token", {**form, "client_id": office.app.client_id})
        assert (nameless.status, nameless.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke"])
async def test_row_52_wrong_secrets_are_slowed_down_and_right_ones_never(tmp_path: Path, path: str) -> None:
    """RFC 6585 §4: 429 with Retry-After, in words that say how long."""
    async with built(tmp_path) as house:
        app = await house.register()
        form = {"grant_type": "client_credentials", "token": "x"}

        async def status(secret: str, address: str = ADDRESS) -> int:
            headers = [basic(app.client_id, secret)]
            return (await post_form(house.front, path, form, headers=headers, address=address)).status

        assert [await status("wrong") for _ in range(30)] == [401] * 30
        many = await post_form(house.front, path, form, headers=[basic(app.client_id, "wrong")])
        assert (many.status, many.headers["retry-after"], many.json()["error"]) == (429, "6", "temporarily_unavailable")
        assert "6 seconds" in many.json()["error_description"]
        assert await status(app.client_secret) == 200
        assert await status("wrong", "198.51.100.1") == 401
        house.clock.advance(6)
        assert await status("wrong") == 401


async def test_row_52_guessed_grants_are_slowed_down_and_a_waiting_device_is_not(tmp_path: Path) -> None:
    """RFC 6585 §4, RFC 8628 §3.5."""
    async with an_office(tmp_path, grants=("device_code",)) as office:
        device = await office.device(approved=None)
        for _ in range(40):
            waits = await office.ask(None, grant_type=DEVICE_CODE, device_code=device)
            assert waits.json()["error"] in ("authorization_pending", "slow_down")
        assert [(await office.redeem("guessed")).status for _ in range(31)] == [400] * 30 + [429]
        assert (await office.redeem(await office.code())).status == 200


async def test_row_52_an_application_that_goes_on_with_a_dead_token_shuts_nobody_out(tmp_path: Path) -> None:
    async with an_office(tmp_path, type=ApplicationType.NATIVE, grants=("password",)) as office:
        await office.house.house.accounts.add(
            "bob", password="correct horse battery", email=None, admin=False, actor="cli:test"
        )
        assert [(await office.refresh("dead")).status for _ in range(31)] == [400] * 30 + [429]
        form = {"grant_type": "password", "username": "bob", "password": "correct horse battery"}
        assert (await office.ask(None, **form)).status == 200


async def test_row_31_no_secret_is_in_the_log(tmp_path: Path, logbook: pytest.CaptureFixture[str]) -> None:
    async with an_office(tmp_path) as office:
        code = await office.code()
        told = (await office.redeem(code)).json()
        again = (await office.refresh(told["refresh_token"])).json()
        await office.redeem(code)
        await office.refresh(told["refresh_token"])
        acts = await office.house.house.store.acts()
    said = logbook.readouterr().err + repr(acts)
    assert "redeemed" in said
    assert not any(each[-38:] in said for each in (code, told["refresh_token"], again["access_token"], VERIFIER))
