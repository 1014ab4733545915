"""`/console/refresh-tokens`: the refresh tokens that work, each with its family, for as long as it works."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.console.call import Call
from scopekeeper.console.commands import cli, curl
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.exports import Row, csv_file, json_file
from scopekeeper.console.listing import PAGE, Listing, Place
from scopekeeper.console.naming import Names, id_of, jti_of, row_in, rows_in
from scopekeeper.console.narrowing import Narrowed, narrowed, options_of, question_of
from scopekeeper.console.revoking import doomed_families, expected_of, newest_families, until_then
from scopekeeper.oauth.granted import Family, RefreshToken
from scopekeeper.oauth.records import GrantType
from scopekeeper.pages.moments import iso
from scopekeeper.pages.page import sent_on
from scopekeeper.wire import Reply
from scopekeeper.wire.streamed import Streamed

PATH: Final = "/console/refresh-tokens"

COLUMNS: Final = (
    "id", "family", "client_id", "application", "user", "grant_type", "scope", "began_at", "issued_at", "last_used_at",
    "idle_end", "absolute_end", "offline",
)  # fmt: skip

BEGUN: Final = {
    GrantType.AUTHORIZATION_CODE: "by consent",
    GrantType.DEVICE_CODE: "on a device",
    GrantType.PASSWORD: "by password",
    GrantType.IMPLICIT: "by consent",
}
"""How a family began, in words."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A family with its ids and its application's name; and its refresh token, where it works."""

    id: str
    """The family's: what is revoked."""
    family: Family
    application: str
    token: RefreshToken | None = None

    @property
    def token_id(self) -> str:
        return "" if self.token is None else jti_of(self.token.id)

    @property
    def begun(self) -> str:
        return BEGUN.get(self.family.began_by, self.family.began_by.value)


@dataclass(frozen=True, slots=True)
class RefreshTokens:
    """The pages of refresh tokens."""

    desk: Desk

    async def list(self, call: Call) -> Reply:
        """Those that the filters match, newest first."""
        narrow, tokens = await narrowed(call.query, self.desk.applications), self.desk.tokens
        before = id_of(call.query.one("page"))
        rows = () if narrow.wrong else await tokens.refresh_page(narrow.asked, before=before, limit=PAGE + 1)
        names, asked = Names(self.desk.applications), narrow.asked
        shown = [
            Shown(jti_of(family.id), family, await names.of(family.client_id), token) for token, family in rows[:PAGE]
        ]
        listing = Listing(
            Place(PATH, narrow.filters),
            shown,
            0 if narrow.wrong else await tokens.refresh_count(asked),
            cursor=shown[-1].token_id if len(rows) > PAGE else "",
            cli=cli("token", "list", "--refresh", **options_of(narrow)),
            curl=curl(self.desk.issuer, "/refresh-tokens", **question_of(asked)),
        )
        facts = {"listing": listing, "narrow": narrow, "done": call.query.one("done")}
        return self.desk.sheets(call, "refresh_tokens.html", facts)

    async def csv(self, call: Call) -> Streamed:
        return csv_file("refresh-tokens", COLUMNS, self._records(await narrowed(call.query, self.desk.applications)))

    async def json(self, call: Call) -> Streamed:
        return json_file("refresh-tokens", self._records(await narrowed(call.query, self.desk.applications)))

    async def one(self, call: Call) -> Reply:
        """One family, dead or alive, and what holds of it."""
        family = await self.desk.tokens.family(row_in(call.path["id"]))
        alive, token = await self.desk.tokens.of_family(family)
        facts = {
            "shown": Shown(call.path["id"], family, await Names(self.desk.applications).of(family.client_id), token),
            "holds": await self.desk.tokens.lives(family),
            "tokens": [(jti_of(each.id), each) for each in alive],
            "done": call.query.one("done"),
        }
        return self.desk.sheets(call, "refresh_token.html", facts)

    async def ask(self, call: Call, *, wrong: bool = False) -> Reply:
        """What would die? Asked before anything does."""
        fields, tokens, names = call.form if wrong else call.query, self.desk.tokens, Names(self.desk.applications)
        narrow, everything = await narrowed(fields, self.desk.applications), "all" in fields
        asked = until_then(narrow, fields, call.now)
        found, count = await tokens.those_families(rows_in(fields.all("id"))), None
        if everything:
            found, count = ((), 0) if narrow.wrong else await newest_families(tokens, asked)
        shown = () if everything else found
        facts = {
            "doomed": await doomed_families(tokens, names, found, count),
            "families": [Shown(jti_of(each.id), each, await names.of(each.client_id)) for each in shown],
            "everything": everything,
            "narrow": narrow,
            "before": asked.until,
            "expected": expected_of(narrow),
            "wrong": wrong,
            "back": Place(PATH, narrow.filters).at(),
        }
        return self.desk.sheets(call, "refresh_tokens_revoke.html", facts, 422 if wrong else 200)

    async def revoke(self, call: Call) -> Reply:
        """They die, and with them every access token of their families."""
        tokens, form = self.desk.tokens, call.form
        narrow = await narrowed(form, self.desk.applications)
        if "all" not in form:
            ended = await tokens.revoke_families(rows_in(form.all("id")), call.actor, call.address)
        elif narrow.wrong or form.one("typed").strip() != expected_of(narrow):
            return await self.ask(call, wrong=True)
        else:
            asked = until_then(narrow, form, call.now)
            ended = await tokens.revoke_matching(asked, call.actor, call.address, refresh=True)
        return sent_on(Place(PATH, narrow.filters).at(done=str(ended)))

    async def _records(self, narrow: Narrowed) -> AsyncIterator[Row]:
        names = Names(self.desk.applications)
        if narrow.wrong:
            return
        async for token, family in self.desk.tokens.refresh_every(narrow.asked):
            yield {
                "id": jti_of(token.id),
                "family": jti_of(family.id),
                "client_id": family.client_id,
                "application": await names.of(family.client_id),
                "user": family.user,
                "grant_type": family.began_by.value,
                "scope": " ".join(family.scope),
                "began_at": iso(family.issued_at),
                "issued_at": iso(token.issued_at),
                "last_used_at": None if family.last_used_at is None else iso(family.last_used_at),
                "idle_end": iso(token.expires_at),
                "absolute_end": iso(family.expires_at),
                "offline": family.offline,
            }


def rooms(desk: Desk) -> Sequence[Room]:
    """What answers below `/console/refresh-tokens`."""
    page = RefreshTokens(desk)
    return (
        Room("GET", PATH, page.list),
        Room("GET", f"{PATH}.csv", page.csv),
        Room("GET", f"{PATH}.json", page.json),
        Room("GET", f"{PATH}/revoke", page.ask),
        Room("POST", f"{PATH}/revoke", page.revoke),
        Room("GET", f"{PATH}/{{id}}", page.one),
    )
