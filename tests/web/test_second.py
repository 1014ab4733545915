"""`/login/second`: the second step of a sign-in, and all the ways in which it is not gone around."""

from pathlib import Path
from urllib.parse import quote

import pytest

from scopekeeper.oauth.authentication import MFA, OTP, PASSWORD, POP
from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.ports import Act
from tests.asking import ask
from tests.authenticator import Authenticator
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen, text_of
from tests.web.applicant import an_applicant
from tests.web.proving import (
    CODES,
    NAMED,
    PASSKEYS,
    SECOND,
    SECURITY,
    a_person,
    a_person_with_codes,
    at_the_second_step,
    code_now,
    codes_on,
    is_signed_in,
    options_on,
    secret_on,
    signed_in,
)

EVERYONE = {"SCOPEKEEPER_SECOND_FACTOR": "everyone"}
HOSTILE = '"><script>alert(1)</script><img src=x>{{7*7}}'


async def amr_of(there: Built, name: str = "alice") -> tuple[str, ...]:
    """How whoever signed in last as this person did so."""
    user = await there.house.store.user(name)
    assert user is not None
    return max(await there.house.store.sessions(user.id), key=lambda session: session.signed_in_at).amr


async def test_a_password_alone_opens_nothing_for_who_has_one_time_codes(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        secret, _ = await a_person_with_codes(there)
        browser = await at_the_second_step(there, wanted="/device")
        assert not await is_signed_in(browser)
        page = await browser.get(f"{SECOND}?next=/device")
        assert "to sign in as alice" in text_of(page)
        assert Seen(page.body).by_id("code")["autocomplete"] == "one-time-code"
        form = Seen(page.body).form(SECOND) | {"code": code_now(there, secret)}
        answer = await browser.post(SECOND, form)
        assert (answer.status, answer.headers["location"]) == (303, "/device")
        assert "scopekeeper-stage" not in browser.cookies
        assert await is_signed_in(browser)
        assert await amr_of(there) == (PASSWORD, OTP, MFA)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"code": ""},
        {"code": "   "},
        {"answer": ""},
        {"answer": "", "sealed": ""},
        {"answer": "{}", "sealed": "x"},
        {"recovery": "1"},
        {"recovery": "1", "code": ""},
        {"password": "correct horse battery", "username": "alice"},
        {"code": "000000", "enrol": "1"},
        {"code": "0" * 5_000},
    ],
)
async def test_row_52_no_empty_or_odd_form_gets_past_it(tmp_path: Path, fields: dict[str, str]) -> None:
    async with built(tmp_path, NAMED) as there:
        await a_person_with_codes(there)
        browser = await at_the_second_step(there)
        form = Seen((await browser.get(SECOND)).body).form(SECOND)
        del form["code"]
        for _ in range(2):
            answer = await browser.post(SECOND, form | fields)
            assert answer.status == 422
            assert 'role="alert"' in answer.body.decode()
        assert not await is_signed_in(browser)


