"""`/console/consents`: what people allow applications. Listed, taken away as a file, withdrawn."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from scopekeeper.console.call import Call, Fields
from scopekeeper.console.commands import cli, curl
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.exports import Row, csv_file, json_file
from scopekeeper.console.listing import PAGE, Listing, Place, total_of
from scopekeeper.console.naming import Names, folded
from scopekeeper.console.narrowing import Narrowed, narrowed
from scopekeeper.console.revoking import expected_of, until_then
from scopekeeper.oauth.granted import Consent
from scopekeeper.pages.moments import iso
from scopekeeper.pages.page import sent_on
from scopekeeper.pages.wording import Group, grouped
from scopekeeper.services.lists import ConsentsAsked, TokensAsked
from scopekeeper.wire import Reply
from scopekeeper.wire.streamed import Streamed

PATH: Final = "/console/consents"

_MOST: Final = PAGE
"""Consents that one form names: as many as a page shows."""

COLUMNS: Final = ("user", "client_id", "application", "scope", "claims", "granted_at", "updated_at")


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
        shown = [await self._shown(each, user, names) for each, user in rows[:PAGE]]
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

    async def ask(self, call: Call, *, wrong: bool = False) -> Reply:
        """What would die? Asked before anything does."""
        fields, consents = call.form if wrong else call.query, self.desk.consents
        narrow, everything = await narrowed(fields, self.desk.applications), "all" in fields
        asked = _asked(narrow)
        if not everything:
            found = await consents.those(_named(fields))
            count = len(found)
        elif narrow.wrong:
            found, count = (), 0
        else:
            found, count = await consents.page(asked, limit=PAGE), await consents.count(asked)
        names = Names(self.desk.applications)
        facts = {
            "shown": [await self._shown(each, user, names) for each, user in found],
            "count": count,
            "total": total_of(count),
            "dies": await self._dies(found) if count == len(found) else None,
            "everything": everything,
            "narrow": narrow,
            "before": until_then(narrow, fields, call.now).until,
            "expected": expected_of(narrow),
            "wrong": wrong,
            "back": Place(PATH, narrow.filters).at(),
        }
        return self.desk.sheets(call, "consents_withdraw.html", facts, 422 if wrong else 200)

    async def withdraw(self, call: Call) -> Reply:
        """They are taken back in those people's stead. Where one has been already, there is nothing to do."""
        consents, form = self.desk.consents, call.form
        narrow = await narrowed(form, self.desk.applications)
        if "all" not in form:
            ended = await consents.withdraw_those(_named(form), call.actor, call.address)
        elif narrow.wrong or form.one("typed").strip() != expected_of(narrow):
            return await self.ask(call, wrong=True)
        else:
            before = until_then(narrow, form, call.now).until or call.now
            ended = await consents.withdraw_matching(_asked(narrow), before, call.actor, call.address)
        return sent_on(Place(PATH, narrow.filters).at(done=str(ended)))

    async def _shown(self, consent: Consent, user: str, names: Names) -> Shown:
        name = await names.of(consent.client_id)
        return Shown(consent, user, name, grouped(consent.scope, self.desk.catalogue, (), consent.claims))

    async def _dies(self, found: Sequence[tuple[Consent, str]]) -> tuple[int, int]:
        """How many grants live of these, and how many access tokens."""
        grants = tokens = 0
        for consent, user in found:
            grants += len(await self.desk.consents.families(consent))
            tokens += await self.desk.tokens.count(TokensAsked(client_id=consent.client_id, user=user))
        return grants, tokens

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
                "claims": " ".join(consent.claims),
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


def _named(fields: Fields) -> list[tuple[str, str]]:
    """Whose, and to which applications, as the boxes of the list say it."""
    pairs = (text.partition(" ") for text in islice(fields.all("consent"), _MOST))
    return [(folded(user), client_id) for user, _, client_id in pairs]
