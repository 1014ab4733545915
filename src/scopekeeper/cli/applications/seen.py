"""`app lint` and `app activity`: what there is to be said of an application, and what it was seen to do."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scopekeeper.cli.applications import options, records, shown
from scopekeeper.cli.completion import client_ids
from scopekeeper.cli.house import in_house
from scopekeeper.cli.output import AsJson, moment, print_json, say

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.lint import Finding
    from scopekeeper.oauth.privilege import Advice, Observed, Seen
    from scopekeeper.oauth.records import Client

_MOST: Final = 10
"""Entries of a list that are shown; JSON has them all."""


def lint(
    client_id: Annotated[
        str | None,
        typer.Argument(
            metavar="[CLIENT_ID]",
            help="Which application; all of them if none is named.",
            autocompletion=client_ids,
            show_default=False,
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Find what is unsafe about applications.

    They are held against OAuth 2.1 and its security practice (RFC 9700).
    """

    async def act(house: "House") -> "list[tuple[Client, Sequence[Finding]]]":
        clients = await house.applications.all() if client_id is None else [await house.applications.get(client_id)]
        return [(client, await house.lint(client)) for client in clients]

    linted = in_house(act)
    if json:
        print_json([records.finding_of(client, each) for client, found in linted for each in found])
        return
    said = [(client, found) for client, found in linted if found]
    for client, found in said:
        say(f"{client.name} ({client.client_id})")
        for each in found:
            say(f"  {each.severity.value:8}{each.title}\n          {each.reason} ({each.clause})")
    if not said:
        say("There is nothing to be said of it." if client_id else "There is nothing to be said of any application.")


def activity(
    client_id: options.ClientId,
    since: Annotated[str, typer.Option(metavar="TIME", help="How far to look back.")] = "30d",
    json: AsJson = False,
) -> None:
    """Show what an application did.

    And the least scopes that it could have done it with.
    """
    seconds = options.duration("--since", since) or 0

    async def act(house: "House") -> "tuple[Client, Observed, Advice]":
        from scopekeeper.oauth.privilege import advice

        client = await house.applications.get(client_id)
        observed = await house.usage.observed(client, max(0, house.clock.now() - seconds))
        return client, observed, advice(client, observed)

    client, observed, advised = in_house(act)
    if json:
        print_json(records.activity_of(client, observed, advised))
        return
    say(f"{client.name}: in the last {since}\n")
    for label, seen in _totals(observed):
        say(f"  {label:17}{_told(seen)}")
    say(f"  {'Last used':17}{moment(client.last_used_at) or 'never'}")
    for label, seen in (
        ("Scopes used", observed.scopes),
        ("Addresses", observed.addresses),
        ("Wrote", observed.written),
    ):
        shown.show_list(label, [f"{each.what} ({each.times})" for each in seen[:_MOST]], width=17)
    shown.show_list("Scopes unused", observed.unused, width=17)
    say(f"\n{_advised(client, advised)}")


def _totals(observed: "Observed") -> "Iterable[tuple[str, Sequence[Seen]]]":
    return ("Tokens", observed.tokens), ("Calls", observed.calls), ("Denials", observed.denials)


def _told(seen: "Sequence[Seen]") -> str:
    """The sum, and of what: `12: rest 10, gql 2`."""
    parts = ", ".join(f"{each.what} {each.times}" for each in seen[:_MOST])
    return f"{sum(each.times for each in seen)}: {parts}" if seen else "none"


def _advised(client: "Client", advised: "Advice") -> str:
    if advised.since is None:
        return "Nothing was seen of it in that time."
    watched = f"{advised.calls} calls since {moment(advised.since)}"
    if advised.changes is None:
        return f"By {watched}, it needs the scopes that it has."
    narrowed = f'scopekeeper app update {client.client_id} --scope "{" ".join(advised.scope)}"'
    return f"By {watched}, these scopes are enough: {narrowed}" + (
        "" if advised.enough else "\nThat is less than a week: watch for longer before you rely on it."
    )
