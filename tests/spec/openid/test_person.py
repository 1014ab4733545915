"""The plans `basic` and `form_post` of the suite: who is at the browser, when they sign in, and what they are shown."""

import json
from pathlib import Path

import pytest

from tests.pages.browsing import Browser, Seen
from tests.spec.openid.suite import ISSUER, PRINTABLE, Plan, suite


@pytest.mark.parametrize("display", ["page", "popup"])
async def test_every_display_shows_the_page_on_which_one_signs_in(tmp_path: Path, plan: Plan, display: str) -> None:
    """oidcc-display-page, oidcc-display-popup: to send it is no error (§3.1.2.1, §15.1)."""
    async with suite(tmp_path, plan) as client:
        await client.flow(client.request(display=display))
        assert client.person.shown == ["/login", "/consent"]


async def test_with_prompt_login_one_signs_in_again(tmp_path: Path, plan: Plan) -> None:
    """oidcc-prompt-login: and the auth_time is a later one (§2, §3.1.2.1)."""
    async with suite(tmp_path, plan) as client:
        first = await client.flow()
        client.house.clock.advance(1)
        second = await client.flow(client.request(prompt="login"))
        assert client.person.shown == ["/login"]
        assert second.claims["auth_time"] == first.claims["auth_time"] + 1
        assert second.claims["sub"] == first.claims["sub"]


async def test_with_prompt_none_nobody_is_asked_to_sign_in(tmp_path: Path, plan: Plan) -> None:
    """oidcc-prompt-none-not-logged-in: an error, with the state as it was, however long (§3.1.2.6)."""
    async with suite(tmp_path, plan) as client:
        request = client.request(prompt="none", state=(PRINTABLE * 2)[:128])
        assert await client.refused(request) in (
            "login_required", "interaction_required", "consent_required", "account_selection_required"
        )  # fmt: skip
        assert client.person.shown == []


async def test_with_prompt_none_whoever_is_signed_in_is_shown_nothing(tmp_path: Path, plan: Plan) -> None:
    """oidcc-prompt-none-logged-in: the same person, who signed in when they did (§2, §3.1.2.1)."""
    async with suite(tmp_path, plan) as client:
        first = await client.flow()
        client.house.clock.advance(1)
        second = await client.flow(client.request(prompt="none"))
        assert client.person.shown == []
        assert {**second.claims, **{name: first.claims[name] for name in ("auth_time", "sub")}} == second.claims


async def test_max_age_1_has_one_sign_in_again_after_2_seconds(tmp_path: Path, plan: Plan) -> None:
    """oidcc-max-age-1: and auth_time has to be told, later than the first, and recent (§2, §3.1.2.1)."""
    async with suite(tmp_path, plan) as client:
        first = await client.flow()
        client.house.clock.advance(2)
        second = await client.flow(client.request(max_age="1"))
        assert client.person.shown == ["/login"]
        assert second.claims["auth_time"] == first.claims["auth_time"] + 2 == client.house.clock.now()


async def test_max_age_10000_leaves_a_fresh_session_alone(tmp_path: Path, plan: Plan) -> None:
    """oidcc-max-age-10000: auth_time has to be told both times, and is the same (§2, §15.1)."""
    async with suite(tmp_path, plan) as client:
        first = await client.flow(client.request(max_age="15000"))
        client.house.clock.advance(100)
        second = await client.flow(client.request(max_age="10000"))
        assert client.person.shown == []
        assert first.claims["auth_time"] == second.claims["auth_time"] == client.house.clock.now() - 100
        assert first.claims["sub"] == second.claims["sub"]


async def test_an_id_token_that_was_issued_here_is_a_hint(tmp_path: Path, plan: Plan) -> None:
    """oidcc-id-token-hint: with prompt=none, and nothing is shown (§3.1.2.1, §3.1.2.2)."""
    async with suite(tmp_path, plan) as client:
        first = await client.flow()
        client.house.clock.advance(1)
        second = await client.flow(client.request(prompt="none", id_token_hint=first.tokens["id_token"]))
        assert client.person.shown == []
        assert {**second.claims, **{name: first.claims[name] for name in ("auth_time", "sub")}} == second.claims


async def test_a_login_hint_is_written_down_for_the_person(tmp_path: Path, plan: Plan) -> None:
    """oidcc-login-hint: at least it is no error (§3.1.2.1)."""
    async with suite(tmp_path, plan) as client:
        hint = "buffy@" + ISSUER.removeprefix("https://")
        request = client.request(login_hint=hint)
        fresh = Browser(client.house.front)
        answer = await fresh.get((await client.arrival(fresh, request)).headers["location"])
        assert Seen(answer.body).by_id("username")["value"] == hint
        await client.flow(request)


async def test_a_language_that_there_is_not_is_no_error(tmp_path: Path, plan: Plan) -> None:
    """oidcc-ui-locales: with `se`, which no page speaks (§3.1.2.1)."""
    async with suite(tmp_path, plan) as client:
        assert "se" not in client.metadata["ui_locales_supported"]
        await client.flow(client.request(ui_locales="se"))


async def test_claims_in_a_language_that_there_is_not_are_no_error(tmp_path: Path, plan: Plan) -> None:
    """oidcc-claims-locales: §5.2, §15.1."""
    async with suite(tmp_path, plan) as client:
        await client.flow(client.request(claims_locales="se"))


async def test_an_acr_that_discovery_names_is_reached_and_told(tmp_path: Path, plan: Plan) -> None:
    """oidcc-ensure-request-with-acr-values-succeeds: one of acr_values_supported comes back (§3.1.2.1, §15.1)."""
    async with suite(tmp_path, plan) as client:
        offered = client.metadata["acr_values_supported"]
        flow = await client.flow(client.request(acr_values=" ".join(offered)))
        assert flow.claims["acr"] in offered


async def test_a_claim_that_is_essential_is_told_where_it_was_asked_for(tmp_path: Path, plan: Plan) -> None:
    """oidcc-claims-essential: `name` at userinfo and not in the id_token (§5.5, §5.5.1)."""
    async with suite(tmp_path, plan) as client:
        flow = await client.flow(client.request(claims=json.dumps({"userinfo": {"name": {"essential": True}}})))
        assert (await client.userinfo(flow.tokens)).keys() == {"sub", "name"}
        assert "name" not in flow.claims
