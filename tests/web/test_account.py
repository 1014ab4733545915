"""`/account`: who I am, what I let in, my password, my sessions, and the way out."""

from typing import Any

import pytest

from scopekeeper.oauth.people import ABSOLUTE
from scopekeeper.services.connections import Connection
from tests.asking import ask
from tests.pages.browsing import Browser, Seen, text_of
from tests.pages.people import PASSWORD, Place, place
from tests.stores.records import a_client

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = "a wholly new passphrase"


async def here() -> tuple[Place, Browser]:
    """A place in which alice is signed in."""
    found = place()
    found.memory.add("alice", admin=True, email="alice@example.com")
    found.memory.add("bob")
    browser = Browser(found.front)
    browser.headers["user-agent"] = FIREFOX
    await browser.sign_in("alice", PASSWORD)
    return found, browser


async def elsewhere(there: Place, name: str = "alice") -> Browser:
    """Another browser, signed in."""
    browser = Browser(there.front)
    await browser.sign_in(name, PASSWORD)
    return browser


async def test_whoever_is_not_signed_in_is_asked_to_and_then_led_back() -> None:
    there, _ = await here()
    answer = await Browser(there.front).get("/account")
    assert (answer.status, answer.headers["location"]) == (303, "/login?next=%2Faccount")


async def test_the_account_tells_who_i_am_and_where_i_am_signed_in() -> None:
    there, browser = await here()
    await elsewhere(there)
    there.memory.clock.advance(300)
    answer = await browser.get("/account")
    text = text_of(answer)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    for said in ("alice@example.com", "Administrator", "Firefox on Linux This session"):
        assert said in text
    assert "signed in 5 minutes ago" in text
    assert "Unknown browser" in text


async def test_the_password_is_changed_and_every_other_session_ends() -> None:
    there, browser = await here()
    other = await elsewhere(there)
    answer = await browser.fill("/account", "/account/password", current=PASSWORD, password=NEW)
    assert (answer.status, answer.headers["location"]) == (303, "/account?note=changed")
    assert "Your password is changed" in text_of(await browser.get("/account?note=changed"))
    assert (await other.get("/account")).status == 303
    assert (await other.sign_in("alice", PASSWORD)).status == 422
    assert (await other.sign_in("alice", NEW)).status == 303


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({}, "current", "Enter your current password."),
        ({"current": PASSWORD}, "password", "Choose a new password."),
        ({"current": "wrong", "password": NEW}, "current", "That is not your current password."),
        ({"current": PASSWORD, "password": "short"}, "password", "A password has at least 8 characters."),
        ({"current": PASSWORD, "password": "alice"}, "password", "A password has"),
    ],
)
async def test_a_change_that_cannot_be_is_told_beside_its_field(fields: dict[str, str], field: str, said: str) -> None:
    there, browser = await here()
    answer = await browser.fill("/account", "/account/password", **fields)
    page = Seen(answer.body)
    assert answer.status == 422
    assert said in page.text
    assert page.by_id(f"{field}-error")["role"] == "alert"
    assert f"{field}-error" in page.described(field).split()
    assert there.memory.users["alice"].password == PASSWORD
    assert PASSWORD.encode() not in answer.body


async def test_row_52_guessing_the_old_password_is_slowed_down_as_signing_in_is() -> None:
    there, browser = await here()
    there.memory.wait = 6
    answer = await browser.fill("/account", "/account/password", current="wrong", password=NEW)
    assert (answer.status, answer.headers["retry-after"]) == (429, "6")
    assert "wait 6 seconds" in text_of(answer)


async def test_password_managers_are_told_what_is_what() -> None:
    _, browser = await here()
    page = Seen((await browser.get("/account")).body)
    assert page.by_id("current")["autocomplete"] == "current-password"
    assert page.by_id("password")["autocomplete"] == "new-password"
    assert ("alice", "username") in {(each.get("value"), each.get("autocomplete")) for each in page.all("input")}


async def test_another_session_of_mine_can_be_ended_from_here() -> None:
    there, browser = await here()
    other = await elsewhere(there)
    answer = await browser.fill("/account", "/account/sessions")
    assert (answer.status, answer.headers["location"]) == (303, "/account?note=ended")
    assert (await other.get("/account")).status == 303
    assert (await browser.get("/account")).status == 200


