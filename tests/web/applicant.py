"""Applications that send people to the authorization endpoint, and the people: in a whole house, without a server."""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from scopekeeper.oauth.applications import Draft
from scopekeeper.oauth.people import User
from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.records import ApplicationType, Client
from tests.asking import Answer, basic, post_form
from tests.building import Built
from tests.pages.browsing import Browser, Seen
from tests.persons import a_person, a_session

CALLBACK: Final = "https://app.example/cb"
LOOPBACK: Final = "http://127.0.0.1/cb"
READ: Final = "rest:callforward:read"
SCOPE: Final = "openid profile email offline_access rest:callforward gql:callforward"
VERIFIER: Final = "v" * 43
AUTHORIZE: Final = "/oauth/authorize"


@dataclass(frozen=True, slots=True)
class Applicant:
    """An application, and what it sends."""

    h: Built
    client: Client
    secret: str

    def request(self, *without: str, **more: str) -> str:
        """The query of a sound request, without some parameters and with others."""
        parameters = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect_uris[0],
            "scope": READ,
            "state": "xyz",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        kept = {name: value for name, value in parameters.items() if name not in without}
        return urlencode(kept | more)

    def url(self, *without: str, **more: str) -> str:
        return f"{AUTHORIZE}?{self.request(*without, **more)}"

    async def redeem(self, code: str, **more: str) -> Answer:
        """The code at the token endpoint."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uris[0],
            "code_verifier": VERIFIER,
        }
        if self.secret:
            proof = [basic(self.client.client_id, self.secret)]
            return await post_form(self.h.front, "/oauth/token", form | more, headers=proof)
        return await post_form(self.h.front, "/oauth/token", {**form, "client_id": self.client.client_id, **more})


async def an_applicant(h: Built, **more: Any) -> Applicant:
    """A web application, unless something else is said."""
    facts = {"name": "Team Calendar", "type": ApplicationType.WEB, "scope": SCOPE, "redirect_uris": (CALLBACK,)}
    made = await h.house.applications.add(Draft(**{**facts, **more}), "cli:test")
    return Applicant(h, made.client, made.client_secret or "")


async def seated(h: Built, name: str = "alice") -> tuple[Browser, User]:
    """A person who has just signed in, and their browser."""
    user = await h.house.store.user(name) or await a_person(h, name)
    browser = Browser(h.front)
    await seat(h, browser, user)
    return browser, user


async def seat(h: Built, browser: Browser, user: User) -> None:
    """The person signs in, as far as the browser and the store know."""
    _, browser.cookies["scopekeeper"] = await a_session(h, user)


async def asked(browser: Browser, url: str) -> Answer:
    """The consent page to which this request leads."""
    answer = await browser.get(url)
    assert answer.headers.get("location", "").startswith("/consent?"), answer
    return await browser.get(answer.headers["location"])


async def decided(browser: Browser, page: Answer, decision: str = "approve", **fields: str) -> Answer:
    """What comes of sending the form of the consent page."""
    return await browser.post("/consent", Seen(page.body).form("/consent") | {"decision": decision} | fields)


async def approved(browser: Browser, url: str) -> dict[str, str]:
    """What the client is told once the person has approved."""
    return told(await decided(browser, await asked(browser, url)))


def told(answer: Answer) -> dict[str, str]:
    """What the client is told, in its query or its fragment, by 303."""
    assert answer.status == 303, answer
    parts = urlsplit(answer.headers["location"])
    assert parts.netloc or "." in parts.scheme, answer.headers["location"]
    return dict(parse_qsl(parts.query or parts.fragment, keep_blank_values=True, strict_parsing=True))


def policy(answer: Answer, directive: str) -> str:
    """What the page's Content-Security-Policy says of this."""
    found = re.search(rf"(?:^|; ){directive} ([^;]*)", answer.headers["content-security-policy"])
    return found[1] if found else ""
