"""Moments as they are typed: a day, a time of a day, or how long ago."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from scopekeeper.settings import BadValue, seconds_of

Since = Annotated[
    str | None,
    typer.Option(
        metavar="WHEN", help="From then on: a duration such as 24h, a day such as 2026-01-31, or a time, UTC."
    ),
]
Until = Annotated[str | None, typer.Option(metavar="WHEN", help="Until then; a day counts to its end.")]

_A_DAY = "%Y-%m-%d"


def moment_of(option: str, text: str | None, now: int, *, end: bool = False) -> int | None:
    """The second that the text names: `7d` is seven days before `now`. None where it names none.

    With `end` it is the first second behind what the text names. Raises BadParameter.
    """
    if text is None:
        return None
    try:
        return now - seconds_of(text)
    except BadValue:
        pass
    try:
        return _day_of(text, end=end)
    except ValueError:
        pass
    try:
        named = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"must be a duration such as 24h, a day such as 2026-01-31, or a time, not {text!r}", param_hint=option
        ) from None
    return int((named if named.tzinfo else named.replace(tzinfo=UTC)).timestamp())


def _day_of(text: str, *, end: bool) -> int:
    midnight = datetime.strptime(text, _A_DAY).replace(tzinfo=UTC)
    return int((midnight + timedelta(days=end)).timestamp())
