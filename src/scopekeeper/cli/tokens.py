"""`scopekeeper token …`: the access tokens that hold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from scopekeeper.cli.completion import client_ids
from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Refused, ago, moment, print_json, say, span, table

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.records import Token

cli = typer.Typer(help="List and revoke access tokens.", no_args_is_help=True, rich_markup_mode=None)


@cli.command("list")
def list_(
    app: Annotated[
        str | None, typer.Option(metavar="CLIENT_ID", help="Only this application's.", autocompletion=client_ids)
    ] = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help="Only those in this person's name.")] = None,
    json: AsJson = False,
) -> None:
    """Show the tokens that hold, the newest first. No id that is shown can be used as a token."""
    person = None if user is None else _folded(user)

    async def act(house: "House") -> "tuple[list[Token], dict[str, str], int]":
        if app is not None:
            await house.applications.get(app)
        found: list[Token] = []
        now = house.clock.now()
        while page := await house.store.tokens(
            client_id=app, user=person, now=now, before=found[-1].id if found else None
        ):
            found += page
        return found, {client.client_id: client.name for client in await house.applications.all()}, now

    found, names, now = in_house(act)
    if json:
        print_json([_record_of(token, names) for token in found])
        return
    table(
        ("Token ID", "Application", "Scopes", "Ends", "Last used"),
        [_row_of(token, names, now) for token in found],
        "There are no live tokens.",
    )


@cli.command("revoke")
def revoke(
    token_id: Annotated[
        str, typer.Argument(metavar="TOKEN_ID", help="Its id, as `token list` shows it.", show_default=False)
    ],
) -> None:
    """Revoke a token by its id. It dies at once; one that a person granted takes its whole family along."""
    from scopekeeper.oauth.secrets import id_of

    row = id_of(token_id)
    if row is None:
        raise Refused("that is no token id: `scopekeeper token list` shows them")  # it may be a token: do not repeat it

    async def act(house: "House") -> bool:
        return await house.revocation.by_operator(row, actor())

    if not in_house(act):
        raise Refused(f"there is no live token {token_id}: `scopekeeper token list` shows those there are")
    say(f"Revoked {token_id}.")


def _folded(name: str) -> str:
    """The name as accounts bear it. Whose name cannot be one has no tokens."""
    from scopekeeper.oauth.people import UnfitPerson, name_of

    try:
        return name_of(name)
    except UnfitPerson:
        return name


def _row_of(token: "Token", names: Mapping[str, str], now: int) -> tuple[str, ...]:
    from scopekeeper.oauth.claims import jti_of

    used, name = ago(token.last_used_at, now), names.get(token.client_id, token.client_id)
    return (
        jti_of(token.id),
        name if token.user is None else f"{name}\nfor {token.user}",
        "\n".join(token.scope),
        f"in {span(token.expires_at - now)}",
        f"{used}\n{token.last_used_address}" if token.last_used_address else used,
    )


def _record_of(token: "Token", names: Mapping[str, str]) -> dict[str, object]:
    from scopekeeper.oauth.claims import jti_of

    return {
        "id": jti_of(token.id),
        "client_id": token.client_id,
        "application": names.get(token.client_id, token.client_id),
        "user": token.user,
        "scope": " ".join(token.scope),
        "format": token.format.value,
        "issued_at": moment(token.issued_at),
        "expires_at": moment(token.expires_at),
        "address": token.address,
        "last_used_at": moment(token.last_used_at),
        "last_used_address": token.last_used_address,
    }
