"""`upstream link` and `unlink`: that a provider's subject is one of our people, by an operator's word."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, moment, print_json, say, table
from scopekeeper.cli.upstreams.providers import Name, done

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopekeeper.app import House
    from scopekeeper.oauth.upstreams import Identity, Upstream

LINK_EXAMPLES: Final = """\
\b
Example:
  scopekeeper upstream link work --user alice --subject 248289761001
"""

User = Annotated[str, typer.Option("--user", metavar="U", show_default=False, help="Whose account.")]
Subject = Annotated[
    str, typer.Option("--subject", metavar="S", show_default=False, help="As whom the provider knows them (`sub`).")
]


def link(name: Name, user: User, subject: Subject, json: AsJson = False) -> None:
    """Say that a subject of the provider is one of our people.

    From then on they can sign in there.
    """

    async def act(house: "House") -> None:
        await house.upstreams.link(name, user, subject, actor())

    done(act)
    if json:
        print_json({"upstream": name, "user": user, "subject": subject})
    else:
        say(f"{user} can sign in at {name} from now on.")


def unlink(name: Name, user: User, subject: Subject, json: AsJson = False) -> None:
    """Say that it is not, or not any more. Sessions go on."""

    async def act(house: "House") -> None:
        await house.upstreams.unlink(name, user, subject, actor())

    in_house(act)
    if json:
        print_json({"upstream": name, "user": user, "subject": subject})
    else:
        say(f"{user} cannot sign in at {name} any more.")


def known(
    user: Annotated[str, typer.Argument(metavar="USER", show_default=False, help="Whose account.")],
    json: AsJson = False,
) -> None:
    """Show as whom providers know one of our people."""

    async def act(house: "House") -> "Sequence[tuple[Upstream, Identity]]":
        return await house.upstreams.known(user)

    found = in_house(act)
    if json:
        print_json([_record_of(upstream, identity) for upstream, identity in found])
        return
    table(
        ("Provider", "Subject", "E-mail", "Connected", "Last used"),
        [
            (
                upstream.name,
                identity.subject,
                identity.email or "",
                moment(identity.created_at) or "",
                moment(identity.last_used_at) or "never",
            )
            for upstream, identity in found
        ],
        f"No provider knows {user}.",
    )


def _record_of(upstream: "Upstream", identity: "Identity") -> dict[str, object]:
    return {
        "upstream": upstream.name,
        "subject": identity.subject,
        "email": identity.email,
        "created_at": moment(identity.created_at),
        "last_used_at": moment(identity.last_used_at),
    }
