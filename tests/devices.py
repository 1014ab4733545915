"""Devices that wait in a house, and people who let them in."""

from typing import Any, Final

from scopekeeper.oauth.records import ApplicationType
from tests.asking import Answer, post_form
from tests.building import Application, Built
from tests.pages.browsing import Browser, Seen
from tests.persons import a_person, a_session

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
    _, cookie = await a_session(h, await a_person(h, name))
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
