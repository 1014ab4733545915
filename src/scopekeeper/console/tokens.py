"""`/console/tokens`: the access tokens that hold. Listed, taken away as a file, looked up, revoked one, many or all."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from scopekeeper.console.call import Call
from scopekeeper.console.commands import cli, curl
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.exports import Row, csv_file, json_file
from scopekeeper.console.listing import PAGE, Listing, Place
from scopekeeper.console.naming import Names, id_of, jti_of, row_in, rows_in
from scopekeeper.console.narrowing import Narrowed, is_secret, narrowed, options_of, question_of
from scopekeeper.console.plots import spark
from scopekeeper.console.revoking import doomed_tokens, expected_of, newest_tokens, until_then
from scopekeeper.oauth.records import Token
from scopekeeper.pages.moments import iso
from scopekeeper.pages.page import sent_on
from scopekeeper.services.lists import HOUR, SYSTEM
from scopekeeper.services.ports import Gone
from scopekeeper.services.presented import refresh_token_with
from scopekeeper.wire import Reply
from scopekeeper.wire.streamed import Streamed

PATH: Final = "/console/tokens"
REFRESH: Final = "/console/refresh-tokens"

HOURS: Final = 24
"""How far back is looked at how many were issued."""

COLUMNS: Final = (
    "id", "client_id", "application", "user", "scope", "format", "issued_at", "expires_at", "address", "last_used_at",
    "last_used_address",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """An access token with its id and its application's name."""

    id: str
    token: Token
    application: str


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """The pages of access tokens."""

    desk: Desk

    async def list(self, call: Call) -> Reply:
        """Those that the filters match, newest first."""
        pasted = next((text for name in ("app", "user", "scope") if is_secret(text := call.query.one(name))), None)
        if pasted is not None:
            return await self._found(pasted.strip())
        narrow, tokens = await narrowed(call.query, self.desk.applications), self.desk.tokens
        before = id_of(call.query.one("page"))
        # One more than is shown: it says whether there is another page.
        rows = () if narrow.wrong else await tokens.page(narrow.asked, before=before, limit=PAGE + 1)
        shown, asked = await self._shown(rows[:PAGE]), narrow.asked
        listing = Listing(
            Place(PATH, narrow.filters),
            shown,
            0 if narrow.wrong else await tokens.count(asked),
            cursor=shown[-1].id if len(rows) > PAGE else "",
            cli=cli("token", "list", **options_of(narrow)),
            curl=curl(self.desk.issuer, "/tokens", **question_of(asked)),
        )
        facts = {
            "listing": listing,
            "narrow": narrow,
            "done": call.query.one("done"),
            "trend": await self._trend(narrow, call.now),
        }
        return self.desk.sheets(call, "tokens.html", facts)

    async def csv(self, call: Call) -> Streamed:
        return csv_file("access-tokens", COLUMNS, self._records(await narrowed(call.query, self.desk.applications)))

    async def json(self, call: Call) -> Streamed:
        return json_file("access-tokens", self._records(await narrowed(call.query, self.desk.applications)))

    async def look_up(self, call: Call) -> Reply:
        """From a token, or its id, to its page. Posted, so that the token stands in no address."""
        return await self._found(call.form.one("token").strip())

    async def one(self, call: Call) -> Reply:
        """One token, dead or alive."""
        token = await self.desk.tokens.get(row_in(call.path["id"]))
        [shown] = await self._shown([token])
        facts = {
            "shown": shown,
            "holds": await self.desk.tokens.holds(token),
            "family_id": None if token.family_id is None else jti_of(token.family_id),
            "done": call.query.one("done"),
            "curl": curl(self.desk.issuer, f"/tokens/{shown.id}"),
        }
        return self.desk.sheets(call, "token.html", facts)

    async def ask(self, call: Call, *, wrong: bool = False) -> Reply:
        """What would die? Asked before anything does."""
        fields, tokens = call.form if wrong else call.query, self.desk.tokens
        narrow, everything = await narrowed(fields, self.desk.applications), "all" in fields
        asked = until_then(narrow, fields, call.now)
        found, count = await tokens.those(rows_in(fields.all("id"))), None
        if everything:
            found, count = ((), 0) if narrow.wrong else await newest_tokens(tokens, asked)
        facts = {
            "doomed": await doomed_tokens(tokens, Names(self.desk.applications), found, count),
            "tokens": () if everything else await self._shown(found),
            "everything": everything,
            "narrow": narrow,
            "before": asked.until,
            "expected": expected_of(narrow),
            "wrong": wrong,
            "back": Place(PATH, narrow.filters).at(),
        }
        return self.desk.sheets(call, "tokens_revoke.html", facts, 422 if wrong else 200)

    async def revoke(self, call: Call) -> Reply:
        """They die, and with them whole the families that they are of."""
        tokens, form = self.desk.tokens, call.form
        narrow = await narrowed(form, self.desk.applications)
        if "all" not in form:
            ended = await tokens.revoke(rows_in(form.all("id")), call.actor, call.address)
        elif narrow.wrong or form.one("typed").strip() != expected_of(narrow):
            return await self.ask(call, wrong=True)
        else:
            ended = await tokens.revoke_matching(until_then(narrow, form, call.now), call.actor, call.address)
        return sent_on(Place(PATH, narrow.filters).at(done=str(ended)))

    async def _trend(self, narrow: Narrowed, now: int) -> tuple[int, Markup] | None:
        """How many were issued of late to this application, or to all; None where other things are asked for."""
        if any(text for name, text in narrow.filters.items() if name != "app") or narrow.wrong:
            return None
        client_id = SYSTEM if narrow.client is None else narrow.client.client_id
        issued = (await self.desk.usage.series(client_id, now - (HOURS - 1) * HOUR, now)).tokens
        return (sum(issued), spark("Tokens issued, by the hour", issued)) if any(issued) else None

    async def _found(self, text: str) -> Reply:
        """On to the page of the token that this is, or whose id it is. The token itself is shown nowhere."""
        renewing = await refresh_token_with(text, self.desk.tokens.store)
        if renewing is not None:
            return sent_on(f"{REFRESH}/{jti_of(renewing[1].id)}?done=found")
        row, known = id_of(text), await self.desk.bearer.known(text)
        try:
            token = await self.desk.tokens.get(row) if row is not None else known
        except Gone:
            token = None
        return sent_on(f"{PATH}?done=unknown" if token is None else f"{PATH}/{jti_of(token.id)}?done=found")

    async def _shown(self, tokens: Sequence[Token]) -> Sequence[Shown]:
        names = Names(self.desk.applications)
        return [Shown(jti_of(token.id), token, await names.of(token.client_id)) for token in tokens]

    async def _records(self, narrow: Narrowed) -> AsyncIterator[Row]:
        names = Names(self.desk.applications)
        if narrow.wrong:
            return
        async for token in self.desk.tokens.every(narrow.asked):
            yield {
                "id": jti_of(token.id),
                "client_id": token.client_id,
                "application": await names.of(token.client_id),
                "user": token.user,
                "scope": " ".join(token.scope),
                "format": token.format.value,
                "issued_at": iso(token.issued_at),
                "expires_at": iso(token.expires_at),
                "address": token.address,
                "last_used_at": None if token.last_used_at is None else iso(token.last_used_at),
                "last_used_address": token.last_used_address,
            }


def rooms(desk: Desk) -> Sequence[Room]:
    """What answers below `/console/tokens`."""
    page = AccessTokens(desk)
    return (
        Room("GET", PATH, page.list),
        Room("GET", f"{PATH}.csv", page.csv),
        Room("GET", f"{PATH}.json", page.json),
        Room("POST", f"{PATH}/look-up", page.look_up),
        Room("GET", f"{PATH}/revoke", page.ask),
        Room("POST", f"{PATH}/revoke", page.revoke),
        Room("GET", f"{PATH}/{{id}}", page.one),
    )
