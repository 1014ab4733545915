"""Somebody with second factors, and the app and the authenticator that they have: for the pages that ask for them."""

import re
from base64 import b32decode
from typing import Final

from scopekeeper.oauth.one_time import code_at, step_at
from scopekeeper.oauth.people import User
from tests.asking import Answer
from tests.building import Built
from tests.pages.browsing import Browser, Seen

PASSWORD: Final = "correct horse battery"
SECURITY: Final = "/account/security"
TOTP: Final = f"{SECURITY}/totp"
CODES: Final = f"{SECURITY}/codes"
PASSKEYS: Final = f"{SECURITY}/passkeys"
SECOND: Final = "/login/second"

NAMED: Final = {"SCOPEKEEPER_ISSUER": "http://localhost:8000"}
"""A server with a name, for which browsers make passkeys."""


async def a_person(there: Built, name: str = "alice", *, admin: bool = False) -> User:
    """An account with PASSWORD."""
    return await there.house.accounts.add(name, password=PASSWORD, email=None, admin=admin, actor="cli:test")


async def signed_in(there: Built, name: str = "alice") -> Browser:
    """A browser in which this person, who has nothing but a password, is signed in."""
    browser = Browser(there.front)
    answer = await browser.sign_in(name, PASSWORD)
    assert answer.headers["location"] == "/account", answer.headers
    return browser


def secret_on(page: Answer) -> bytes:
    """The secret that an authenticator app takes from this page, as it is typed."""
    return secret_in(page.body)


def secret_in(body: bytes) -> bytes:
    """The same, of what a page consists of."""
    found = re.search(rb'<p class="key"><code>([A-Z2-7 ]+)</code>', body)
    assert found is not None, body
    return b32decode(found[1].replace(b" ", b""))


def code_now(there: Built, secret: bytes) -> str:
    """What the app shows at this moment."""
    return code_at(secret, step_at(there.clock.now()))


def codes_on(page: Answer) -> list[str]:
    """The recovery codes that this page shows."""
    return re.findall(r"<li>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</li>", page.body.decode())


def options_on(page: Answer, way: str) -> str:
    """What this page asks the browser for, where that knows passkeys: to `ask` for one, or to `make` one."""
    [found] = [each["data-options"] for each in Seen(page.body).all("form") if each.get("data-passkey") == way]
    return found


async def with_codes(there: Built, browser: Browser) -> tuple[bytes, list[str]]:
    """Set one-time codes up for whoever is signed in there: the secret, and the recovery codes, if there are any."""
    page = await browser.get(TOTP)
    secret = secret_on(page)
    answer = await browser.post(TOTP, Seen(page.body).form(TOTP) | {"code": code_now(there, secret)})
    assert answer.status == 303, answer.body
    shown = await browser.get(answer.headers["location"])
    there.clock.advance(30)  # each code is taken once
    return secret, codes_on(shown)


async def a_person_with_codes(there: Built, name: str = "alice", *, admin: bool = False) -> tuple[bytes, list[str]]:
    """The same for somebody new."""
    await a_person(there, name, admin=admin)
    return await with_codes(there, await signed_in(there, name))


async def at_the_second_step(there: Built, name: str = "alice", wanted: str = "") -> Browser:
    """A browser in which this person's password was right, and which is led on."""
    browser = Browser(there.front)
    page = f"/login?next={wanted}" if wanted else "/login"
    answer = await browser.fill(page, "/login", username=name, password=PASSWORD)
    assert answer.headers["location"].startswith(SECOND), answer.headers
    assert "scopekeeper" not in browser.cookies
    return browser


async def is_signed_in(browser: Browser) -> bool:
    """Is there a session in this browser?"""
    return (await browser.get("/account")).status == 200
