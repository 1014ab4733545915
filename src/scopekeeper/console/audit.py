"""`/console/audit`: who did what, to what, from where. Searched, watched as it grows, taken away as a file."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scopekeeper.console.call import Call, Fields
from scopekeeper.console.commands import cli, curl
from scopekeeper.console.deeds import DEEDS, SUBJECTS
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.exports import Row, csv_file, json_file
from scopekeeper.console.listing import PAGE, Listing, Place
from scopekeeper.console.naming import Names, folded, id_of, jti_of, row_in
from scopekeeper.console.narrowing import Wrong, is_secret, moment_of, text_of
from scopekeeper.console.telling import Told, told
from scopekeeper.pages.moments import iso
from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.ports import Act
from scopekeeper.wire import Reply
from scopekeeper.wire.streamed import Streamed

PATH: Final = "/console/audit"

COLUMNS: Final = ("id", "at", "actor", "action", "target", "address", "details")

FILTERS: Final = ("text", "action", "actor", "target", "since", "until")


@dataclass(frozen=True, slots=True)
class Sought:
    """What the filters say."""

    asked: ActsAsked
    typed: Mapping[str, str]
    wrong: str = ""
    """Why nothing can match."""
    secret: bool = False
    """Was a token pasted into a box? It is neither looked for nor shown."""


@dataclass(frozen=True, slots=True)
class AuditPages:
    """The pages of the audit log."""

    desk: Desk

    async def list(self, call: Call) -> Reply:
        """What matches, newest first."""
        sought = _sought(call.query)
        before = id_of(call.query.one("page"))
        rows = () if sought.wrong else await self.desk.log.page(sought.asked, before=before, limit=PAGE + 1)
        count = 0 if sought.wrong else await self.desk.log.count(sought.asked)
        listing = Listing(
            Place(PATH, sought.typed),
            await self._told(rows[:PAGE]),
            count,
            cursor=jti_of(rows[PAGE - 1].id) if len(rows) > PAGE else "",
            cli=cli("audit", "list", **{name: sought.typed[name] or None for name in FILTERS}),
            curl=curl(self.desk.issuer, "/audit", **_question(sought.asked)),
        )
        facts = {"listing": listing, "sought": sought, "actions": _actions(sought.typed["action"]), "first": not before}
        return self.desk.sheets(call, "audit.html", facts)

    async def new(self, call: Call) -> Reply:
        """The rows of what has come since the act named by `after`; nothing, where nothing has."""
        after, sought = id_of(call.query.one("after")), _sought(call.query)
        asked = replace(sought.asked, after=after or 0)
        rows = () if sought.wrong else await self.desk.log.page(asked, limit=PAGE)
        if not rows:
            return Reply(204, headers=((b"cache-control", b"no-store"),))
        return self.desk.sheets(call, "audit_rows.html", {"rows": await self._told(rows)})

    async def csv(self, call: Call) -> Streamed:
        return csv_file("audit-log", COLUMNS, self._records(_sought(call.query)))

    async def json(self, call: Call) -> Streamed:
        return json_file("audit-log", self._records(_sought(call.query)))

    async def one(self, call: Call) -> Reply:
        """One act, with all its details."""
        [shown] = await self._told([await self.desk.log.get(row_in(call.path["id"]))])
        same = {
            "actor": Place(PATH, {"actor": shown.act.actor}).at(),
            "target": Place(PATH, {"target": shown.act.target}).at(),
        }
        facts = {"shown": shown, "same": same, "curl": curl(self.desk.issuer, f"/audit/{shown.id}")}
        return self.desk.sheets(call, "act.html", facts)

    async def _told(self, acts: Sequence[Act]) -> Sequence[Told]:
        names = Names(self.desk.applications, self.desk.accounts)
        return [await told(act, names) for act in acts]

    async def _records(self, sought: Sought) -> AsyncIterator[Row]:
        if sought.wrong:
            return
        async for act in self.desk.log.every(sought.asked):
            yield {
                "id": jti_of(act.id),
                "at": iso(act.at),
                "actor": act.actor,
                "action": act.action,
                "target": act.target,
                "address": act.address,
                "details": act.details,
            }


def rooms(desk: Desk) -> Sequence[Room]:
    """What answers below `/console/audit`."""
    page = AuditPages(desk)
    return (
        Room("GET", PATH, page.list),
        Room("GET", f"{PATH}.csv", page.csv),
        Room("GET", f"{PATH}.json", page.json),
        Room("GET", f"{PATH}/new", page.new),
        Room("GET", f"{PATH}/{{id}}", page.one),
    )


def _sought(query: Fields) -> Sought:
    typed = {name: text_of(query, name) for name in FILTERS}
    try:
        since, until = moment_of(typed["since"]), moment_of(typed["until"], end=True)
    except Wrong as wrong:
        return Sought(ActsAsked(), {**typed, "since": "", "until": ""}, str(wrong))
    asked = ActsAsked(
        text=typed["text"],
        actor=_actor(typed["actor"]),
        action=typed["action"] or None,
        target=typed["target"] or None,
        since=since,
        until=until,
    )
    return Sought(asked, typed, secret=any(is_secret(query.one(name)) for name in FILTERS))


def _actor(typed: str) -> str | None:
    """As the log names them: a name alone is a person's."""
    if not typed:
        return None
    return typed if ":" in typed or typed == "system" else f"user:{folded(typed)}"


def _actions(chosen: str) -> Sequence[tuple[str, str]]:
    """What can be chosen: what acts are about; and the one action that a link asks for."""
    named = [(chosen, DEEDS.get(chosen, chosen))] if chosen and chosen not in SUBJECTS else []
    return (("", "Everything"), *SUBJECTS.items(), *named)


def _question(asked: ActsAsked) -> Mapping[str, object]:
    """The same question, as it is asked of the API."""
    named = {name: getattr(asked, name) for name in FILTERS}
    return {name: iso(value) if isinstance(value, int) else value for name, value in named.items()}
