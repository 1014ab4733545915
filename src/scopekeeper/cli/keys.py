"""`scopekeeper keys …`: the keys that sign."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Refused, ago, moment, print_json, say, span, table

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.keys import SigningKey

cli = typer.Typer(help="Show and rotate the signing keys.", no_args_is_help=True, rich_markup_mode=None)


@cli.command("list")
def list_(json: AsJson = False) -> None:
    """Show the signing keys.

    Next ones are published, the active one signs, retiring ones still verify what they have signed.
    """

    async def act(house: "House") -> "tuple[tuple[SigningKey, ...], int]":
        return await house.signer.keys(), house.clock.now()

    keys, now = in_house(act)
    if json:
        print_json([_record_of(key) for key in keys])
        return
    table(
        ("Key ID", "Alg", "State", "Made", "Leaves"),
        [(key.kid, key.alg, key.state.value, ago(key.created_at, now), _leaves(key, now)) for key in keys],
        "There are no keys yet: the server makes them when it starts.",
    )


@cli.command("rotate")
def rotate(
    alg: Annotated[
        Literal["ES256", "RS256", "Ed25519"],
        typer.Option(help="Which keys: id_tokens and JWT access tokens are signed as their application says."),
    ] = "ES256",
    compromised: Annotated[
        bool, typer.Option("--compromised", help="The key that signs has leaked: it leaves the key set now.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Let the next key sign from now on.

    The old one stays published until the last token that it signed has expired, unless it is compromised.
    """
    from scopekeeper.services.keys import TooSoon

    async def act(house: "House") -> "SigningKey":
        return await house.signer.rotate(alg, actor(), compromised=compromised)

    try:
        signing = in_house(act)
    except TooSoon as soon:
        raise Refused(f"{soon}, or say --compromised if the key that signs has leaked") from soon
    if json:
        print_json(_record_of(signing))
    else:
        say(f"{signing.kid} signs now.")


def _leaves(key: "SigningKey", now: int) -> str:
    """When it leaves the key set."""
    if key.retires_at is None:
        return ""
    return f"in {span(key.retires_at - now)}" if now < key.retires_at else "left"


def _record_of(key: "SigningKey") -> dict[str, object]:
    return {
        "kid": key.kid,
        "alg": key.alg,
        "state": key.state.value,
        "created_at": moment(key.created_at),
        "retires_at": moment(key.retires_at),
    }
