"""`scopekeeper token …`: the access tokens that hold."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Refused, moment, print_json, say, table

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.records import Token

cli = typer.Typer(help="List and revoke access tokens.", no_args_is_help=True)


@cli.command("list")
def list_(
    app: Annotated[str | None, typer.Option(metavar="CLIENT_ID", help="Only this application's.")] = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help="Only those in this person's name.")] = None,
    json: AsJson = False,
) -> None:
    """Show the tokens that hold, the newest first. What is shown cannot be used as a token."""

    async def act(house: "House") -> "tuple[list[Token], dict[str, str]]":
        if app is not None:
            await house.applications.get(app)
        found: list[Token] = []
        now = house.clock.now()
        while page := await house.store.tokens(
            client_id=app, user=user, now=now, before=found[-1].id if found else None
        ):
            found += page
        return found, {client.client_id: client.name for client in await house.applications.all()}

    found, names = in_house(act)
    shown = [_shown(token, names) for token in found]
    if json:
        print_json(shown)
        return
    columns = ("id", "application", "scope", "issued_at", "expires_at", "last_used_at", "last_used_address")
    rows: Sequence[Sequence[str]] = [[str(each[column] or "never") for column in columns] for each in shown]
    table(
        ("Token ID", "Application", "Scopes", "Issued", "Expires", "Last used", "From"),
        rows,
        "There are no live tokens.",
    )


@cli.command("revoke")
def revoke(token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID")]) -> None:
    """Revoke a token by its id, as `token list` shows it. It dies at once."""
    from scopekeeper.oauth.secrets import id_of

    row = id_of(token_id)
    if row is None:
        raise Refused(f"{token_id!r} is no token id: `scopekeeper token list` shows them")

    async def act(house: "House") -> bool:
        return await house.revocation.by_operator(row, actor())

    if not in_house(act):
        raise Refused(f"there is no live token {token_id}")
    say(f"Revoked {token_id}.")


def _shown(token: "Token", names: Mapping[str, str]) -> dict[str, object]:
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
