"""`Compromised?`: what has leaked ends in one act, and what it did is told, then and for as long as the log is kept."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from scopekeeper.console.applications.asked import HERE
from scopekeeper.console.applications.belongings import belongings_of
from scopekeeper.console.applications.shown_once import shown_next, shown_now
from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.listing import total_of
from scopekeeper.console.naming import jti_of, row_in
from scopekeeper.console.numbers import number_of
from scopekeeper.pages.page import sent_on
from scopekeeper.services.ports import Gone, Stale
from scopekeeper.wire import Reply

PATH: Final = f"{HERE}/{{client_id}}/compromised"
REPORT: Final = f"{HERE}/{{client_id}}/reports/{{act}}"

ACTION: Final = "application.compromised"
USUAL: Final = 30 * 86_400
"""Seconds that the report reaches back, unless somebody knows better."""

_BOX: Final = "%Y-%m-%dT%H:%M"
_FILE: Final = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
)


def rooms(desk: Desk) -> Sequence[Room]:
    """The guided page, the act, and its report."""

    async def ask(call: Call) -> Reply:
        return await _page(call, 200, {})

    async def act(call: Call) -> Reply:
        client_id = call.path["client_id"]
        client = await desk.applications.get(client_id)
        generation, since = number_of(call.form.one("generation")), _since(call.form.one("since"), call.now)
        if generation != client.generation:
            return sent_on(f"{HERE}/{client_id}?note=compromised-meanwhile")
        wrong = {"typed": "" if call.form.one("typed").strip() == client.name else "That is not its name."}
        wrong["since"] = "" if since is not None else "Say a date and a time that have passed, in UTC."
        if since is None or wrong["typed"]:
            return await _page(call, 422, wrong)
        try:
            done = await desk.applications.compromised(
                client_id, since, call.actor, call.address, generation=generation
            )
        except Stale:
            return sent_on(f"{HERE}/{client_id}?note=compromised-meanwhile")
        return shown_next(desk, call, done.credential, "compromised", f"reports/{jti_of(done.act.id)}")

    async def _page(call: Call, status: int, wrong: Mapping[str, str]) -> Reply:
        client = await desk.applications.get(call.path["client_id"])
        usual = datetime.fromtimestamp(call.now - USUAL, UTC).strftime(_BOX)
        facts = {
            "client": client,
            "dies": await belongings_of(desk, client),
            "since": call.form.one("since", usual),
            "latest": datetime.fromtimestamp(call.now, UTC).strftime(_BOX),
            "wrong": wrong,
            "total_of": total_of,
        }
        return desk.sheets(call, "applications_compromised.html", facts, status)

    async def show(call: Call) -> Reply:
        client_id, report = call.path["client_id"], await _report(call)
        secret, forgetting = shown_now(desk, call, client_id)
        try:
            client = await desk.applications.get(client_id)
        except Gone:
            client = None
        facts = {
            "client": client,
            "client_id": client_id,
            "report": report,
            "act": call.path["act"],
            "secret": secret,
            "fresh": bool(forgetting),
        }
        return desk.sheets(call, "applications_report.html", facts, headers=forgetting)

    async def download(call: Call) -> Reply:
        report = await _report(call)
        name = f'attachment; filename="compromised-{call.path["client_id"]}.json"'.encode()
        return Reply(200, json.dumps(report, indent=2).encode(), (*_FILE, (b"content-disposition", name)))

    async def _report(call: Call) -> Mapping[str, object]:
        """What the audit record keeps. Raises Gone where it is no such record of this application."""
        done = await desk.log.get(row_in(call.path["act"]))
        report = done.details.get("report")
        if done.action != ACTION or done.target != call.path["client_id"] or not isinstance(report, Mapping):
            raise Gone("there is no such report")
        return {**report, "declared_by": done.actor, "declared_from": done.address}

    return [
        Room("GET", PATH, ask),
        Room("POST", PATH, act),
        Room("GET", REPORT, show),
        Room("GET", f"{REPORT}/json", download),
    ]


def _since(text: str, now: int) -> int | None:
    """The moment in a box for date and time, in UTC; None where it is none, or to come."""
    try:
        at = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        return None
    return at if 0 <= at <= now else None
