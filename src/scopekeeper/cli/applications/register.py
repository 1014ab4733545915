"""`app list`, `show`, `disable`, `enable` and `remove`: the register of applications."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from scopekeeper.cli.applications import options, records, shown
from scopekeeper.cli.applications.registration import change
from scopekeeper.cli.completion import scopes
from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Yes, agreed, print_json, say, table
from scopekeeper.cli.tokens.asked import folded

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.records import Client


LIST_EXAMPLES: Final = """\
\b
Examples:
  scopekeeper app list --type spa
  scopekeeper app list --owner alice --scope rest:callforward:write
  scopekeeper app list --text phone --json
"""

_NONE_YET: Final = (
    'There are no applications yet. Register one: scopekeeper app add "My app" --type m2m --scope "rest:…"'
)


def list_(
    text: Annotated[
        str, typer.Option(metavar="TEXT", help="Only those with this in name, description, client_id or owner.")
    ] = "",
    type: Annotated[
        Literal["web", "spa", "native", "m2m"] | None, typer.Option(help="Only those of this type.")
    ] = None,
    owner: Annotated[str | None, typer.Option(metavar="USER", help="Only this person's.")] = None,
    state: Annotated[Literal["enabled", "disabled"] | None, typer.Option(help="Only those in this state.")] = None,
    scope: Annotated[
        str | None, typer.Option(metavar="S", help="Only those whose scopes cover this one.", autocompletion=scopes)
    ] = None,
    order: Annotated[Literal["name", "newest"], typer.Option(help="In which order.")] = "name",
    json: AsJson = False,
) -> None:
    """Show applications: all, or those that match."""

    async def act(house: "House") -> "Sequence[Client]":
        from scopekeeper.oauth.records import ApplicationType
        from scopekeeper.services.lists import ClientOrder, ClientsAsked

        asked = ClientsAsked(
            text=text,
            type=None if type is None else ApplicationType(type),
            owner=None if owner is None else folded(owner),
            enabled=None if state is None else state == "enabled",
            scope=scope,
            order=ClientOrder(order),
        )
        return [each async for each in house.applications.every(asked)]

    clients = in_house(act)
    narrowed = any((text, type, owner, state, scope))
    if json:
        print_json([records.record_of(client) for client in clients])
        return
    table(
        ("Client ID", "Name", "Type", "Scopes", "State"),
        [(c.client_id, c.name, c.type.value, "\n".join(c.scope) or "none", shown.state_of(c)) for c in clients],
        "No application matches." if narrowed else _NONE_YET,
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
