"""Applications that people sign in to and out of, and the people: in a whole house, without a server."""

from typing import Any, Final
from urllib.parse import urlencode

from scopekeeper.oauth.applications import Draft
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import ApplicationType, Client
from tests.asking import Answer
from tests.building import Built
from tests.pages.browsing import Browser, Seen
from tests.persons import a_person, a_session, granted

LOGOUT: Final = "/oauth/logout"
BYE: Final = "https://app.example/bye"


async def a_relying_party(h: Built, name: str = "Team Calendar", **more: Any) -> Client:
    """An application to which people sign in, and which wants them back when they have signed out."""
    facts = {
        "type": ApplicationType.WEB,
        "scope": "openid rest",
        "redirect_uris": ("https://app.example/cb",),
        "post_logout_redirect_uris": (BYE,),
    }
    return (await h.house.applications.add(Draft(name=name, **{**facts, **more}), "cli:test")).client


async def stayed(h: Built, name: str = "alice") -> tuple[Browser, User, Session]:
    """A person who has just signed in, in their browser."""
    user = await h.house.store.user(name) or await a_person(h, name)
    browser = Browser(h.front)
    session, browser.cookies["scopekeeper"] = await a_session(h, user)
    return browser, user, session


async def shown(h: Built, user: User, client: Client, session: Session) -> str:
    """The id_token that this application was given in this session."""
    return (await granted(h, user, client, session_id=session.id)).id_token


def url(**parameters: str) -> str:
    """The address to which an application sends somebody who is to sign out."""
    return f"{LOGOUT}?{urlencode(parameters)}" if parameters else LOGOUT


async def decided(browser: Browser, page: Answer, decision: str = "approve", **fields: str) -> Answer:
    """What comes of sending the form of the page that asks."""
    assert page.status == 200, page
    return await browser.post(LOGOUT, Seen(page.body).form(LOGOUT) | {"decision": decision} | fields)


async def is_in(browser: Browser) -> bool:
    """Is somebody signed in there?"""
    return (await browser.get("/account")).status == 200
