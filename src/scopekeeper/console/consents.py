"""`/console/consents`: what people allow applications. Listed, taken away as a file, withdrawn."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.console.call import Call, Fields
from scopekeeper.console.commands import cli, curl
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.exports import Row, csv_file, json_file
from scopekeeper.console.listing import PAGE, Listing, Place
from scopekeeper.console.naming import Names, folded
from scopekeeper.console.narrowing import Narrowed, narrowed
from scopekeeper.oauth.granted import Consent
from scopekeeper.pages.moments import iso
from scopekeeper.pages.page import sent_on
from scopekeeper.pages.wording import Group, grouped
from scopekeeper.services.lists import ConsentsAsked, TokensAsked
from scopekeeper.services.ports import Gone
from scopekeeper.wire import Reply
from scopekeeper.wire.streamed import Streamed

PATH: Final = "/console/consents"

COLUMNS: Final = ("user", "client_id", "application", "scope", "granted_at", "updated_at")


@dataclass(frozen=True, slots=True)
class Shown:
    """A consent with its person's and its application's name, and its scopes in words."""

    consent: Consent
    user: str
    application: str
    words: Sequence[Group]


@dataclass(frozen=True, slots=True)
class ConsentPages:
    """The pages of consents."""

    desk: Desk

    async def list(self, call: Call) -> Reply:
        """Those that the filters match, by person and application."""
        narrow = await narrowed(call.query, self.desk.applications)
        asked, names = _asked(narrow), Names(self.desk.applications)
        rows = () if narrow.wrong else await self.desk.consents.page(asked, after=_behind(call.query), limit=PAGE + 1)
        shown = [
            Shown(each, user, await names.of(each.client_id), grouped(each.scope, self.desk.catalogue))
            for each, user in rows[:PAGE]
        ]
        listing = Listing(
            Place(PATH, narrow.filters),
            shown,
            0 if narrow.wrong else await self.desk.consents.count(asked),
            cursor=f"{shown[-1].user} {shown[-1].consent.client_id}" if len(rows) > PAGE else "",
            cli=cli("consent", "list", app=asked.client_id, user=asked.user),
            curl=curl(self.desk.issuer, "/consents", client_id=asked.client_id, user=asked.user),
        )
        facts = {"listing": listing, "narrow": narrow, "done": call.query.one("done")}
        return self.desk.sheets(call, "consents.html", facts)

    async def csv(self, call: Call) -> Streamed:
        return csv_file("consents", COLUMNS, self._records(await narrowed(call.query, self.desk.applications)))

    async def json(self, call: Call) -> Streamed:
        return json_file("consents", self._records(await narrowed(call.query, self.desk.applications)))

    async def ask(self, call: Call) -> Reply:
        """What would die with it?"""
        user, client_id = _named(call.query)
        consent = await self.desk.consents.get(user, client_id)
        name = await Names(self.desk.applications).of(client_id)
        facts = {
            "shown": Shown(consent, user, name, grouped(consent.scope, self.desk.catalogue)),
            "families": len(await self.desk.consents.families(consent)),
            "tokens": await self.desk.tokens.count(TokensAsked(client_id=client_id, user=user)),
        }
        return self.desk.sheets(call, "consent_withdraw.html", facts)

    async def withdraw(self, call: Call) -> Reply:
        """It is taken back in that person's stead. Where it has been already, there is nothing to do."""
        user, client_id = _named(call.form)
        try:
            await self.desk.consents.withdraw(user, client_id, call.actor, call.address)
        except Gone:
            return sent_on(f"{PATH}?done=gone")
        return sent_on(f"{PATH}?done=withdrawn")

    async def _records(self, narrow: Narrowed) -> AsyncIterator[Row]:
        names = Names(self.desk.applications)
        if narrow.wrong:
            return
        async for consent, user in self.desk.consents.every(_asked(narrow)):
            yield {
                "user": user,
                "client_id": consent.client_id,
                "application": await names.of(consent.client_id),
                "scope": " ".join(consent.scope),
                "granted_at": iso(consent.granted_at),
                "updated_at": iso(consent.updated_at),
            }


def rooms(desk: Desk) -> Sequence[Room]:
    """What answers below `/console/consents`."""
    page = ConsentPages(desk)
    return (
        Room("GET", PATH, page.list),
        Room("GET", f"{PATH}.csv", page.csv),
        Room("GET", f"{PATH}.json", page.json),
        Room("GET", f"{PATH}/withdraw", page.ask),
        Room("POST", f"{PATH}/withdraw", page.withdraw),
    )


def _asked(narrow: Narrowed) -> ConsentsAsked:
    return ConsentsAsked(narrow.asked.client_id, narrow.asked.user)


def _behind(query: Fields) -> tuple[str, str] | None:
    """The last consent of the page before."""
    user, _, client_id = query.one("page").partition(" ")
    return (user, client_id) if user and client_id else None


def _named(fields: Fields) -> tuple[str, str]:
    """Whose, and to which application."""
    return folded(fields.one("user")), fields.one("app")
