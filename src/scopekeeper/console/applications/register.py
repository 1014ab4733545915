"""`/console/applications`: all of them, filtered, a page at a time, and to take away."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.console.applications.asked import HERE, asked_of, cli_of, curl_of, filters_of
from scopekeeper.console.applications.kinds import KINDS, SHORT
from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.exports import csv_file, json_file
from scopekeeper.console.listing import PAGE, Listing, Place
from scopekeeper.oauth.applications import short
from scopekeeper.oauth.lint import Finding, Severity, findings
from scopekeeper.oauth.records import Client
from scopekeeper.pages.moments import iso
from scopekeeper.services.lists import ClientsAsked
from scopekeeper.wire import Reply
from scopekeeper.wire.streamed import Streamed

NOTES: Final[Mapping[str, str]] = {
    "removed": "The application is gone, with its secrets, its tokens and what people had granted it.",
    "disabled": "Disabled. Their secrets and tokens do not work until they are enabled again.",
    "enabled": "Enabled. Their secrets and tokens work again.",
    "none": "Nothing to do: none was ticked, or all are so already.",
}

COLUMNS: Final = (
    "client_id", "name", "type", "owner", "enabled", "scope", "grant_types", "redirect_uris", "website", "description",
    "token_format", "created_at", "updated_at", "last_used_at", "newest_secret_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """An application, as the list shows it."""

    client: Client
    type: str
    secret_at: int | None
    findings: tuple[Finding, ...]
    """The worst first; advice aside, which is for its own page."""


def rooms(desk: Desk) -> Sequence[Room]:
    """The list, and the same to take away."""

    async def show(call: Call) -> Reply:
        asked = asked_of(call.query)
        found = await desk.applications.find(asked, after=call.query.one("page") or None, limit=PAGE + 1)
        rows = [_row(desk, client, call.now) for client in found[:PAGE]]
        facts = {
            "list": Listing(
                Place(HERE, filters_of(asked)),
                rows,
                await desk.applications.count(asked),
                found[PAGE - 1].client_id if len(found) > PAGE else "",
                cli_of(asked),
                curl_of(asked, desk.issuer),
            ),
            "kinds": KINDS,
            "told": NOTES.get(call.query.one("note"), ""),
        }
        return desk.sheets(call, "applications.html", facts)

    async def as_csv(call: Call) -> Streamed:
        return csv_file("applications", COLUMNS, _told(desk, asked_of(call.query)))

    async def as_json(call: Call) -> Streamed:
        return json_file("applications", _told(desk, asked_of(call.query)))

    return [Room("GET", HERE, show), Room("GET", f"{HERE}.csv", as_csv), Room("GET", f"{HERE}.json", as_json)]


def _row(desk: Desk, client: Client, now: int) -> Row:
    found = findings(client, now, token_lifetime=desk.lifetimes.access_token)
    return Row(
        client,
        SHORT[client.type],
        _newest_secret_at(client),
        tuple(each for each in found if each.severity is not Severity.ADVICE),
    )


def _newest_secret_at(client: Client) -> int | None:
    return max((secret.created_at for secret in client.secrets), default=None)


async def _told(desk: Desk, asked: ClientsAsked) -> AsyncIterator[Mapping[str, object]]:
    async for client in desk.applications.every(asked):
        yield {
            "client_id": client.client_id,
            "name": client.name,
            "type": client.type.value,
            "owner": client.owner,
            "enabled": client.enabled,
            "scope": " ".join(client.scope),
            "grant_types": [short(grant) for grant in client.grant_types],
            "redirect_uris": client.redirect_uris,
            "website": client.website,
            "description": client.description,
            "token_format": client.token_format.value,
            "created_at": iso(client.created_at),
            "updated_at": iso(client.updated_at),
            "last_used_at": _moment(client.last_used_at),
            "newest_secret_at": _moment(_newest_secret_at(client)),
        }


def _moment(at: int | None) -> str | None:
    return None if at is None else iso(at)
