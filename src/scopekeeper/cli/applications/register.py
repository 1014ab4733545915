"""`app list`, `show`, `disable`, `enable` and `remove`: the register of applications."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scopekeeper.cli.applications import options, records, shown
from scopekeeper.cli.applications.registration import change
from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Yes, agreed, print_json, say, table

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.records import Client


def list_(json: AsJson = False) -> None:
    """Show every application."""

    async def act(house: "House") -> "Sequence[Client]":
        return await house.applications.all()

    clients = in_house(act)
    if json:
        print_json([records.record_of(client) for client in clients])
        return
    table(
        ("Client ID", "Name", "Type", "Scopes", "State"),
        [(c.client_id, c.name, c.type.value, "\n".join(c.scope) or "none", shown.state_of(c)) for c in clients],
        'There are no applications yet. Register one: scopekeeper app add "My app" --type m2m --scope "rest:…"',
    )


def show(client_id: options.ClientId, json: AsJson = False) -> None:
    """Show one application.

    Its secrets are told of, never shown.
    """

    async def act(house: "House") -> "tuple[Client, int]":
        return await house.applications.get(client_id), house.clock.now()

    client, now = in_house(act)
    if json:
        print_json(records.record_of(client))
    else:
        shown.show(client, now)


def disable(client_id: options.ClientId, json: AsJson = False) -> None:
    """Shut an application out.

    Its secrets and tokens stop working until it is enabled again.
    """
    from scopekeeper.oauth.applications import Changes

    change(client_id, Changes(enabled=False), json=json)


def enable(client_id: options.ClientId, json: AsJson = False) -> None:
    """Let an application in again."""
    from scopekeeper.oauth.applications import Changes

    change(client_id, Changes(enabled=True), json=json)


def remove(client_id: options.ClientId, yes: Yes = False) -> None:
    """Forget an application, its secrets and its tokens. This cannot be undone."""
    agreed(f"Remove the application {client_id} and all its tokens for ever?", yes=yes)

    async def act(house: "House") -> None:
        await house.applications.remove(client_id, actor())

    in_house(act)
    say(f"Removed {client_id}.")
