"""`/console/applications/{client_id}`: one application, all of it; and the buttons that mend what lint finds."""

from collections.abc import Mapping, Sequence
from typing import Final

from scopekeeper.console.applications.asked import HERE
from scopekeeper.console.applications.belongings import belongings_of
from scopekeeper.console.applications.form import warning_of
from scopekeeper.console.applications.secrets import LONGEST_LABEL, OVERLAPS
from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.listing import total_of
from scopekeeper.console.naming import Names
from scopekeeper.console.numbers import number_of
from scopekeeper.console.telling import told, who
from scopekeeper.console.trends import RANGES, range_of, trends
from scopekeeper.oauth.applications import FLAGGED, TYPES, Changes, short
from scopekeeper.oauth.credentials import last_living, standings
from scopekeeper.oauth.privilege import advice
from scopekeeper.oauth.records import Client
from scopekeeper.pages.page import sent_on
from scopekeeper.pages.selection import along
from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.ports import Stale
from scopekeeper.wire import Reply

PATH: Final = f"{HERE}/{{client_id}}"
LATEST: Final = 8
"""Acts of the audit log that are shown."""
MOST_SEEN: Final = 12
"""Scopes, addresses and objects that are shown of each."""
API: Final = frozenset({"rest", "gql"})
"""What scopes of the API begin with. Those that say who somebody is open nothing that could be explored."""
NARROW: Final = "narrow"
"""Beside the codes of lint's findings: be content with what was used."""

NOTES: Final[Mapping[str, str]] = {
    "saved": "Saved. The application is held to it within a second.",
    "made": "This application was made already, by the same form. Its secret was shown then.",
    "mended": "Mended. The application is held to it within a second.",
    "enabled": "Enabled. Its secrets and tokens work again.",
    "disabled": "Disabled. Its secrets and tokens do not work until it is enabled again.",
    "ended": "The secret has ended.",
    "ended-before": "The secret had ended before.",
    "only-secret": "Nothing was ended: it is the only secret that works. Rotate first.",
    "rotated-meanwhile": "Nothing was done: the secret was rotated meanwhile. Look at the secrets below, then decide.",
    "changed-meanwhile": "Nothing was done: the application was changed meanwhile. Look again, then decide.",
    "compromised-meanwhile": "Nothing was done: the application was declared compromised meanwhile.",
}


def rooms(desk: Desk) -> Sequence[Room]:
    """The page, and its fix buttons."""

    async def show(call: Call) -> Reply:
        client = await desk.applications.get(call.path["client_id"])
        back, observed = range_of(call.query.one("range")), await desk.usage.observed(client)
        names, acts = Names(desk.applications, desk.accounts), ActsAsked(target=client.client_id)
        facts = {
            "client": client,
            "type": TYPES[client.type].title,
            "grants": [(short(grant), grant in FLAGGED) for grant in client.grant_types],
            "told": NOTES.get(call.query.one("note"), ""),
            "opens": _opens(client),
            "wide": "" if client.built_in else warning_of(client.scope),
            "findings": await desk.lint(client),
            "trends": await trends(desk.usage, client.client_id, back, call.now),
            "ranges": RANGES,
            "back": back,
            "observed": observed,
            "most_seen": MOST_SEEN,
            "advice": advice(client, observed),
            "standings": standings(client, call.now),
            "newest": max((secret.id for secret in client.secrets), default=0),
            "overlaps": [(name, words) for name, (_, words) in OVERLAPS.items()],
            "longest_label": LONGEST_LABEL,
            "has": await belongings_of(desk, client),
            "makers": {each.id: await who(each.created_by, names) for each in client.secrets},
            "acts": [await told(act, names) for act in await desk.log.page(acts, limit=LATEST)],
            "total_of": total_of,
            "last_living": next((each.id for each in client.secrets if last_living(client, each, call.now)), 0),
            "lifetimes": desk.lifetimes,
        }
        return desk.sheets(call, "applications_one.html", facts)

    async def mend(call: Call) -> Reply:
        client_id, code = call.path["client_id"], call.form.one("finding")
        client = await desk.applications.get(client_id)
        fix = await _fix(desk, client, code)
        if fix is None:
            return sent_on(f"{HERE}/{client_id}?note=changed-meanwhile")
        try:
            await desk.applications.change(
                client_id, fix, call.actor, call.address, revision=number_of(call.form.one("revision"))
            )
        except Stale:
            return sent_on(f"{HERE}/{client_id}?note=changed-meanwhile")
        return sent_on(f"{HERE}/{client_id}?note=mended")

    return [Room("GET", PATH, show), Room("POST", f"{PATH}/mend", mend)]


def _opens(client: Client) -> frozenset[str]:
    """The APIs that its scopes open; none where there are more scopes than an address takes."""
    opened = API.intersection(scope.partition(":")[0] for scope in client.scope)
    return opened if along(" ".join(client.scope)) else frozenset()


async def _fix(desk: Desk, client: Client, code: str) -> Changes | None:
    """The edit that carries out the advice, or mends this finding; None where it is not there any more."""
    if code == NARROW:
        return (await desk.usage.advice(client)).changes
    return next((each.fix for each in await desk.lint(client) if each.code == code), None)
