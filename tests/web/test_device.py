"""`/device` and the endpoint behind it: a code is typed, somebody sees who asks for what, and decides."""

from pathlib import Path

import pytest

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.authentication import MFA_RUNG
from scopekeeper.oauth.device import user_code_of
from scopekeeper.oauth.granted import DeviceCode
from scopekeeper.oauth.records import Outliving
from tests.asking import ask, bearer, post_form
from tests.building import Built, built
from tests.devices import SCOPE, a_television, ask_to_wait, at_home, decide, enter, poll, wait
from tests.pages.browsing import Browser, Seen, text_of
from tests.web import proving

WRONG = "ZZZZ-ZZZZ"


async def stored(h: Built, user_code: str) -> DeviceCode:
    device = await h.house.store.device_with(user_code_of(user_code) or "")
    assert device is not None
    return device


async def test_whoever_is_not_signed_in_is_asked_to_and_then_led_back_with_the_code(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        browser = Browser(h.front)
        answer = await browser.get("/device?user_code=BCDF-GHJK")
        assert (answer.status, answer.headers["location"]) == (303, "/login?next=%2Fdevice%3Fuser_code%3DBCDF-GHJK")
        page = Seen((await browser.get(answer.headers["location"])).body)
        assert page.form("/login")["next"] == "/device?user_code=BCDF-GHJK"


async def test_the_code_is_entered_the_question_asked_and_the_device_let_in(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        television = await a_television(h, website="https://tv.example/")
        alice, told = await at_home(h), await wait(h, television)
        page = await enter(alice, told["user_code"].lower().replace("-", " "))
        assert page.status == 200
        for said in (
            "Connect Television", "tv.example", told["user_code"], "alice", "See the extensions",
            "Change where calls are forwarded", "Only approve if this code is shown on a device that you hold.",
        ):  # fmt: skip
            assert said in text_of(page)
        done = await decide(alice, page, "approve")
        assert done.status == 200
        assert "You can go back to your device." in text_of(done)
        assert "Television" in text_of(done)
        token = (await poll(h, television, told["device_code"])).json()["access_token"]
        assert (await h.get("/api/rest/extensions/", token)).status == 200


@pytest.mark.parametrize("lasting", [True, False])
async def test_whoever_approves_is_told_if_the_device_goes_with_the_session(tmp_path: Path, lasting: bool) -> None:
    async with built(tmp_path) as h:
        television = await a_television(h, f"{SCOPE} offline_access")
        alice, told = await at_home(h), await wait(h, television, scope=f"{SCOPE} offline_access" if lasting else SCOPE)
        page = await enter(alice, told["user_code"])
        done = await decide(alice, page, "approve")
        for each in (page, done):
            assert ("It ends when you sign out in this browser." in text_of(each)) is not lasting
        await alice.fill("/account", "/account/sign-out")
        assert (await poll(h, television, told["device_code"])).status == (200 if lasting else 400)


@pytest.mark.parametrize("outlives", [Outliving.NEVER, Outliving.ALWAYS])
async def test_the_application_says_if_the_device_goes_with_the_session(tmp_path: Path, outlives: Outliving) -> None:
    """Whatever the device asked for, whoever approves is told how it will be, and so it is."""
    scope = f"{SCOPE} offline_access" if outlives is Outliving.NEVER else SCOPE
    async with built(tmp_path) as h:
        television = await a_television(h, f"{SCOPE} offline_access", outlives_session=outlives)
        alice, told = await at_home(h), await wait(h, television, scope=scope)
        page = await enter(alice, told["user_code"])
        done = await decide(alice, page, "approve")
        for each in (page, done):
            ends = "It ends when you sign out in this browser." in text_of(each)
            assert ends is (outlives is Outliving.NEVER)
        token = (await poll(h, television, told["device_code"])).json()["access_token"]
        await alice.fill("/account", "/account/sign-out")
        after = await h.get("/api/rest/extensions/", token)
        assert after.status == (401 if outlives is Outliving.NEVER else 200)


async def test_whoever_denies_is_told_that_nothing_was_given(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        television = await a_television(h)
        alice, told = await at_home(h), await wait(h, television)
        done = await decide(alice, await enter(alice, told["user_code"]), "deny")
        assert done.status == 200
        assert "Television was given nothing. You can go back to your device." in text_of(done)
        assert (await poll(h, television, told["device_code"])).json()["error"] == "access_denied"


async def test_row_47_to_open_an_address_does_nothing(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        television = await a_television(h)
        alice, told = await at_home(h), await wait(h, television)
        page = await alice.get(f"/device?user_code={told['user_code']}&decision=approve")
        assert page.status == 200
        assert Seen(page.body).form("/device")["user_code"] == told["user_code"]
        assert "Television" not in text_of(page)
        device = await stored(h, told["user_code"])
        assert (device.user_id, device.approved) == (None, None)


@pytest.mark.parametrize(("typed", "said"), [(WRONG, "This code does not work."), ("", "Enter the code.")])
async def test_row_52_a_code_that_is_none_is_told_beside_its_field(tmp_path: Path, typed: str, said: str) -> None:
    async with built(tmp_path) as h:
        answer = await enter(await at_home(h), typed)
        page = Seen(answer.body)
        assert answer.status == 422
        assert said in page.text
        assert page.by_id("user_code-error")["role"] == "alert"
        assert "user_code-error" in page.described("user_code").split()
        assert page.form("/device")["user_code"] == typed


async def test_row_51_whatever_is_wrong_with_a_code_looks_the_same(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        television = await a_television(h)
        alice, bob = await at_home(h), await at_home(h, "bob")
        theirs, decided = await wait(h, television), await wait(h, television)
        await enter(bob, theirs["user_code"])
        await decide(alice, await enter(alice, decided["user_code"]), "approve")
        seen = set()
        for typed in (WRONG, theirs["user_code"], decided["user_code"]):
            answer = await enter(alice, typed)
            seen.add((answer.status, text_of(answer)))
        assert len(seen) == 1


async def test_row_51_five_wrong_codes_and_the_session_enters_none_any_more(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        told = await wait(h, await a_television(h))
        alice = await at_home(h)
        for _ in range(5):
            assert (await enter(alice, WRONG)).status == 422
        for typed in (WRONG, told["user_code"]):
            answer = await enter(alice, typed)
            assert (answer.status, answer.headers["retry-after"]) == (429, str(12 * 3_600))
            assert "sign in again" in text_of(answer)
        assert (await alice.fill("/account", "/account/sign-out")).status == 303
        assert (await stored(h, told["user_code"])).user_id is None
        assert (await enter(await at_home(h, "bob"), told["user_code"])).status == 200


async def test_row_52_whoever_guesses_in_session_after_session_is_slowed_down_by_address(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        told = await wait(h, await a_television(h))
        for number in range(6):
            browser = await at_home(h, f"guest{number}")
            for _ in range(5):
                assert (await enter(browser, WRONG)).status == 422
        alice = await at_home(h)
        answer = await enter(alice, told["user_code"])
        assert (answer.status, answer.headers["retry-after"]) == (429, "6")
        assert "wait 6 seconds" in text_of(answer)
        alice.address = "198.51.100.1"
        assert (await enter(alice, told["user_code"])).status == 200


async def test_row_52_the_setting_switches_all_of_it_off(tmp_path: Path) -> None:
    async with built(tmp_path, {"SCOPEKEEPER_RATE_LIMITS": "off"}) as h:
        alice = await at_home(h)
        for _ in range(40):
            assert (await enter(alice, WRONG)).status == 422


@pytest.mark.parametrize("forgery", ["no token", "wrong token", "another session's token", "origin", "cross-site"])
@pytest.mark.parametrize("step", ["enter", "decide"])
async def test_row_47_a_forged_form_does_nothing(tmp_path: Path, forgery: str, step: str) -> None:
    async with built(tmp_path) as h:
        television = await a_television(h)
        alice, told = await at_home(h), await wait(h, television)
        page = await (enter(alice, told["user_code"]) if step == "decide" else alice.get("/device"))
        form = Seen(page.body).form("/device") | {"user_code": told["user_code"]}
        form |= {"decision": "approve"} if step == "decide" else {}
        headers: dict[str, str] = {}
        if forgery == "no token":
            del form["csrf"]
        elif forgery == "wrong token":
            form["csrf"] = "0" * 64
        elif forgery == "another session's token":
            form["csrf"] = Seen((await (await at_home(h, "bob")).get("/device")).body).form("/device")["csrf"]
        else:
            headers = {"origin": "https://evil.example"} if forgery == "origin" else {"sec_fetch_site": "cross-site"}
        before = await stored(h, told["user_code"])
        assert (await alice.post("/device", form, **headers)).status == 403
        assert await stored(h, told["user_code"]) == before


async def test_row_47_a_decision_is_bound_to_the_very_question(tmp_path: Path) -> None:
    """To its code, its session, and to the scopes that were shown."""
    async with built(tmp_path) as h:
        television = await a_television(h)
        alice, one, other = await at_home(h), await wait(h, television), await wait(h, television)
        asked = Seen((await enter(alice, one["user_code"])).body).form("/device") | {"decision": "approve"}
        await enter(alice, other["user_code"])
        for forged in (
            asked | {"user_code": other["user_code"]},
            asked | {"question": "0" * 64},
            {name: value for name, value in asked.items() if name != "question"},
        ):
            assert (await alice.post("/device", forged)).status == 403
        await h.house.applications.change(television.client_id, Changes(scope="rest:extensions:read"), "cli:test")
        assert (await alice.post("/device", asked)).status == 403
        for told in (one, other):
            assert (await stored(h, told["user_code"])).approved is None


async def test_row_14_what_another_session_was_asked_is_not_answered_here(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        television = await a_television(h)
        alice, bob, told = await at_home(h), await at_home(h, "bob"), await wait(h, television)
        asked = Seen((await enter(alice, told["user_code"])).body).form("/device") | {"decision": "approve"}
        own = Seen((await bob.get("/device")).body).form("/device")["csrf"]
        assert (await bob.post("/device", asked | {"csrf": own})).status == 422
        assert (await stored(h, told["user_code"])).approved is None


async def test_row_51_it_is_decided_once_and_a_second_click_is_no_error(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        television = await a_television(h)
        alice, told = await at_home(h), await wait(h, television)
        page = await enter(alice, told["user_code"])
        assert (await decide(alice, page, "approve")).status == 200
        assert (await decide(alice, page, "approve")).status == 200
        assert (await decide(alice, page, "deny")).status == 422
        assert (await poll(h, television, told["device_code"])).status == 200


async def test_a_decision_that_is_none_decides_nothing(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        alice, told = await at_home(h), await wait(h, await a_television(h))
        page = await enter(alice, told["user_code"])
        assert (await decide(alice, page, "perhaps")).status == 400
        assert (await stored(h, told["user_code"])).approved is None


async def test_row_47_the_forms_of_an_ended_session_are_worth_nothing(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        alice, told = await at_home(h), await wait(h, await a_television(h))
        page = await enter(alice, told["user_code"])
        await alice.fill("/account", "/account/sign-out")
        answer = await decide(alice, page, "approve")
        assert (answer.status, answer.headers["location"]) == (303, "/login?note=ended")
        assert (await stored(h, told["user_code"])).approved is None


async def test_row_48_what_strangers_wrote_is_shown_as_text(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        television = await a_television(h, name='<script>alert(1)</script>"')
        alice, told = await at_home(h), await wait(h, television)
        pages = [
            await alice.get("/device?user_code=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"),
            page := await enter(alice, told["user_code"]),
            await decide(alice, page, "approve"),
        ]
        for each in pages:
            assert each.status == 200
            assert b"<script" not in each.body
            assert each.headers["content-security-policy"].startswith("default-src 'none'")
            assert "frame-ancestors 'none'" in each.headers["content-security-policy"]
            assert each.headers["cache-control"] == "no-store"


async def test_row_48_what_is_given_back_to_be_mended_has_a_bound(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        page = await (await at_home(h)).get(f"/device?user_code={'A' * 5_000}")
        assert Seen(page.body).form("/device")["user_code"] == "A" * 40


async def test_row_13_a_device_code_opens_nothing_but_the_token_endpoint(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        television, machine = await a_television(h), await h.register("rest", resource_server=True)
        alice, told = await at_home(h), await wait(h, television)
        code = told["device_code"]
        assert (await enter(alice, code)).status == 422
        assert (await ask(h.front, "GET", "/api/rest/extensions/", headers=[bearer(code)])).status == 401
        assert (await h.introspect(code, machine)) == {"active": False}
        assert (await Browser(h.front, {"scopekeeper": code}).get("/account")).status == 303
        for wrong in (told["user_code"], code.replace("skpr_dc_", "skpr_ac_")):
            assert (await poll(h, television, wrong)).json()["error"] == "invalid_grant"


async def test_row_31_no_page_shows_the_device_code(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        alice, told = await at_home(h), await wait(h, await a_television(h))
        page = await enter(alice, told["user_code"])
        done = await decide(alice, page, "approve")
        assert all(told["device_code"][-38:].encode() not in each.body for each in (page, done))


@pytest.mark.parametrize("path", ["/device", "/oauth/device_authorization"])
async def test_neither_is_for_other_origins(tmp_path: Path, path: str) -> None:
    async with built(tmp_path) as h:
        answer = await ask(h.front, "OPTIONS", path, headers=[("origin", "https://app.example")])
        assert answer.status == 405
        assert not any(name.startswith("access-control") for name in answer.headers)


async def test_row_28_a_device_says_nothing_of_itself_in_the_url(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        made = await a_television(h)
        for query in (f"client_id={made.client_id}", "scope=rest", "client_secret=x"):
            answer = await post_form(h.front, f"/oauth/device_authorization?{query}", {"client_id": made.client_id})
            assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


async def test_while_the_store_is_away_devices_and_people_are_to_come_again(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        made = await a_television(h)
        alice = await at_home(h)
        await h.house.store.close()
        assert (await ask_to_wait(h, made)).status == 503
        assert (await alice.get("/device")).status == 503


async def test_row_26_an_account_that_was_disabled_decides_nothing(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        alice, told = await at_home(h), await wait(h, await a_television(h))
        page = await enter(alice, told["user_code"])
        await h.house.accounts.enable("alice", False, "cli:test")
        assert (await decide(alice, page, "approve")).status == 303
        assert (await stored(h, told["user_code"])).approved is None


async def test_what_takes_a_second_factor_has_one_set_up_on_the_way_and_the_device_waits(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        of = await a_television(h, required_acr=MFA_RUNG)
        waiting = await wait(h, of)
        user_code = waiting["user_code"]
        await proving.a_person(h)
        browser = await proving.signed_in(h)
        told = await enter(browser, user_code)
        assert told.status == 403
        assert "Television lets nobody in by a password alone" in text_of(told)
        [login] = [each["href"] for each in Seen(told.body).all("a") if each["href"].startswith("/login?anew=1&")]
        answer = await browser.fill(login, "/login", username="alice", password=proving.PASSWORD)
        second = answer.headers["location"]
        page = await browser.get(second)
        code = proving.code_now(h, proving.secret_on(page))
        done = await browser.post("/login/second", Seen(page.body).form("/login/second") | {"code": code})
        assert done.status == 303, done.body
        entry = await browser.get(f"/device?user_code={user_code}&sure=1")
        question = await browser.post("/device", Seen(entry.body).form("/device"))
        await decide(browser, question, "approve")
        assert (await poll(h, of, waiting["device_code"])).status == 200
        assert (await stored(h, user_code)).amr == ("pwd", "otp", "mfa")


async def test_row_52_who_has_had_a_question_shown_says_no_yes_to_what_takes_a_second_factor_by_now(
    tmp_path: Path,
) -> None:
    async with built(tmp_path) as h:
        of = await a_television(h)
        user_code = (await wait(h, of))["user_code"]
        browser = await at_home(h)
        question = await enter(browser, user_code)
        await h.house.applications.change(of.client_id, Changes(required_acr=MFA_RUNG), "cli:test")
        assert (await decide(browser, question, "approve")).status == 403
        assert (await stored(h, user_code)).approved is None
