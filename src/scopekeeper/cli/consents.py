"""`scopekeeper consent …`: what people allow applications."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scopekeeper.cli.applications.options import ClientId
from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Yes, ago, agreed, moment, print_json, say, table
from scopekeeper.cli.tokens import asked, records

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.granted import Consent

WITHDRAW_EXAMPLES: Final = """\
\b
Example:
  scopekeeper consent withdraw alice CLIENT_ID
"""

cli = typer.Typer(
    help="List what people allow applications, and take it back.", no_args_is_help=True, rich_markup_mode=None
)

_Found = tuple["Sequence[tuple[Consent, str]]", Mapping[str, str], int]


@cli.command("list")
def list_(app: asked.App = None, user: asked.User = None, json: AsJson = False) -> None:
    """Show what people allow applications, as far as it is remembered."""

    async def act(house: "House") -> _Found:
        from scopekeeper.services.lists import ConsentsAsked

        if app is not None:
            await house.applications.get(app)
        question = ConsentsAsked(app, None if user is None else asked.folded(user))
        found = [each async for each in house.consents.every(question)]
        return found, await records.names_of(house, {each.client_id for each, _ in found}), house.clock.now()

    found, names, now = in_house(act)
    if json:
        print_json([_record_of(consent, user, names) for consent, user in found])
        return
    table(
        ("Person", "Application", "Client ID", "Scopes", "Allowed"),
        [
            (
                person,
                names.get(consent.client_id, consent.client_id),
                consent.client_id,
                "\n".join(consent.scope),
                ago(consent.granted_at, now),
            )
            for consent, person in found
        ],
        "Nobody allows any application anything that is remembered.",
    )


@cli.command("withdraw", epilog=WITHDRAW_EXAMPLES)
def withdraw(
    user: Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="Whose consent.")],
    client_id: ClientId,
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """Take back, in somebody's stead, what they allow an application.

    Its codes, refresh tokens and access tokens in that name die; it has to ask again.
    """
    person = asked.folded(user)
    agreed(f"Take back what {person} allows {client_id}, and end all its tokens in that name?", yes=yes)

    async def act(house: "House") -> int:
        return await house.consents.withdraw(person, client_id, actor())

    ended = in_house(act)
    if json:
        print_json({"user": person, "client_id": client_id, "families_ended": ended})
    else:
        say(f"{person} allows {client_id} nothing any more.")


def _record_of(consent: "Consent", user: str, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "user": user,
        "client_id": consent.client_id,
        "application": names.get(consent.client_id, consent.client_id),
        "scope": " ".join(consent.scope),
        "claims": " ".join(consent.claims),
        "granted_at": moment(consent.granted_at),
    }
