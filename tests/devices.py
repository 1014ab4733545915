"""Devices that wait in a house, and people who let them in."""

from typing import Any, Final

from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import ApplicationType
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.services.ports import Act
from tests.asking import Answer, post_form
from tests.building import Application, Built
from tests.pages.browsing import Browser, Seen
from tests.persons import a_person

DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE: Final = "rest:extensions:read rest:callforward:write"


async def a_television(h: Built, scope: str = SCOPE, **more: Any) -> Application:
    """A native application, which has the grant by default and no secret."""
    return await h.register(scope, **{"name": "Television", "type": ApplicationType.NATIVE, **more})


async def ask_to_wait(h: Built, of: Application, **form: str) -> Answer:
    """What the device authorization endpoint answers."""
    return await post_form(h.front, "/oauth/device_authorization", {"client_id": of.client_id, **form})


async def wait(h: Built, of: Application, **form: str) -> dict[str, Any]:
    """A device of this application waits; what it was told."""
    answer = await ask_to_wait(h, of, **form)
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json()
    return told


async def poll(h: Built, of: Application, device_code: str) -> Answer:
    """The device asks whether it has been let in."""
    form = {"grant_type": DEVICE_CODE, "client_id": of.client_id, "device_code": device_code}
    return await post_form(h.front, "/oauth/token", form)


async def at_home(h: Built, name: str = "alice") -> Browser:
    """The browser of a new person, who is signed in."""
    return await signed_in(h, await a_person(h, name))


async def signed_in(h: Built, person: User) -> Browser:
    """A browser in which this person is signed in, without the cost of a password."""
    house, now = h.house, h.clock.now()
    row = house.entropy.row_id()
    cookie = secret_of(Kind.SESSION, row, house.entropy.entropy())
    session = Session(row, digest_of(cookie), person.id, person.name, now, now)
    act = Act(house.entropy.row_id(), now, f"user:{person.name}", "session.begin", person.name)
    await house.store.begin_session(session, person, None, act)
    return Browser(h.front, {"scopekeeper": cookie})


async def enter(browser: Browser, user_code: str) -> Answer:
    """The person types a user code; the page that comes of it."""
    return await browser.fill("/device", "/device", user_code=user_code)


async def decide(browser: Browser, page: Answer, decision: str) -> Answer:
    """The person decides on the page that asks."""
    return await browser.post("/device", Seen(page.body).form("/device") | {"decision": decision})


async def let_in(browser: Browser, user_code: str, decision: str = "approve") -> None:
    """The person enters the code and decides."""
    done = await decide(browser, await enter(browser, user_code), decision)
    assert done.status == 200, done.body