@pytest.mark.parametrize("number", ["bob's", "0", "-1", "x", "", "9" * 40, "\u0661"])
async def test_row_55_nobody_elses_session_can(number: str) -> None:
    there, browser = await here()
    bob = await elsewhere(there, "bob")
    await elsewhere(there)
    if number == "bob's":
        number = str(next(each.id for each in there.memory.stays.values() if each.user == "bob"))
    answer = await browser.fill("/account", "/account/sessions", session=number)
    assert answer.status == 303
    assert (await bob.get("/account")).status == 200
    assert len(there.memory.stays) == 3


async def test_signing_out_ends_the_session_here_and_on_the_server() -> None:
    there, browser = await here()
    before = dict(browser.cookies)
    answer = await browser.fill("/account", "/account/sign-out")
    assert (answer.status, answer.headers["location"]) == (303, "/login?note=out")
    assert "scopekeeper" not in browser.cookies
    assert there.memory.stays == {}
    assert (await Browser(there.front, before).get("/account")).status == 303
    assert "You are signed out" in text_of(await browser.get("/login?note=out"))


def a_connection(there: Place, name: str = "Phone book", **facts: Any) -> Connection:
    """What somebody allowed this application, three days ago."""
    client = a_client(name.lower().replace(" ", "-"), name=name, website="https://phones.example.com/")
    told: dict[str, Any] = {
        "client": client,
        "scope": ("openid", "rest:callforward:read", "rest:callforward:write"),
        "granted_at": there.memory.clock.now() - 3 * 86_400,
        "last_used_at": there.memory.clock.now() - 300,
        "live": True,
    }
    return Connection(**told | facts)


async def test_whoever_let_nothing_in_is_told_what_will_be_here() -> None:
    _, browser = await here()
    text = text_of(await browser.get("/account"))
    assert "Connected applications None yet. When you let an application act in your name" in text
    assert "Remove access" not in text


async def test_what_i_let_in_is_told_in_words_with_since_when_and_when_last() -> None:
    there, browser = await here()
    there.memory.connections["alice"] = [a_connection(there)]
    there.memory.connections["bob"] = [a_connection(there, "Of bob")]
    answer = await browser.get("/account")
    text = text_of(answer)
    for said in (
        "Phone book",
        "phones.example.com",
        "allowed 3 days ago",
        "last used 5 minutes ago",
        "Know who you are",
        "See where calls are forwarded",
        "Change where calls are forwarded",
    ):
        assert said in text
    assert "Of bob" not in text
    assert b"rest:callforward:write</" not in answer.body


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"last_used_at": None}, "not used yet"),
        ({"last_used_at": None, "live": False}, "not connected just now"),
        ({"client": a_client("phone-book", enabled=False)}, "Switched off"),
    ],
)
async def test_what_is_out_of_the_ordinary_about_it_is_said(facts: dict[str, Any], said: str) -> None:
    there, browser = await here()
    there.memory.connections["alice"] = [a_connection(there, **facts)]
    assert said in text_of(await browser.get("/account"))


async def test_what_i_let_in_i_can_take_back_and_am_told_so() -> None:
    there, browser = await here()
    there.memory.connections["alice"] = [a_connection(there), a_connection(there, "Wake up")]
    answer = await browser.fill("/account", "/account/connections", application="phone-book")
    told = "/account?note=withdrawn&application=phone-book"
    assert (answer.status, answer.headers["location"]) == (303, told)
    assert "Phone book no longer has access." in text_of(await browser.get(told))
    assert [each.client.name for each in there.memory.connections["alice"]] == ["Wake up"]


@pytest.mark.parametrize("application", ["of-bob", "nobody", "", "x" * 5_000, "\N{ARABIC-INDIC DIGIT ONE}"])
async def test_row_55_nobody_elses_can_be_taken_back(application: str) -> None:
    there, browser = await here()
    there.memory.connections["alice"] = [a_connection(there)]
    there.memory.connections["bob"] = [a_connection(there, "Of bob")]
    answer = await browser.fill("/account", "/account/connections", application=application)
    assert (answer.status, answer.headers["location"]) == (303, "/account")
    assert [len(each) for each in there.memory.connections.values()] == [1, 1]


async def test_row_48_no_address_makes_the_page_say_what_is_not_so() -> None:
    there, browser = await here()
    there.memory.connections["alice"] = [a_connection(there)]
    for application in ("phone-book", "nobody", "<script>"):
        answer = await browser.get(f"/account?note=withdrawn&application={application}")
        assert answer.status == 200
        assert "no longer has access" not in text_of(answer)
        assert b"<script" not in answer.body


