"""`/account/security`: what I prove who I am with, seen by me and changed by nobody but who has just proven it."""

from base64 import b32decode
from pathlib import Path
from typing import Final

import pytest

from scopekeeper.oauth.people import User
from scopekeeper.oauth.upstreams import Identity, Upstream
from scopekeeper.services.factors import FRESH, Fresh
from scopekeeper.services.ports import Act
from tests.authenticator import Authenticator
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen, text_of
from tests.web.proving import (
    CODES,
    NAMED,
    PASSKEYS,
    PASSWORD,
    SECOND,
    SECURITY,
    TOTP,
    a_person,
    at_the_second_step,
    code_now,
    codes_on,
    is_signed_in,
    options_on,
    secret_on,
    signed_in,
    with_codes,
)

RECOVERY = f"{SECURITY}/recovery"
HOSTILE = "<script>alert(1)</script>{{7*7}}"
ANEW = f"/login?anew=1&next={SECURITY}"

ACTS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    (TOTP, {"code": "123456"}),
    (f"{TOTP}/remove", {}),
    (PASSKEYS, {"sealed": "x", "answer": "{}", "name": "Phone"}),
    (f"{PASSKEYS}/remove", {"passkey": "1"}),
    (RECOVERY, {}),
)
"""What changes something, and has to have been signed in for lately."""

RENAMING = (f"{PASSKEYS}/rename", {"passkey": "1", "name": "Phone"})


async def with_passkey(there: Built, browser: Browser, name: str = "Phone") -> Authenticator:
    """Add a passkey for whoever is signed in there."""
    device = Authenticator(there.house.settings.issuer)
    page = await browser.get(PASSKEYS)
    form = Seen(page.body).form(PASSKEYS, "make") | {"name": name}
    answer = await browser.post(PASSKEYS, form | {"answer": device.make(options_on(page, "make"))})
    assert answer.status == 303, answer.body
    await browser.get(answer.headers["location"])  # where recovery codes are shown, if some came with it
    return device


async def in_again(there: Built, browser: Browser, secret: bytes) -> None:
    """Sign in anew, with both factors, as the banner says."""
    await browser.fill(ANEW, "/login", username="alice", password=PASSWORD)
    answer = await browser.fill(f"{SECOND}?next={SECURITY}", SECOND, code=code_now(there, secret))
    assert answer.headers["location"] == SECURITY
    there.clock.advance(30)


async def csrf_in(browser: Browser) -> str:
    """The token of the forms of these pages, which every one of them has."""
    return Seen((await browser.get(TOTP)).body).form(TOTP)["csrf"]