async def test_row_52_whoever_tries_codes_has_to_wait_and_keeps_nobody_else_out(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        secret, _ = await a_person_with_codes(there)
        bob, _ = await a_person_with_codes(there, "bob")
        browser = await at_the_second_step(there)
        form = Seen((await browser.get(SECOND)).body).form(SECOND)
        right = int(code_now(there, secret))
        tries = [await browser.post(SECOND, form | {"code": f"{(right + 7 + n) % 10**6:06}"}) for n in range(11)]
        assert [answer.status for answer in tries] == [422] * 10 + [429]
        assert int(tries[-1].headers["retry-after"]) > 0
        assert "Too many attempts" in text_of(tries[-1])
        assert [each["href"] for each in Seen(tries[-1].body).all("a")] == [SECOND]
        elsewhere = await at_the_second_step(there, "bob")
        assert (await elsewhere.fill(SECOND, SECOND, code=code_now(there, bob))).status == 303


async def test_a_code_is_taken_once(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        secret, _ = await a_person_with_codes(there)
        first, other = await at_the_second_step(there), await at_the_second_step(there)
        code = code_now(there, secret)
        assert (await first.fill(SECOND, SECOND, code=code)).status == 303
        answer = await other.fill(SECOND, SECOND, code=code)
        assert answer.status == 422
        assert "That code is not right" in text_of(answer)
        assert Seen(answer.body).described("code").split() == ["code-hint", "code-error"]


async def test_a_recovery_code_stands_in_once_however_it_is_typed(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        _, recovery = await a_person_with_codes(there)
        browser = await at_the_second_step(there)
        assert f"{SECOND}?next=/account&recovery=1" in [
            each["href"] for each in Seen((await browser.get(SECOND)).body).all("a")
        ]
        page = await browser.get(f"{SECOND}?next=/account&recovery=1")
        assert "Recovery code" in text_of(page)
        assert "inputmode" not in Seen(page.body).by_id("code")
        typed = recovery[0].replace("-", " ").lower()
        assert (await browser.post(SECOND, Seen(page.body).form(SECOND) | {"code": typed})).status == 303
        assert await amr_of(there) == (PASSWORD, OTP, MFA)
        other = await at_the_second_step(there)
        answer = await other.fill(f"{SECOND}?recovery=1", SECOND, code=recovery[0])
        assert answer.status == 422
        assert "That code is not right, or was used before." in text_of(answer)
        assert (await other.fill(SECOND, SECOND, code=recovery[1])).status == 303, "the other field takes them, too"


async def test_whoever_has_no_recovery_code_left_is_told_whom_to_ask(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        await a_person_with_codes(there)
        user, house = await there.house.accounts.get("alice"), there.house
        act = Act(house.entropy.row_id(), there.clock.now(), "cli:test", "recovery.replace", user.name)
        await house.store.replace_recovery_codes(user.id, (), act)
        browser = await at_the_second_step(there)
        for page in (await browser.get(SECOND), await browser.get(f"{SECOND}?recovery=1")):
            assert "Whoever runs this server can take your second factor off your account" in text_of(page)
            assert Seen(page.body).by_id("code")["autocomplete"] == "one-time-code"
            assert "Use a recovery code" not in text_of(page)


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"csrf": "0" * 64}, {}),
        ({}, {"origin": "https://evil.example"}),
        ({}, {"sec_fetch_site": "cross-site"}),
    ],
)
async def test_row_47_a_forged_form_is_refused(tmp_path: Path, fields: dict[str, str], headers: dict[str, str]) -> None:
    async with built(tmp_path) as there:
        secret, _ = await a_person_with_codes(there)
        browser = await at_the_second_step(there)
        form = Seen((await browser.get(SECOND)).body).form(SECOND) | {"code": code_now(there, secret)}
        assert (await browser.post(SECOND, form | fields, **headers)).status == 403
        assert not await is_signed_in(browser)
        assert (await browser.post(SECOND, form)).status == 303, "and nothing was used up"