async def test_row_48_an_applications_name_is_text() -> None:
    there, browser = await here()
    client = a_client("x", name='"><script>alert(1)</script>', website='https://x.example/"onclick="alert(1)')
    there.memory.connections["alice"] = [a_connection(there, client=client)]
    answer = await browser.get("/account")
    assert b"<script" not in answer.body
    assert b'"onclick' not in answer.body


@pytest.mark.parametrize(
    "path", ["/account/sign-out", "/account/password", "/account/sessions", "/account/connections"]
)
async def test_row_47_reading_an_address_does_nothing(path: str) -> None:
    there, browser = await here()
    answer = await browser.get(path)
    assert (answer.status, answer.headers["location"]) == (303, "/account")
    assert len(there.memory.stays) == 1


@pytest.mark.parametrize(
    "path", ["/account", "/account/sign-out", "/account/password", "/account/sessions", "/account/connections"]
)
@pytest.mark.parametrize("forgery", ["no token", "wrong token", "visitor's token", "origin", "cross-site"])
async def test_row_47_a_forged_form_does_nothing(path: str, forgery: str) -> None:
    there, browser = await here()
    session = next(iter(there.memory.stays))
    there.memory.connections["alice"] = [a_connection(there)]
    page = Seen((await browser.get("/account")).body)
    form = page.form(path if path in ("/account/sign-out", "/account/password") else "/account/password")
    form |= {"current": PASSWORD, "password": NEW, "session": str(session), "application": "phone-book"}
    headers: dict[str, str] = {}
    if forgery == "no token":
        del form["csrf"]
    elif forgery == "wrong token":
        form["csrf"] = "0" * 64
    elif forgery == "visitor's token":
        form["csrf"] = Seen((await Browser(there.front).get("/login")).body).form("/login")["csrf"]
    else:
        headers = {"origin": "https://evil.example"} if forgery == "origin" else {"sec_fetch_site": "cross-site"}
    answer = await browser.post(path, form, **headers)
    assert answer.status == 403
    assert session in there.memory.stays
    assert there.memory.left == []
    assert there.memory.users["alice"].password == PASSWORD


async def test_row_47_the_forms_of_an_ended_session_are_worth_nothing() -> None:
    there, browser = await here()
    form = Seen((await browser.get("/account")).body).form("/account/password")
    await browser.fill("/account", "/account/sign-out")
    answer = await browser.post("/account/password", form | {"current": PASSWORD, "password": NEW})
    assert (answer.status, answer.headers["location"]) == (303, "/login?note=ended")
    await browser.sign_in("alice", PASSWORD)
    assert (await browser.post("/account/password", form | {"current": PASSWORD, "password": NEW})).status == 403
    assert there.memory.users["alice"].password == PASSWORD


async def test_a_session_ends_with_its_time() -> None:
    there, browser = await here()
    there.memory.clock.advance(ABSOLUTE)
    assert (await browser.get("/account")).status == 303


async def test_row_48_what_a_browser_says_of_itself_is_not_part_of_the_page() -> None:
    there, _ = await here()
    browser = Browser(there.front)
    browser.headers["user-agent"] = '"><script>alert(1)</script>Firefox Linux'
    await browser.sign_in("alice", PASSWORD)
    answer = await browser.get("/account")
    assert b"<script" not in answer.body
    assert "Firefox on Linux" in text_of(answer)


async def test_no_page_and_no_answer_repeats_the_session() -> None:
    _, browser = await here()
    cookie = browser.cookies["scopekeeper"].encode()
    for path in ("/account", "/login", "/nowhere", "/account/sessions"):
        answer = await browser.get(path)
        assert cookie not in answer.body
        assert not any(cookie.decode() in value for value in answer.headers.values())


async def test_a_store_that_is_away_is_503_in_words() -> None:
    there, browser = await here()
    there.memory.away = True
    answer = await browser.get("/account")
    assert answer.status == 503
    assert "Wait a few seconds" in text_of(answer)


async def test_pages_are_not_for_other_origins() -> None:
    there, browser = await here()
    answer = await browser.get("/account", origin="https://app.example")
    assert not any(name.startswith("access-control") for name in answer.headers)
    assert (await ask(there.front, "OPTIONS", "/account", headers=[("origin", "https://app.example")])).status == 405
