"""An administrator at the console of a whole house, in-process: pages are asked for, forms are sent as they are."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from scopekeeper.oauth.people import User
from scopekeeper.services.ports import Act
from tests.asking import Answer
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen
from tests.persons import a_person, a_session


@dataclass(frozen=True, slots=True)
class Steward:
    """Somebody at the console, in a browser that is signed in."""

    h: Built
    person: User
    browser: Browser

    async def page(self, target: str) -> Seen:
        """A page that is there."""
        answer = await self.browser.get(target)
        assert answer.status == 200, (target, answer.status, answer.body[:500])
        return Seen(answer.body)

    async def results(self, target: str) -> Answer:
        """The block of results alone, as the filters ask for it."""
        return await self.browser.get(target, hx_request="true", hx_target="results")

    async def send(self, page: str, action: str, **fields: str | Sequence[str]) -> Answer:
        """Open the page, fill in its form and send it."""
        given = (await self.page(page)).form(action)
        return await self.post(action, {**given, **fields})

    async def post(self, action: str, fields: Mapping[str, str | Sequence[str]]) -> Answer:
        return await self.browser.post(action, urlencode(fields, doseq=True))

    async def proof(self) -> dict[str, str]:
        """The field that every form of the console has."""
        form = (await self.page("/console/new-user")).form("/console/new-user")
        return {"csrf": form["csrf"]}

    async def noted(self) -> Act:
        """The newest act of the log."""
        [act, *_] = await self.h.house.log.store.acts()
        return act


@asynccontextmanager
async def stewarding(folder: Path, environment: Mapping[str, str] | None = None) -> AsyncIterator[Steward]:
    """A house, and its administrator `root`, signed in."""
    async with built(folder, environment) as h:
        root = await a_person(h, "root", admin=True)
        yield await signed_in(h, root)


async def signed_in(h: Built, person: User) -> Steward:
    """This person, signed in."""
    _, cookie = await a_session(h, person)
    return Steward(h, person, Browser(h.front, {"scopekeeper": cookie}))


def read(answer: Answer) -> str:
    """What a person reads."""
    return unescape(Seen(answer.body).text)


def place(answer: Answer) -> str:
    """Where a form that was taken leads to."""
    assert answer.status == 303, (answer.status, answer.body[:500])
    return answer.headers["location"]
