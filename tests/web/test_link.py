"""`/link`: single-use links for the first administrator and for new passwords."""

import pytest

from scopekeeper.oauth.people import Purpose
from scopekeeper.pages.links import link_of
from tests.pages.browsing import Browser, Seen, text_of
from tests.pages.people import ISSUER, PASSWORD, Place, place


def here() -> tuple[Place, Browser]:
    found = place()
    found.memory.add("bob")
    return found, Browser(found.front)


async def open_link(there: Place, browser: Browser, purpose: Purpose) -> str:
    """Open a new link, as a person does who clicks on it."""
    secret = there.memory.link(purpose, there.memory.users["bob"] if purpose is Purpose.PASSWORD else None)
    answer = await browser.get(link_of(ISSUER, secret).removeprefix(ISSUER))
    assert (answer.status, answer.headers["location"]) == (303, "/link")
    return secret


@pytest.mark.parametrize("purpose", Purpose)
async def test_row_31_the_secret_leaves_the_address_at_once_and_is_on_no_page(purpose: Purpose) -> None:
    there, browser = here()
    secret = await open_link(there, browser, purpose)
    answer = await browser.get("/link")
    assert answer.status == 200
    assert answer.headers["referrer-policy"] == "same-origin"
    assert secret.encode() not in answer.body
    assert (await browser.fill("/link", "/link")).body.find(secret.encode()) == -1


async def test_the_links_cookie_is_short_lived_and_closed_to_scripts() -> None:
    there, browser = here()
    answer = await browser.get(f"/link?key={there.memory.link(Purpose.SETUP)}")
    [cookie] = answer.cookies
    assert {"HttpOnly", "SameSite=Lax", "Max-Age=900"} <= set(cookie.split("; "))


async def test_opening_a_link_does_not_use_it_up() -> None:
    there, browser = here()
    secret = await open_link(there, browser, Purpose.SETUP)
    for _ in range(3):  # a scanner of mails, say
        await Browser(there.front).get(f"/link?key={secret}")
    assert (await browser.get("/link")).status == 200
    assert len(there.memory.links) == 1


async def test_the_first_administrator_chooses_name_address_and_password() -> None:
    there, browser = here()
    await open_link(there, browser, Purpose.SETUP)
    page = Seen((await browser.get("/link")).body)
    assert page.by_id("username")["autocomplete"] == "username"
    assert page.by_id("email")["autocomplete"] == "email"
    assert page.by_id("password")["autocomplete"] == "new-password"
    answer = await browser.fill("/link", "/link", username="Root", email="root@example.com", password=PASSWORD)
    assert (answer.status, answer.headers["location"]) == (303, "/login?note=ready")
    assert "scopekeeper-link" not in browser.cookies
    root = there.memory.users["root"]
    assert (root.admin, root.email, root.password) == (True, "root@example.com", PASSWORD)
    assert "Your account is ready" in text_of(await browser.get(answer.headers["location"]))
    assert (await browser.sign_in("root", PASSWORD)).status == 303


async def test_an_address_may_be_left_out() -> None:
    there, browser = here()
    await open_link(there, browser, Purpose.SETUP)
    assert (await browser.fill("/link", "/link", username="root", password=PASSWORD)).status == 303
    assert there.memory.users["root"].email is None


async def test_a_new_password_is_chosen_for_the_account_that_the_link_is_for() -> None:
    there, browser = here()
    await open_link(there, browser, Purpose.PASSWORD)
    page = await browser.get("/link")
    assert "bob" in text_of(page)
    assert Seen(page.body).by_id("password")["autocomplete"] == "new-password"
    answer = await browser.fill("/link", "/link", username="root", password="another good one")
    assert (answer.status, answer.headers["location"]) == (303, "/login?note=chosen")
    assert there.memory.users["bob"].password == "another good one"
    assert "root" not in there.memory.users


@pytest.mark.parametrize("purpose", Purpose)
async def test_a_link_works_once(purpose: Purpose) -> None:
    there, browser = here()
    secret = await open_link(there, browser, purpose)
    other = Browser(there.front, {"scopekeeper-link": secret})
    form = Seen((await other.get("/link")).body).form("/link") | {"username": "eve", "password": "a different one"}
    await browser.fill("/link", "/link", username="root", password=PASSWORD)
    answer = await other.post("/link", form)
    assert answer.status == 410
    assert "does not work any more" in text_of(answer)
    assert "eve" not in there.memory.users
    assert there.memory.users["root" if purpose is Purpose.SETUP else "bob"].password == PASSWORD


@pytest.mark.parametrize("key", ["", "x", "skpr_ln_" + "0" * 49, "skpr_ss_" + "0" * 49, "%3Cscript%3E"])
async def test_what_is_no_link_opens_nothing(key: str) -> None:
    _, browser = here()
    answer = await browser.get(f"/link?key={key}")
    assert answer.status == 410
    assert "scopekeeper-link" not in browser.cookies
    assert b"<script" not in answer.body


async def test_row_13_a_session_does_not_pass_for_a_link_nor_a_link_for_a_session() -> None:
    there, browser = here()
    secret = there.memory.link(Purpose.SETUP)
    await browser.sign_in("bob", PASSWORD)
    session = browser.cookies["scopekeeper"]
    assert (await Browser(there.front, {"scopekeeper-link": session}).get("/link")).status == 410
    assert (await Browser(there.front, {"scopekeeper": secret}).get("/account")).status == 303


async def test_a_link_ends_after_a_day() -> None:
    there, browser = here()
    await open_link(there, browser, Purpose.SETUP)
    there.memory.clock.advance(86_400)
    assert (await browser.get("/link")).status == 410


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"password": PASSWORD}, "username", "Choose a user name."),
        ({"username": "root"}, "password", "Choose a password."),
        ({"username": "two words", "password": PASSWORD}, "username", "A name has 1 to 64"),
        ({"username": "root", "password": "short"}, "password", "A password has at least 8 characters."),
        ({"username": "root", "password": "a" * 1_025}, "password", "A password has at most 1024 bytes."),
        ({"username": "root", "password": PASSWORD, "email": "nobody"}, "email", "That is no e-mail address."),
        ({"username": "bob", "password": PASSWORD}, "username", "That name is taken."),
    ],
)
async def test_what_cannot_stand_is_told_beside_its_field_and_the_rest_is_kept(
    fields: dict[str, str], field: str, said: str
) -> None:
    there, browser = here()
    await open_link(there, browser, Purpose.SETUP)
    answer = await browser.fill("/link", "/link", **fields)
    page = Seen(answer.body)
    assert answer.status == 422
    assert said in page.text
    assert page.by_id(f"{field}-error")["role"] == "alert"
    assert f"{field}-error" in page.described(field).split()
    assert page.by_id("username").get("value", "") == fields.get("username", "")
    assert "value" not in page.by_id("password")
    assert len(there.memory.links) == 1


async def test_row_47_a_forged_form_sets_no_password() -> None:
    there, browser = here()
    await open_link(there, browser, Purpose.PASSWORD)
    form = Seen((await browser.get("/link")).body).form("/link") | {"password": "one of the attacker"}
    assert (await browser.post("/link", form, origin="https://evil.example")).status == 403
    del form["csrf"]
    assert (await browser.post("/link", form)).status == 403
    assert there.memory.users["bob"].password == PASSWORD