async def test_without_a_first_step_there_is_no_second(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        await a_person_with_codes(there)
        answer = await Browser(there.front).get(f"{SECOND}?next=/device")
        assert (answer.status, answer.headers["location"]) == (303, "/login?note=late&next=%2Fdevice")


@pytest.mark.parametrize("theft", ["another browser", "altered", "too late"])
async def test_row_13_what_is_under_way_holds_in_its_own_browser_as_it_is_and_for_ten_minutes(
    tmp_path: Path, theft: str
) -> None:
    async with built(tmp_path) as there:
        secret, _ = await a_person_with_codes(there)
        browser = await at_the_second_step(there)
        form = Seen((await browser.get(SECOND)).body).form(SECOND)
        if theft == "another browser":
            other = Browser(there.front)
            await other.get("/login")
            other.cookies["scopekeeper-stage"] = browser.cookies["scopekeeper-stage"]
            form["csrf"] = Seen((await other.get("/login")).body).form("/login")["csrf"]
            browser = other
        elif theft == "altered":
            kept = browser.cookies["scopekeeper-stage"]
            browser.cookies["scopekeeper-stage"] = kept[:-2] + ("AA" if kept[-2:] != "AA" else "BB")
        else:
            there.clock.advance(600)
        answer = await browser.post(SECOND, form | {"code": code_now(there, secret)})
        assert answer.status == (403 if theft == "another browser" else 303)
        assert (await browser.get(SECOND)).headers["location"].startswith("/login?note=late")
        assert not await is_signed_in(browser)


async def test_row_13_a_session_is_no_first_step_and_a_first_step_no_session(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        await a_person_with_codes(there)
        browser = await at_the_second_step(there)
        browser.cookies["scopekeeper"] = browser.cookies["scopekeeper-stage"][:128].replace("-", "_")
        assert not await is_signed_in(browser)
        await a_person(there, "bob")
        bob = await signed_in(there, "bob")
        bob.cookies["scopekeeper-stage"] = bob.cookies["scopekeeper"]
        assert (await bob.get(f"{SECOND}?next=/device")).headers["location"] == "/device"


async def test_a_form_that_is_sent_twice_leads_on_and_begins_one_session(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        secret, _ = await a_person_with_codes(there)
        browser = await at_the_second_step(there)
        form = Seen((await browser.get(SECOND)).body).form(SECOND) | {"code": code_now(there, secret)}
        again = Browser(there.front, dict(browser.cookies))
        assert (await browser.post(SECOND, form)).headers["location"] == "/account"
        assert (await browser.post(SECOND, form)).headers["location"] == "/account"
        there.clock.advance(30)
        # The same first step once more, with a code that was not used yet: it is spent.
        answer = await again.post(SECOND, form | {"code": code_now(there, secret)})
        assert answer.headers["location"] == "/login?note=late&next=%2Faccount"
        assert not await is_signed_in(again)


async def test_another_password_ends_what_the_old_one_began(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        secret, _ = await a_person_with_codes(there)
        browser = await at_the_second_step(there)
        await there.house.accounts.set_password("alice", "a wholly new passphrase", "cli:test")
        form = {"csrf": "", "code": code_now(there, secret)}
        page = await browser.get(SECOND)
        assert page.headers["location"].startswith("/login?note=late")
        assert (await browser.post(SECOND, form)).status == 403


async def test_where_one_is_demanded_it_is_set_up_before_there_is_a_session(tmp_path: Path) -> None:
    async with built(tmp_path, EVERYONE) as there:
        await a_person(there)
        browser = await at_the_second_step(there, wanted="/device")
        page = await browser.get(f"{SECOND}?next=/device")
        assert "It takes two steps to sign in here as alice" in text_of(page)
        secret = secret_on(page)
        assert secret_on(await browser.get(f"{SECOND}?next=/device")) == secret, "a reload asks for no other picture"
        form = Seen(page.body).form(SECOND)
        for code in ("", "000000" if code_now(there, secret) != "000000" else "111111"):
            answer = await browser.post(SECOND, form | {"code": code})
            assert answer.status == 422
            assert secret_on(answer) == secret
            assert not await is_signed_in(browser)
        answer = await browser.post(SECOND, form | {"code": code_now(there, secret)})
        assert answer.headers["location"] == f"{CODES}?next=%2Fdevice"
        shown = await browser.get(answer.headers["location"])
        assert len(set(codes_on(shown))) == 10
        assert "/device" in [each["href"] for each in Seen(shown.body).all("a")]
        assert await is_signed_in(browser)
        assert await amr_of(there) == (PASSWORD, OTP, MFA)
        assert codes_on(await browser.get(CODES)) == []


@pytest.mark.parametrize("fields", [{}, {"code": ""}, {"answer": ""}, {"code": "1"}, {"next": "/account"}])
async def test_row_52_nobody_gets_around_setting_it_up(tmp_path: Path, fields: dict[str, str]) -> None:
    async with built(tmp_path, NAMED | EVERYONE) as there:
        user = await a_person(there)
        browser = await at_the_second_step(there)
        form = Seen((await browser.get(SECOND)).body).form(SECOND)
        del form["code"]
        for _ in range(2):
            assert (await browser.post(SECOND, form | fields)).status == 422
        browser.cookies.pop("scopekeeper-factor")
        answer = await browser.post(SECOND, form | {"code": "123456"})
        assert "Scan this new picture" in text_of(answer)
        assert not await is_signed_in(browser)
        assert not (await there.house.factors.of(user)).second


async def test_row_52_a_stolen_password_sets_nothing_up_where_something_is(tmp_path: Path) -> None:
    """Not even by a first step that was begun before."""
    async with built(tmp_path, EVERYONE) as there:
        user = await a_person(there)
        thief, owner = await at_the_second_step(there), await at_the_second_step(there)
        page = await thief.get(SECOND)
        stolen, form = secret_on(page), Seen(page.body).form(SECOND)
        page = await owner.get(SECOND)
        own = secret_on(page)
        assert (await owner.post(SECOND, Seen(page.body).form(SECOND) | {"code": code_now(there, own)})).status == 303
        there.clock.advance(30)
        answer = await thief.post(SECOND, form | {"code": code_now(there, stolen)})
        assert answer.status == 422, "it is taken for a code of the owner's, and is none"
        assert not await is_signed_in(thief)
        assert len((await there.house.factors.of(user)).recovery_codes) == 10
        assert (await thief.fill(SECOND, SECOND, code=code_now(there, stolen))).status == 422


async def test_a_passkey_is_the_second_step(tmp_path: Path) -> None:
    async with built(tmp_path, NAMED) as there:
        await a_person(there)
        browser, device = await signed_in(there), Authenticator(NAMED["SCOPEKEEPER_ISSUER"])
        page = await browser.get(PASSKEYS)
        made = device.make(options_on(page, "make"))
        answer = await browser.post(PASSKEYS, Seen(page.body).form(PASSKEYS, "make") | {"answer": made})
        assert answer.headers["location"].startswith(CODES)
        browser = await at_the_second_step(there)
        page = await browser.get(SECOND)
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert b'id="code"' not in page.body, "there are no one-time codes"
        form = Seen(page.body).form(SECOND, "ask")
        assert (await browser.post(SECOND, form)).status == 422
        answer = await browser.post(SECOND, form | {"answer": device.prove(options_on(page, "ask"))})
        assert answer.status == 303
        assert await is_signed_in(browser)
        amr = await amr_of(there)
        assert {PASSWORD, POP, MFA} <= set(amr)


async def test_row_55_another_persons_passkey_is_no_second_step(tmp_path: Path) -> None:
    async with built(tmp_path, NAMED) as there:
        device = Authenticator(NAMED["SCOPEKEEPER_ISSUER"])
        for name in ("alice", "mallory"):
            await a_person(there, name)
            browser = await signed_in(there, name)
            page = await browser.get(PASSKEYS)
            made = device.make(options_on(page, "make"))
            assert (
                await browser.post(PASSKEYS, Seen(page.body).form(PASSKEYS, "make") | {"answer": made})
            ).status == 303
        browser = await at_the_second_step(there)
        page = await browser.get(SECOND)
        answer = await browser.post(
            SECOND, Seen(page.body).form(SECOND, "ask") | {"answer": device.prove(options_on(page, "ask"))}
        )
        assert answer.status == 422
        assert "That passkey was not accepted" in text_of(answer)
        assert not await is_signed_in(browser)


async def test_a_passkey_is_made_where_one_is_demanded(tmp_path: Path) -> None:
    async with built(tmp_path, NAMED | EVERYONE) as there:
        user = await a_person(there)
        browser, device = await at_the_second_step(there), Authenticator(NAMED["SCOPEKEEPER_ISSUER"])
        page = await browser.get(SECOND)
        form = Seen(page.body).form(SECOND, "make")
        assert (await browser.post(SECOND, form | {"answer": "{}"})).status == 422
        page = await browser.get(SECOND)
        form = Seen(page.body).form(SECOND, "make")
        answer = await browser.post(SECOND, form | {"answer": device.make(options_on(page, "make"))})
        assert answer.headers["location"].startswith(CODES)
        assert await is_signed_in(browser)
        assert len((await there.house.factors.of(user)).passkeys) == 1


async def test_an_application_gets_its_answer_after_both_steps(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        applicant = await an_applicant(there)
        secret, _ = await a_person_with_codes(there)
        wanted = quote(applicant.url(), safe="")
        browser = await at_the_second_step(there, wanted=wanted)
        page = await browser.get(f"{SECOND}?next={wanted}")
        assert "to sign in as alice and go on to Team Calendar" in text_of(page)
        assert "cross-origin-opener-policy" not in page.headers, "it may be in a window of the application's"
        assert "form-action" not in page.headers["content-security-policy"], "the form may end there"
        answer = await browser.post(SECOND, Seen(page.body).form(SECOND) | {"code": code_now(there, secret)})
        assert answer.headers["location"] == applicant.url()


async def test_the_codes_of_whoever_sets_one_up_on_the_way_to_an_application_come_in_between(tmp_path: Path) -> None:
    async with built(tmp_path, EVERYONE) as there:
        applicant = await an_applicant(there)
        await a_person(there)
        wanted = quote(applicant.url(), safe="")
        browser = await at_the_second_step(there, wanted=wanted)
        page = await browser.get(f"{SECOND}?next={wanted}")
        assert "It takes two steps to go on to Team Calendar as alice" in text_of(page)
        code = code_now(there, secret_on(page))
        answer = await browser.post(SECOND, Seen(page.body).form(SECOND) | {"code": code})
        shown = await browser.get(answer.headers["location"])
        assert "cross-origin-opener-policy" not in shown.headers
        [on] = Seen(shown.body).all("a")
        assert on["href"] == applicant.url()
        assert (await browser.get(applicant.url())).headers["location"].startswith("/consent?")
        elsewhere = await browser.get(f"{CODES}?next=https://evil.example")
        assert elsewhere.headers["location"] == "/account"


async def test_row_48_what_was_sent_is_never_part_of_the_page(tmp_path: Path) -> None:
    async with built(tmp_path, NAMED) as there:
        await a_person_with_codes(there)
        browser = await at_the_second_step(there)
        form = Seen((await browser.get(SECOND)).body).form(SECOND)
        for answer in (
            await browser.post(SECOND, form | {"code": HOSTILE, "next": HOSTILE, "recovery": HOSTILE}),
            await browser.get(f"{SECOND}?next={quote(HOSTILE)}&recovery={quote(HOSTILE)}&note={quote(HOSTILE)}"),
        ):
            assert b"<script>" not in answer.body
            assert b"<img src=x" not in answer.body


async def test_a_method_that_it_does_not_know_is_405(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        answer = await ask(there.front, "PUT", SECOND)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")


async def test_row_31_no_code_and_no_secret_is_ever_logged(tmp_path: Path, logbook: pytest.CaptureFixture[str]) -> None:
    async with built(tmp_path, EVERYONE) as there:
        await a_person(there)
        browser = await at_the_second_step(there)
        page = await browser.get(SECOND)
        secret = secret_on(page)
        answer = await browser.post(SECOND, Seen(page.body).form(SECOND) | {"code": code_now(there, secret)})
        recovery = codes_on(await browser.get(answer.headers["location"]))
        there.clock.advance(30)
        other = await at_the_second_step(there)
        await other.fill(SECOND, SECOND, code=recovery[0])
        assert await is_signed_in(other)
        assert "10 of 10 left" not in text_of(await other.get(SECURITY))
        log = "".join(str(each) for each in await there.house.store.acts(ActsAsked()))
    said = logbook.readouterr().err + log
    for kept in (secret.hex(), *recovery, *(code.replace("-", "") for code in recovery)):
        assert kept not in said
