"""Whoever sets up their first factor on their own page is in as strongly as that, there and then."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from joserfc import jws

from scopekeeper.oauth.authentication import MFA_RUNG
from scopekeeper.oauth.factors import Totp
from scopekeeper.services.ports import Act
from tests.asking import Answer
from tests.authenticator import Authenticator
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen, text_of
from tests.persons import a_session
from tests.web.applicant import SCOPE, an_applicant, approved, told
from tests.web.proving import (
    CODES,
    NAMED,
    PASSKEYS,
    SECURITY,
    TOTP,
    a_person,
    code_now,
    codes_on,
    is_signed_in,
    options_on,
    secret_on,
    signed_in,
)

FACTORS: Final = (TOTP, PASSKEYS)
AMR: Final = {TOTP: ("pwd", "otp", "mfa"), PASSKEYS: ("pwd", "pop", "user", "mfa")}


def said(token: str) -> dict[str, Any]:
    """What an id_token says."""
    claims: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return claims


async def filled(there: Built, browser: Browser, path: str) -> dict[str, str]:
    """The form there, as whoever has an app or an authenticator sends it."""
    page = await browser.get(path)
    if path == TOTP:
        return Seen(page.body).form(TOTP) | {"code": code_now(there, secret_on(page))}
    made = Authenticator(there.house.settings.issuer).make(options_on(page, "make"))
    return Seen(page.body).form(PASSKEYS, "make") | {"answer": made}


async def set_up(there: Built, browser: Browser, path: str) -> Answer:
    answer = await browser.post(path, await filled(there, browser, path))
    assert answer.status == 303, answer.body
    return answer


def without_its_answer(there: Built, browser: Browser) -> Browser:
    """The same browser, before it hears of anything."""
    return Browser(there.front, dict(browser.cookies))


@pytest.mark.parametrize("path", FACTORS)
async def test_row_49_the_session_goes_on_by_another_cookie_and_the_old_one_opens_nothing(
    tmp_path: Path, path: str
) -> None:
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        [before] = await there.house.store.sessions(user.id)
        stolen = without_its_answer(there, browser)
        there.clock.advance(60)
        answer = await set_up(there, browser, path)
        [after] = await there.house.store.sessions(user.id)
        assert (after.id, after.signed_in_at, after.amr) == (before.id, before.signed_in_at, AMR[path])
        assert len(codes_on(await browser.get(answer.headers["location"]))) == 10, "they are sealed under the new one"
        assert await is_signed_in(browser)
        assert not await is_signed_in(stolen)


@pytest.mark.parametrize(("first", "then"), [FACTORS, FACTORS[::-1]])
async def test_another_factor_is_added_without_signing_in_again(tmp_path: Path, first: str, then: str) -> None:
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        await browser.get((await set_up(there, browser, first)).headers["location"])
        assert "Sign in again" not in text_of(await browser.get(SECURITY))
        [before], cookie = await there.house.store.sessions(user.id), browser.cookies["scopekeeper"]
        answer = await set_up(there, browser, then)
        assert answer.headers["location"].startswith(f"{SECURITY}?note="), "there are recovery codes already"
        assert (await there.house.store.sessions(user.id), browser.cookies["scopekeeper"]) == ((before,), cookie)
        factors = await there.house.factors.of(user)
        assert (len(factors.passkeys), factors.totp is None, factors.left) == (1, False, 10)


@pytest.mark.parametrize("path", FACTORS)
async def test_row_52_nothing_that_is_not_proven_makes_it_stronger(tmp_path: Path, path: str) -> None:
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        before, cookie = await there.house.store.sessions(user.id), browser.cookies["scopekeeper"]
        right = await filled(there, browser, path)
        wrong = right | ({"code": "000000"} if path == TOTP else {"answer": "{}"})
        for form in (wrong, wrong | {"amr": "pwd otp mfa", "shown": "otp"}, {"csrf": right["csrf"], "amr": "mfa"}):
            assert (await browser.post(path, form)).status == 422
        assert (await browser.post(path, right | {"csrf": "0" * 64})).status == 403
        assert (await there.house.store.sessions(user.id), browser.cookies["scopekeeper"]) == (before, cookie)


@pytest.mark.parametrize("path", FACTORS)
async def test_row_52_a_session_that_is_not_fresh_sets_nothing_up_and_stays_as_it_is(tmp_path: Path, path: str) -> None:
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = Browser(there.front)
        _, browser.cookies["scopekeeper"] = await a_session(there, user, ago=599)
        form = await filled(there, browser, path)  # the code of a moment ago still counts
        there.clock.advance(1)
        before, cookie = await there.house.store.sessions(user.id), browser.cookies["scopekeeper"]
        answer = await browser.post(path, form)
        assert answer.status == 403
        assert "Nothing was changed. Sign in again first" in text_of(answer)
        assert (await there.house.store.sessions(user.id), browser.cookies["scopekeeper"]) == (before, cookie)
        assert not (await there.house.factors.of(user)).second


@pytest.mark.parametrize("path", FACTORS)
async def test_what_an_application_was_let_in_by_before_stays_as_weak_as_it_was(tmp_path: Path, path: str) -> None:
    """What began in the session goes on; the next grant is by all that was shown."""
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        asking = await an_applicant(there)
        browser = await signed_in(there)
        code = (await approved(browser, asking.url(scope=SCOPE)))["code"]
        tokens = (await asking.redeem(code)).json()
        outstanding = told(await browser.get(asking.url(scope=SCOPE)))["code"]
        [before] = await there.house.store.families(user.id, there.clock.now())
        there.clock.advance(30)
        await browser.get((await set_up(there, browser, path)).headers["location"])
        assert await there.house.store.family(before.id) == before
        refreshed = await asking.redeem("", grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert refreshed.status == 200, refreshed.body
        for token in (refreshed.json()["id_token"], (await asking.redeem(outstanding)).json()["id_token"]):
            assert said(token)["amr"] == ["pwd"]
            assert said(token)["acr"] != MFA_RUNG
        new = told(await browser.get(asking.url(scope=SCOPE)))["code"]
        claims = said((await asking.redeem(new)).json()["id_token"])
        assert (tuple(claims["amr"]), claims["acr"]) == (AMR[path], MFA_RUNG)
        assert claims["auth_time"] == said(tokens["id_token"])["auth_time"]


async def test_whoever_sent_the_form_twice_still_sees_their_recovery_codes(tmp_path: Path) -> None:
    """The second time it is of a cookie that opens nothing any more, or has the token of that one."""
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        form = await filled(there, browser, TOTP)
        late = without_its_answer(there, browser)
        await browser.post(TOTP, form)
        assert (await late.post(TOTP, form)).headers["location"] == "/login?note=ended"
        assert (await browser.post(TOTP, form)).status == 403
        for page in (TOTP, PASSKEYS, SECURITY):
            assert (await browser.get(page)).headers["location"] == f"{CODES}?next={SECURITY}"
        assert len(codes_on(await browser.get(f"{CODES}?next={SECURITY}"))) == 10
        assert (await browser.get(SECURITY)).status == 200
        assert (await there.house.factors.of(user)).left == 10


async def test_whose_session_was_ended_meanwhile_has_the_factor_and_no_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody brings it back, the one who has just set something up in it neither."""
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        store, login = there.house.store, there.house.login
        [session] = await store.sessions(user.id)
        save = store.save_totp

        async def and_then_it_ends(totp: Totp, act: Act, **more: Any) -> None:
            await save(totp, act, **more)
            await login.sign_out(session)

        monkeypatch.setattr(store, "save_totp", and_then_it_ends)
        cookie = browser.cookies["scopekeeper"]
        answer = await set_up(there, browser, TOTP)
        assert browser.cookies["scopekeeper"] == cookie
        assert (await browser.get(answer.headers["location"])).headers["location"].startswith("/login?")
        assert await store.sessions(user.id) == ()
        assert (await there.house.factors.of(user)).totp is not None
