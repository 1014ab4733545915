"""`token revoke`: one token by its id, or all that match."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Refused, Yes, agreed, print_json, say
from scopekeeper.cli.tokens import asked
from scopekeeper.cli.when import Since, Until

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.services.lists import TokensAsked

EXAMPLES: Final = """\
\b
Examples:
  scopekeeper token revoke TOKEN_ID
  scopekeeper token revoke --app CLIENT_ID --yes
  scopekeeper token revoke --user alice --refresh
  scopekeeper token revoke --all-matching --since 1h
"""


def revoke(
    token_id: Annotated[
        str | None,
        typer.Argument(
            metavar="[TOKEN_ID]", help="Its id, or that of a family, as `token list` shows it.", show_default=False
        ),
    ] = None,
    app: asked.App = None,
    user: asked.User = None,
    scope: asked.Scope = None,
    since: Since = None,
    until: Until = None,
    refresh: asked.Refresh = False,
    all_matching: Annotated[
        bool, typer.Option("--all-matching", help="All that the options leave; with no other option, all there are.")
    ] = False,
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """Revoke a token by its id, or all that match. They die at once.

    One that a person granted takes its whole family along: its refresh token, and every access token of it.
    """
    narrowing = any(each is not None for each in (app, user, scope, since, until))
    if token_id is None and not (narrowing or all_matching):
        raise typer.BadParameter("say which: a token's id, --app, --user, …, or --all-matching", param_hint="TOKEN_ID")
    if token_id is not None:
        if narrowing or all_matching or refresh:
            raise typer.BadParameter("one token, or all that match: not both", param_hint="TOKEN_ID")
        ended = _revoke_one(token_id)
    else:
        ended = _revoke_matching(app, user, scope, since, until, refresh=refresh, yes=yes)
    if json:
        print_json({"revoked": ended})
    elif token_id is not None:
        say(f"Revoked {token_id}.")
    else:
        say(f"Revoked {_counted(ended, refresh=refresh)}.")


def _revoke_one(token_id: str) -> int:
    from scopekeeper.oauth.secrets import id_of

    row = id_of(token_id)
    if row is None:
        raise Refused("that is no token id: `scopekeeper token list` shows them")  # it may be a token: do not repeat it

    async def act(house: "House") -> int:
        return await house.tokens.revoke([row], actor()) or await house.tokens.revoke_families([row], actor())

    ended = in_house(act)
    if not ended:
        raise Refused(f"there is no live token {token_id}: `scopekeeper token list` shows those there are")
    return ended


def _revoke_matching(
    app: str | None,
    user: str | None,
    scope: str | None,
    since: str | None,
    until: str | None,
    *,
    refresh: bool,
    yes: bool,
) -> int:
    async def look(house: "House") -> "tuple[TokensAsked, int]":
        question = await asked.asked_of(house, app, user, scope, since, until)
        tokens = house.tokens
        return question, await (tokens.refresh_count(question) if refresh else tokens.count(question))

    question, there = in_house(look)
    if there:
        agreed(f"Revoke {_counted(there, refresh=refresh)}, with all that came of the same grants?", yes=yes)

    async def act(house: "House") -> int:
        return await house.tokens.revoke_matching(question, actor(), refresh=refresh)

    return in_house(act)


def _counted(number: int, *, refresh: bool) -> str:
    """How many that is. Counting ends at MOST_COUNTED; what is revoked is counted whole."""
    kind = "refresh token" if refresh else "access token"
    return f"{number} {kind}{'' if number == 1 else 's'}"
