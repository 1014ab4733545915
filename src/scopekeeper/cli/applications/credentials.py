"""`app rotate` and `app compromised`: new secrets for old."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scopekeeper.cli.applications import options, records, shown
from scopekeeper.cli.house import actor, in_house
from scopekeeper.cli.output import AsJson, Refused, Yes, agreed, exactly, moment, print_json, say

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.services.applications import Compromise, Credential
    from scopekeeper.services.ports import Activity

_MOST: Final = 10
"""Entries of a list that are shown; JSON has more."""

_COUNTED: Final = (("calls", "calls"), ("wrote", "objects_written"), ("was denied", "denials"))

ROTATE_EXAMPLES: Final = """\
\b
Examples:
  scopekeeper app rotate CLIENT_ID              the old secrets work for a day
  scopekeeper app rotate CLIENT_ID --overlap 7d
  scopekeeper app rotate CLIENT_ID --overlap 0  they end now; tokens live on
"""


def rotate(
    client_id: options.ClientId,
    overlap: Annotated[
        str, typer.Option(metavar="TIME", help="How long the old secrets go on working, up to 90d; 0 ends them now.")
    ] = "24h",
    json: AsJson = False,
) -> None:
    """Make a new secret; the old ones work until the overlap ends."""
    from scopekeeper.services.applications import LONGEST_OVERLAP

    seconds = options.duration("--overlap", overlap, LONGEST_OVERLAP) or 0

    async def act(house: "House") -> "tuple[Credential, str]":
        return await house.applications.rotate(client_id, seconds, actor()), house.settings.issuer

    credential, issuer = in_house(act)
    if json:
        print_json(records.credential_of(credential))
        return
    shown.show_credential(credential, issuer)
    say(f"\nThe old secrets {f'work for {exactly(seconds)} more' if seconds else 'have ended'}.")


def end_secret(
    client_id: options.ClientId,
    secret_id: Annotated[
        str, typer.Argument(metavar="SECRET_ID", help="Its id, as `app show` tells it.", show_default=False)
    ],
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """End one secret now; the others go on.

    Tokens that were issued with it live on until they end. To end those too, see `app compromised`.
    """
    from scopekeeper.oauth.secrets import id_of

    row = id_of(secret_id)
    if row is None:
        raise Refused("that is no secret's id: `scopekeeper app show CLIENT_ID` tells them")  # it may be a secret
    agreed(f"End this secret of {client_id}? Whoever still uses it is shut out.", yes=yes)

    async def act(house: "House") -> bool:
        return await house.applications.end_secret(client_id, row, actor())

    ended = in_house(act)
    if json:
        print_json({"client_id": client_id, "secret_id": secret_id, "ended": ended})
    else:
        say("The secret has ended." if ended else "It had ended already.")


def compromised(
    client_id: options.ClientId,
    since: Annotated[str, typer.Option(metavar="TIME", help="How far back the report goes.")] = "30d",
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """End what has leaked: all secrets, tokens and consents.

    Codes that wait die with them, in one transaction. A new secret is made; what the old ones did is reported.
    """
    seconds = options.duration("--since", since) or 0
    agreed(f"End every secret, every token and every consent of {client_id} now?", yes=yes)

    async def act(house: "House") -> "tuple[Compromise, str]":
        from_then = max(0, house.clock.now() - seconds)
        return await house.applications.compromised(client_id, from_then, actor()), house.settings.issuer

    done, issuer = in_house(act)
    if json:
        print_json(records.credential_of(done.credential) | {"report": done.report})
        return
    shown.show_credential(done.credential, issuer)
    say(f"\n{_told(done, since)}")


def _told(done: "Compromise", since: str) -> str:
    activity = done.activity
    if activity.known:
        ended = f"secrets: {done.secrets_ended}, live tokens: {activity.tokens_live}, consents: {activity.consents}"
    else:
        ended = f"secrets: {done.secrets_ended}, and every token and consent"
    lines = [
        f"Ended now      {ended}",
        f"What it did    in the last {since}",
        *(_of_tokens(activity) if activity.known else ["  tokens       too many to be looked at in time"]),
        *(f"  {label:13}{_counted(done.report[key])}" for label, key in _COUNTED),
    ]
    return "\n".join(lines)


def _of_tokens(activity: "Activity") -> list[str]:
    return [
        f"  tokens       {activity.tokens_issued} issued"
        + (f", the last at {moment(activity.last_issued_at)}" if activity.last_issued_at is not None else ""),
        f"  people       {activity.people or 'none'}",
        f"  last used    {moment(activity.last_used_at) or 'never'}",
        f"  addresses    {' '.join(activity.addresses) or 'none'}",
        f"  scopes       {' '.join(activity.scopes) or 'none'}",
    ]


def _counted(times: object) -> str:
    """What was counted, the most frequent first: `rest 10, gql 2`."""
    assert isinstance(times, Mapping)
    shown = [f"{what} {number}" for what, number in list(times.items())[:_MOST]]
    return ", ".join(shown + (["…"] if len(times) > _MOST else [])) or "none"
