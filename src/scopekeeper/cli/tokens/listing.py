"""`token list`: what holds just now, the newest first. No id that is shown can be used as a token."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from scopekeeper.cli.house import in_house
from scopekeeper.cli.output import AsJson, ago, print_json, span, table
from scopekeeper.cli.tokens import asked, records
from scopekeeper.cli.when import Since, Until

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.granted import Family, RefreshToken
    from scopekeeper.oauth.records import Token

EXAMPLES: Final = """\
\b
Examples:
  scopekeeper token list --user alice --since 24h
  scopekeeper token list --scope rest:callforward:write --json
  scopekeeper token list --refresh --app CLIENT_ID
"""

_Found = tuple["Sequence[Token]", "Sequence[tuple[RefreshToken, Family]]", Mapping[str, str], int]


def list_(
    app: asked.App = None,
    user: asked.User = None,
    scope: asked.Scope = None,
    since: Since = None,
    until: Until = None,
    refresh: asked.Refresh = False,
    json: AsJson = False,
) -> None:
    """Show the tokens that hold, the newest first.

    No id that is shown can be used as a token. A refresh token is listed as long as it works, by the id of its family:
    whatever came of that one grant.
    """

    async def act(house: "House") -> _Found:
        question = await asked.asked_of(house, app, user, scope, since, until)
        tokens = [] if refresh else [each async for each in house.tokens.every(question)]
        families = [each async for each in house.tokens.refresh_every(question)] if refresh else []
        client_ids = {each.client_id for each in tokens} | {family.client_id for _, family in families}
        return tokens, families, await records.names_of(house, client_ids), house.clock.now()

    tokens, families, names, now = in_house(act)
    if json and refresh:
        print_json([records.refresh_record_of(token, family, names) for token, family in families])
    elif json:
        print_json([records.record_of(token, names) for token in tokens])
    elif refresh:
        _show_families(families, names, now)
    else:
        _show(tokens, names, now)


def _show(tokens: "Sequence[Token]", names: Mapping[str, str], now: int) -> None:
    from scopekeeper.oauth.claims import jti_of

    table(
        ("Token ID", "Application", "Scopes", "Ends", "Last used"),
        [
            (
                jti_of(token.id),
                _whose(token.client_id, token.user, names),
                "\n".join(token.scope),
                f"in {span(token.expires_at - now)}",
                f"{ago(token.last_used_at, now)}\n{token.last_used_address or ''}".rstrip(),
            )
            for token in tokens
        ],
        "There are no live tokens.",
    )


def _show_families(families: "Sequence[tuple[RefreshToken, Family]]", names: Mapping[str, str], now: int) -> None:
    from scopekeeper.oauth.claims import jti_of

    table(
        ("Family ID", "Application", "Scopes", "Ends", "Last used"),
        [
            (
                jti_of(family.id),
                _whose(family.client_id, family.user, names),
                "\n".join(family.scope),
                f"in {span(min(token.expires_at, family.expires_at) - now)}",
                ago(family.last_used_at, now),
            )
            for token, family in families
        ],
        "There are no refresh tokens that work.",
    )


def _whose(client_id: str, user: str | None, names: Mapping[str, str]) -> str:
    name = names.get(client_id, client_id)
    return name if user is None else f"{name}\nfor {user}"