async def test_whoever_is_not_signed_in_is_asked_to_and_then_led_back(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        await a_person(there)
        browser = Browser(there.front)
        answer = await browser.get(SECURITY)
        assert (answer.status, answer.headers["location"]) == (303, "/login?next=%2Faccount%2Fsecurity")
        answer = await browser.fill(answer.headers["location"], "/login", username="alice", password=PASSWORD)
        assert answer.headers["location"] == SECURITY


async def test_one_time_codes_are_set_up_and_recovery_codes_shown_once(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        assert "By your password alone." in text_of(await browser.get("/account"))
        page = await browser.get(TOTP)
        picture = next(each for each in Seen(page.body).all("img") if each["src"].startswith("data:"))
        assert picture["src"].startswith("data:image/svg+xml;base64,")
        assert picture["alt"]
        assert secret_on(await browser.get(TOTP)) == secret_on(page), "a reload asks for no other picture"
        assert not (await there.house.factors.of(user)).second, "looking sets nothing up"
        form = Seen(page.body).form(TOTP) | {"code": code_now(there, secret_on(page))}
        answer = await browser.post(TOTP, form)
        assert (answer.status, answer.headers["location"]) == (
            303,
            f"{CODES}?next=%2Faccount%2Fsecurity%3Fnote%3Dtotp",
        )
        shown = await browser.get(answer.headers["location"])
        codes = codes_on(shown)
        assert len(set(codes)) == 10
        assert "no-store" in shown.headers["cache-control"]
        [on] = Seen(shown.body).all("a")
        assert on["href"] == f"{SECURITY}?note=totp"
        again = await browser.get(answer.headers["location"])
        assert (again.status, again.headers["location"]) == (303, f"{SECURITY}?note=totp")
        text = text_of(await browser.get(f"{SECURITY}?note=totp"))
        assert "One-time codes are on." in text
        assert "10 of 10 left" in text
        assert not any(code in text for code in codes)
        assert "One-time codes are on." in text_of(await browser.get("/account"))


@pytest.mark.parametrize(
    ("code", "said"),
    [("", "Enter the code."), ("abc", "That code is not right."), ("0" * 9, "That code is not right.")],
)
async def test_a_code_that_is_not_right_is_told_beside_its_field(tmp_path: Path, code: str, said: str) -> None:
    async with built(tmp_path) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        secret = secret_on(await browser.get(TOTP))
        answer = await browser.fill(TOTP, TOTP, code=code)
        assert answer.status == 422
        assert said in text_of(answer)
        assert Seen(answer.body).by_id("code-error")["role"] == "alert"
        assert Seen(answer.body).described("code").split() == ["code-error"]
        assert secret_on(answer) == secret
        assert not (await there.house.factors.of(user)).second


async def test_a_picture_that_was_shown_for_too_long_is_followed_by_another(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        await a_person(there)
        browser = await signed_in(there)
        there.clock.advance(FRESH - 30)
        page = await browser.get(TOTP)
        secret, form = secret_on(page), Seen(page.body).form(TOTP)
        browser.cookies.pop("scopekeeper-factor")
        answer = await browser.post(TOTP, form | {"code": code_now(there, secret)})
        assert answer.status == 422
        assert "Scan this new picture" in text_of(answer)
        assert secret_on(answer) != secret


async def test_what_is_sent_twice_is_done_once(tmp_path: Path) -> None:
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        page = await browser.get(TOTP)
        form = Seen(page.body).form(TOTP) | {"code": code_now(there, secret_on(page))}
        [session], book = await there.house.store.sessions(user.id), there.house.factors
        fresh, key = Fresh(session.signed_in_at, session.amr, session.id), browser.cookies["scopekeeper"]
        # The other one is as far as that when this one comes, and its answer never arrives.
        await book.confirm_totp(user, fresh, key, browser.cookies["scopekeeper-factor"], form["code"], None)
        before = await there.house.factors.of(user)
        answer = await browser.post(TOTP, form)
        assert answer.headers["location"] == CODES
        answer = await browser.get(CODES)
        assert answer.headers["location"] == f"{SECURITY}?note=unseen"
        assert "If you have not kept them, make new ones." in text_of(await browser.get(answer.headers["location"]))
        assert await there.house.factors.of(user) == before
        assert await there.house.store.sessions(user.id) == (session,), "nothing was proven here"
        there.clock.advance(30)
        await in_again(there, browser, secret_on(page))
        removal = {"csrf": await csrf_in(browser)}
        for _ in range(2):
            answer = await browser.post(f"{TOTP}/remove", removal)
            assert answer.status == 303
            assert answer.headers["location"].startswith(SECURITY)
        assert not (await there.house.factors.of(user)).second
        assert (await there.house.factors.of(user)).recovery_codes == ()


@pytest.mark.parametrize(("path", "fields"), ACTS, ids=[path for path, _ in ACTS])
async def test_row_52_a_session_that_is_not_fresh_changes_nothing(
    tmp_path: Path, path: str, fields: dict[str, str]
) -> None:
    """A stolen session, or a browser found open: it looks, and is told to sign in."""
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        if path != TOTP:
            secret, _ = await with_codes(there, browser)
            await in_again(there, browser, secret)
        csrf = await csrf_in(browser)
        before = await there.house.factors.of(user)
        there.clock.advance(FRESH)
        answer = await browser.post(path, {"csrf": csrf} | fields)
        assert answer.status == 403
        page = Seen(answer.body)
        assert "Nothing was changed. Sign in again first" in page.text
        assert ANEW in [each.get("href") for each in page.all("a")]
        assert await there.house.factors.of(user) == before
        shown = Seen((await browser.get(SECURITY)).body)
        assert ANEW in [each.get("href") for each in shown.all("a")]
        assert [each["action"] for each in shown.all("form")] == []
        for way in (TOTP, PASSKEYS):
            assert (await browser.get(way)).headers["location"] == SECURITY


async def test_row_52_nor_does_one_that_began_without_the_second_factor(tmp_path: Path) -> None:
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        csrf = await csrf_in(browser)
        [session] = await there.house.store.sessions(user.id)
        offer = there.house.factors.offer_totp(user, "key")
        secret, fresh = b32decode(offer.secret), Fresh(there.clock.now(), session.amr, session.id)
        await there.house.factors.confirm_totp(user, fresh, "key", offer.sealed, code_now(there, secret), None)
        there.clock.advance(60)
        before = await there.house.factors.of(user)
        for path, fields in ACTS:
            assert (await browser.post(path, {"csrf": csrf} | fields)).status == 403, path
        assert await there.house.factors.of(user) == before
        assert "You signed in here without your second factor." in text_of(await browser.get(SECURITY))
        await in_again(there, browser, secret)
        assert (await browser.post(RECOVERY, {"csrf": await csrf_in(browser)})).status == 303


@pytest.mark.parametrize("what", ["one-time codes", "a passkey"])
async def test_row_52_where_else_somebody_is_in_by_the_password_alone_ends_with_the_first_factor(
    tmp_path: Path, what: str
) -> None:
    async with built(tmp_path, NAMED) as there:
        await a_person(there)
        browser, thief = await signed_in(there), await signed_in(there)
        await (with_codes(there, browser) if what == "one-time codes" else with_passkey(there, browser))
        assert await is_signed_in(browser)
        assert not await is_signed_in(thief)


@pytest.mark.parametrize(("path", "fields"), [*ACTS, RENAMING], ids=[path for path, _ in (*ACTS, RENAMING)])
async def test_row_47_a_forged_form_changes_nothing(tmp_path: Path, path: str, fields: dict[str, str]) -> None:
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        secret, _ = await with_codes(there, browser)
        await in_again(there, browser, secret)
        csrf, before = await csrf_in(browser), await there.house.factors.of(user)
        elsewhere = await at_the_second_step(there)
        await elsewhere.fill(SECOND, SECOND, code=code_now(there, secret))
        for forged in ("0" * 64, "", await csrf_in(elsewhere)):
            assert (await browser.post(path, {"csrf": forged} | fields)).status == 403
        for header in ({"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}):
            assert (await browser.post(path, {"csrf": csrf} | fields, **header)).status == 403
        now = await there.house.factors.of(user)
        assert (now.passkeys, now.recovery_codes) == (before.passkeys, before.recovery_codes)
        assert now.totp is not None


async def test_row_47_opening_an_address_does_nothing(tmp_path: Path) -> None:
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        secret, _ = await with_codes(there, browser)
        await in_again(there, browser, secret)
        before = await there.house.factors.of(user)
        for path in (f"{TOTP}/remove", f"{PASSKEYS}/rename", f"{PASSKEYS}/remove", RECOVERY):
            answer = await browser.get(f"{path}?passkey=1&name=x&code=1")
            assert (answer.status, answer.headers["location"]) == (303, SECURITY)
        assert (await browser.get(f"{SECURITY}/nowhere")).status == 404
        assert (await browser.post(CODES, {"csrf": await csrf_in(browser)})).status == 404
        assert await there.house.factors.of(user) == before


async def test_new_recovery_codes_take_the_place_of_the_old_ones(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        await a_person(there)
        browser = await signed_in(there)
        secret, old = await with_codes(there, browser)
        for code in old[:7]:
            other = await at_the_second_step(there)
            await other.fill(SECOND, SECOND, code=code)
        page = await other.get(SECURITY)
        assert "Only 3 are left. Make new ones before you need them." in text_of(page)
        assert "3 recovery codes are left." in text_of(await other.get("/account"))
        answer = await other.fill(SECURITY, RECOVERY)
        new = codes_on(await other.get(answer.headers["location"]))
        assert len(new) == 10
        assert not set(new) & set(old)
        refused = await (await at_the_second_step(there)).fill(SECOND, SECOND, code=old[8])
        assert refused.status == 422
        assert (await (await at_the_second_step(there)).fill(SECOND, SECOND, code=new[0])).status == 303
        there.clock.advance(30)
        assert (
            await (await at_the_second_step(there)).fill(SECOND, SECOND, code=code_now(there, secret))
        ).status == 303


async def test_a_passkey_is_added_named_renamed_and_removed(tmp_path: Path) -> None:
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        browser.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        page = await browser.get(PASSKEYS)
        assert Seen(page.body).form(PASSKEYS, "make")["name"] == "Firefox, Linux"
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert "script-src" not in (await browser.get(SECURITY)).headers["content-security-policy"]
        device = await with_passkey(there, browser, "  My\ntelephone ")
        [passkey] = (await there.house.factors.of(user)).passkeys
        assert passkey.name == "My telephone"
        text = text_of(await browser.get(SECURITY))
        assert "My telephone On one device made just now not used yet" in text
        assert "You have 1 passkey." in text_of(await browser.get("/account"))
        renaming = Seen((await browser.get(SECURITY)).body).form(f"{PASSKEYS}/rename")
        assert renaming["passkey"] == str(passkey.id)
        answer = await browser.post(f"{PASSKEYS}/rename", renaming | {"name": HOSTILE})
        assert answer.headers["location"] == f"{SECURITY}?note=renamed"
        page = await browser.get(SECURITY)
        assert b"<script>" not in page.body  # row 48
        assert "alert(1)" in text_of(page)
        await browser.fill(ANEW, "/login", username="alice", password=PASSWORD)
        page = await browser.get(SECOND)
        proof = device.prove(options_on(page, "ask"))
        await browser.post(SECOND, Seen(page.body).form(SECOND, "ask") | {"answer": proof})
        removal = Seen((await browser.get(SECURITY)).body).form(f"{PASSKEYS}/remove")
        for _ in range(2):
            answer = await browser.post(f"{PASSKEYS}/remove", removal)
            assert answer.status == 303
        assert (await there.house.factors.of(user)).passkeys == ()


@pytest.mark.parametrize("number", ["bob's", "0", "-1", "", "x", "9" * 19, "9" * 40, "\u0661"])
async def test_row_55_nobody_elses_passkey_is_renamed_or_removed(tmp_path: Path, number: str) -> None:
    async with built(tmp_path, NAMED) as there:
        bob = await a_person(there, "bob")
        await with_passkey(there, await signed_in(there, "bob"))
        [his] = (await there.house.factors.of(bob)).passkeys
        await a_person(there)
        browser = await signed_in(there)
        form = {"csrf": await csrf_in(browser), "passkey": str(his.id) if number == "bob's" else number, "name": "Mine"}
        for act in ("rename", "remove"):
            answer = await browser.post(f"{PASSKEYS}/{act}", form)
            assert (answer.status, answer.headers["location"]) == (303, SECURITY)
        assert (await there.house.factors.of(bob)).passkeys == (his,)


async def test_a_passkey_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        for answer, said in (("", "No passkey came."), ("{}", "That passkey was not accepted.")):
            form = Seen((await browser.get(PASSKEYS)).body).form(PASSKEYS, "make")
            refused = await browser.post(PASSKEYS, form | {"answer": answer})
            assert refused.status == 422
            assert said in text_of(refused)
        assert not (await there.house.factors.of(user)).second


async def test_a_passkey_without_a_name_is_called_after_where_it_was_made(tmp_path: Path) -> None:
    async with built(tmp_path, NAMED) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        browser.headers["user-agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Safari/604.1"
        await with_passkey(there, browser, " ")
        assert [each.name for each in (await there.house.factors.of(user)).passkeys] == ["Safari, iPhone"]


async def test_where_the_server_has_no_name_it_is_said_that_there_are_no_passkeys(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        await a_person(there)
        browser = await signed_in(there)
        page = await browser.get(SECURITY)
        assert "Browsers make passkeys for the name of a site, and the address of this server is a number." in text_of(
            page
        )
        assert PASSKEYS not in [each.get("href") for each in Seen(page.body).all("a")]
        assert (await browser.get(PASSKEYS)).headers["location"] == SECURITY
        form = {"csrf": await csrf_in(browser), "answer": "{}", "sealed": "x"}
        assert (await browser.post(PASSKEYS, form)).headers["location"] == SECURITY


async def test_the_last_factor_stays_where_one_is_demanded(tmp_path: Path) -> None:
    async with built(tmp_path, NAMED | {"SCOPEKEEPER_SECOND_FACTOR": "everyone"}) as there:
        user = await a_person(there)
        browser = await at_the_second_step(there)
        page = await browser.get(SECOND)
        form = Seen(page.body).form(SECOND) | {"code": code_now(there, secret_on(page))}
        answer = await browser.post(SECOND, form)
        await browser.get(answer.headers["location"])
        page = await browser.get(SECURITY)
        assert "Here a second factor is required of you as well." in text_of(page)
        answer = await browser.post(f"{TOTP}/remove", {"csrf": await csrf_in(browser)})
        assert answer.status == 422
        assert "add another one before you remove the last" in text_of(answer)
        assert (await there.house.factors.of(user)).totp is not None
        await with_passkey(there, browser)
        answer = await browser.post(f"{TOTP}/remove", {"csrf": await csrf_in(browser)})
        assert answer.headers["location"] == f"{SECURITY}?note=removed"


async def known_at(there: Built, user: User) -> None:
    """Two providers, at one of which this person is known."""
    store, now = there.house.store, there.clock.now()
    for number, (name, label) in enumerate((("corp", "Example Corp"), ("uni", HOSTILE)), 1):
        upstream = Upstream(number, name, label, f"https://{name}.example", "us", now)
        await store.add_upstream(upstream, Act(there.house.entropy.row_id(), now, "cli:test", "upstream.add", name))
    identity = Identity(1, "subject 7", user.id, now, "alice@corp.example")
    await store.add_identity(identity, Act(there.house.entropy.row_id(), now, "cli:test", "identity.add", user.name))


async def test_who_else_may_say_that_it_is_me_is_seen_with_a_way_to_end_it_and_to_add_others(tmp_path: Path) -> None:
    async with built(tmp_path) as there:
        user = await a_person(there)
        browser = await signed_in(there)
        assert "Sign in through another provider" not in text_of(await browser.get(SECURITY))
        await known_at(there, user)
        page = await browser.get(SECURITY)
        assert b"<script>" not in page.body
        assert "Example Corp Disconnect Example Corp alice@corp.example connected just now not used yet" in text_of(
            page
        )
        seen = Seen(page.body)
        removal = seen.form(f"{SECURITY}/identities/remove")
        assert (removal["provider"], removal["subject"]) == ("corp", "subject 7")
        assert seen.form(f"{SECURITY}/identities")["name"] == "uni"
        answer = await browser.post(f"{SECURITY}/identities/remove", removal)
        assert answer.headers["location"] == f"{SECURITY}?note=unlinked"
        after = await browser.get(f"{SECURITY}?note=unlinked")
        assert "You cannot sign in through that provider any more." in text_of(after)
        there.clock.advance(FRESH)
        assert not Seen((await browser.get(SECURITY)).body).all("form")
