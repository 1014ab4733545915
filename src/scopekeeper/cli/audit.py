"""`scopekeeper audit …`: who did what, to what, from where."""

import json as encoding
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from scopekeeper.cli.house import in_house
from scopekeeper.cli.output import AsJson, moment, print_json, say, table
from scopekeeper.cli.tokens.asked import folded
from scopekeeper.cli.when import Since, Until, moment_of

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.services.lists import ActsAsked
    from scopekeeper.services.ports import Act

EXAMPLES: Final = """\
\b
Examples:
  scopekeeper audit list --since 24h
  scopekeeper audit list --actor alice --action application
  scopekeeper audit list --target CLIENT_ID --json
  scopekeeper audit list --follow
"""

EVERY: Final = 1.0
"""Seconds between two looks at what has come."""

OVERLAP: Final = 10
"""Seconds that each look reaches back: another process may commit a little later what it began a little earlier."""

cli = typer.Typer(help="Show the audit log.", no_args_is_help=True, rich_markup_mode=None)


@cli.command("list", epilog=EXAMPLES)
def list_(
    actor: Annotated[
        str | None, typer.Option(metavar="WHO", help="Who did it: a person's name, or user:…, client:…, cli:…, system.")
    ] = None,
    action: Annotated[
        str | None, typer.Option(metavar="WHAT", help="What was done: application.rotate, or all of application.")
    ] = None,
    target: Annotated[str | None, typer.Option(metavar="ID", help="To what: a client_id, a name, an id.")] = None,
    text: Annotated[str, typer.Option(metavar="TEXT", help="Words that stand anywhere in it.")] = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many, the newest.")] = 100,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what comes, oldest first, until Ctrl-C; JSON is a line each.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Show who did what, to what, from where; the newest first."""

    async def question_of(house: "House") -> "ActsAsked":
        from scopekeeper.services.lists import ActsAsked

        now = house.clock.now()
        return ActsAsked(
            text=text,
            actor=None if actor is None else _actor_of(actor),
            action=action,
            target=target,
            since=moment_of("--since", since, now),
            until=moment_of("--until", until, now, end=True),
        )

    async def act(house: "House") -> "Sequence[Act]":
        return await _newest(house, await question_of(house), limit)

    async def watch(house: "House") -> None:
        async for each in following(house, await question_of(house), limit):
            say(encoding.dumps(_record_of(each), default=str) if json else "  ".join(_row_of(each)))

    if follow:
        with suppress(KeyboardInterrupt):
            in_house(watch)
        return
    acts = in_house(act)
    if json:
        print_json([_record_of(each) for each in acts])
    else:
        table(
            ("When", "Who", "What", "To what", "From", "Details"), [_row_of(each) for each in acts], "Nothing matches."
        )


async def following(house: "House", asked: "ActsAsked", limit: int) -> "AsyncIterator[Act]":
    """The newest that match, oldest first; then whatever comes, as it comes."""
    import asyncio

    told: dict[int, int] = {}
    found = await _newest(house, asked, limit)
    while True:
        for act in reversed(found):
            if act.id not in told:
                told[act.id] = act.at
                yield act
        await asyncio.sleep(EVERY)
        behind = house.clock.now() - OVERLAP
        told = {row_id: at for row_id, at in told.items() if at >= behind}
        found = await _newest(house, replace(asked, since=max(behind, asked.since or 0)), None)


async def _newest(house: "House", asked: "ActsAsked", limit: int | None) -> "Sequence[Act]":
    found: list[Act] = []
    async for act in house.log.every(asked):
        found.append(act)
        if len(found) == limit:
            break
    return found


def _actor_of(typed: str) -> str:
    """As the log names them: a name alone is a person's."""
    return typed if ":" in typed or typed == "system" else f"user:{folded(typed)}"


def _row_of(act: "Act") -> tuple[str, ...]:
    return (moment(act.at) or "", act.actor, act.action, act.target, act.address or "", _told(act.details))


def _told(details: Mapping[str, object]) -> str:
    """The details in one line, of which a report alone would fill a page."""
    said = {name: value for name, value in details.items() if name != "report"}
    return encoding.dumps(said, default=str, ensure_ascii=False) if said else ""


def _record_of(act: "Act") -> dict[str, object]:
    from scopekeeper.oauth.claims import jti_of

    return {
        "id": jti_of(act.id),
        "at": moment(act.at),
        "actor": act.actor,
        "action": act.action,
        "target": act.target,
        "address": act.address,
        "details": dict(act.details),
    }
