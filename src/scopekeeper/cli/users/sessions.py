"""`user sessions` and `user end-session`: where somebody is signed in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scopekeeper.cli.house import actor
from scopekeeper.cli.output import AsJson, Refused, Yes, ago, agreed, moment, print_json, say, table
from scopekeeper.cli.users.accounts import Name, done

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.people import Session

END_EXAMPLES: Final = """\
\b
Examples:
  scopekeeper user end-session alice SESSION_ID
  scopekeeper user end-session alice --all
"""


def sessions(name: Name, json: AsJson = False) -> None:
    """Show where somebody is signed in. No id that is shown opens anything."""

    async def act(house: "House") -> "tuple[Sequence[Session], int]":
        user = await house.accounts.get(name)
        return await house.login.sessions(user), house.clock.now()

    found, now = done(act)
    if json:
        print_json([_record_of(session) for session in found])
        return
    table(
        ("Session ID", "Signed in", "Last seen", "From", "Browser"),
        [
            (
                _id_of(session),
                ago(session.signed_in_at, now),
                ago(session.last_seen_at, now),
                session.address or "",
                session.agent,
            )
            for session in found
        ],
        f"{name} is signed in nowhere.",
    )


def end_session(
    name: Name,
    session_id: Annotated[
        str | None,
        typer.Argument(metavar="[SESSION_ID]", show_default=False, help="Which, as `user sessions` shows it."),
    ] = None,
    everywhere: Annotated[bool, typer.Option("--all", help="All of that person's.")] = False,
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """Sign somebody out: one session of theirs, or all.

    What they granted in it and may not outlive it dies with it.
    """
    if (session_id is None) is not everywhere:
        raise typer.BadParameter("say which: one session's id, or --all", param_hint="SESSION_ID")
    if everywhere:
        agreed(f"Sign {name} out everywhere?", yes=yes)
    ended = _end(name, session_id)
    if json:
        print_json({"ended": ended})
    else:
        say(f"Ended {ended} session{'' if ended == 1 else 's'} of {name}.")


def _end(name: str, session_id: str | None) -> int:
    from scopekeeper.oauth.secrets import id_of

    row = None if session_id is None else id_of(session_id)

    async def act(house: "House") -> int:
        user = await house.accounts.get(name)
        if session_id is None:
            return await house.login.end_all(user, actor=actor())
        return int(row is not None and await house.login.end(user, row, actor=actor()))

    ended = done(act)
    if not ended and session_id is not None:
        raise Refused(f"{name} has no such session: `scopekeeper user sessions {name}` shows those there are")
    return ended


def _id_of(session: "Session") -> str:
    from scopekeeper.oauth.claims import jti_of

    return jti_of(session.id)


def _record_of(session: "Session") -> dict[str, object]:
    return {
        "id": _id_of(session),
        "signed_in_at": moment(session.signed_in_at),
        "last_seen_at": moment(session.last_seen_at),
        "address": session.address,
        "agent": session.agent,
    }
