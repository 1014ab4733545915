"""`scopekeeper keys …`: the keys that sign."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Refused, moment, print_json, say, table

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.keys import SigningKey

cli = typer.Typer(help="Show and rotate the signing keys.", no_args_is_help=True)


@cli.command("list")
def list_(json: AsJson = False) -> None:
    """Show the keys: next ones are published, active ones sign, retiring ones still verify."""

    async def act(house: "House") -> "tuple[SigningKey, ...]":
        return await house.signer.keys()

    shown = [_shown(key) for key in in_house(act)]
    if json:
        print_json(shown)
        return
    table(
        ("Key ID", "Algorithm", "State", "Made", "Leaves the key set"),
        [[str(value or "") for value in key.values()] for key in shown],
        "There are no keys yet: the server makes them when it starts.",
    )


@cli.command("rotate")
def rotate(
    alg: Annotated[Literal["ES256", "RS256"], typer.Option(help="Which algorithm's keys.")] = "ES256",
    now: Annotated[bool, typer.Option("--now", help="Even if verifiers may not know the next key yet.")] = False,
    json: AsJson = False,
) -> None:
    """Let the next key sign from now on. The old one stays published until its last token has expired."""
    from scopekeeper.services.keys import TooSoon

    async def act(house: "House") -> "SigningKey":
        return await house.signer.rotate(alg, actor(), at_once=now)

    try:
        signing = in_house(act)
    except TooSoon as soon:
        raise Refused(f"{soon}; --now if the key that signs is compromised") from soon
    if json:
        print_json(_shown(signing))
    else:
        say(f"{signing.kid} signs now.")


def _shown(key: "SigningKey") -> dict[str, object]:
    return {
        "kid": key.kid,
        "alg": key.alg,
        "state": key.state.value,
        "created_at": moment(key.created_at),
        "retires_at": moment(key.retires_at),
    }
