"""Which tokens are meant: the options that `token list` and `token revoke` share."""

from typing import TYPE_CHECKING, Annotated

import typer

from scopekeeper.cli.completion import client_ids, scopes
from scopekeeper.cli.output import Refused
from scopekeeper.cli.when import moment_of

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.services.lists import TokensAsked

App = Annotated[
    str | None, typer.Option(metavar="CLIENT_ID", help="Only this application's.", autocompletion=client_ids)
]
User = Annotated[str | None, typer.Option(metavar="NAME", help="Only those in this person's name.")]
Scope = Annotated[
    str | None, typer.Option(metavar="S", help="Only those that cover this scope.", autocompletion=scopes)
]
Refresh = Annotated[bool, typer.Option("--refresh", help="Refresh tokens, in place of access tokens.")]


async def asked_of(
    house: "House", app: str | None, user: str | None, scope: str | None, since: str | None, until: str | None
) -> "TokensAsked":
    """The question that the options ask. Raises Gone for an application that is not there, BadParameter, Refused."""
    from scopekeeper.services.lists import TokensAsked

    if app is not None:
        await house.applications.get(app)
    if scope is not None and scope not in house.modules.catalogue:
        raise Refused(f"no such scope: {scope}. `scopekeeper scopes` lists them all")
    now = house.clock.now()
    return TokensAsked(
        client_id=app,
        user=None if user is None else folded(user),
        scope=scope,
        since=moment_of("--since", since, now),
        until=moment_of("--until", until, now, end=True),
    )


def folded(name: str) -> str:
    """The name as accounts bear it. Whose name cannot be one has no tokens."""
    from scopekeeper.oauth.people import UnfitPerson, name_of

    try:
        return name_of(name)
    except UnfitPerson:
        return name
