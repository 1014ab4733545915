"""Applications at the console, as the tests of its pages need them: made by the form, found by their id."""

from typing import Final

from scopekeeper.oauth.records import Client
from tests.asking import Answer
from tests.console.steward import Steward, place

HERE: Final = "/console/applications"
NEW: Final = f"{HERE}/new"


async def filled(s: Steward, **fields: str | list[str]) -> dict[str, str | list[str]]:
    """The form of a new application, filled in."""
    form = (await s.page(NEW)).form(NEW)
    usual = {
        "type": "web",
        "name": "Phone book",
        "scope": "rest:callforward:read",
        "redirect_uri": "https://a.example/",
    }
    return {**form, **usual, **fields}


async def create(s: Steward, **fields: str | list[str]) -> Answer:
    """Fill in the form and send it."""
    return await s.post(NEW, await filled(s, **fields))


async def made(s: Steward, **fields: str | list[str]) -> Client:
    """An application, made by the form; its secret was not looked at."""
    client_id = place(await create(s, **fields)).split("/")[3]
    s.browser.cookies.pop("scopekeeper-once")
    return await s.h.house.applications.get(client_id)


async def again(s: Steward, client: Client) -> Client:
    """The application as it is now."""
    return await s.h.house.applications.get(client.client_id)


def page_of(client: Client, below: str = "") -> str:
    return f"{HERE}/{client.client_id}{below}"
