"""How often things happened of late, plotted: tokens issued, calls let in, calls refused; each on its own scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from scopekeeper.console.listing import grouped
from scopekeeper.console.plots import Line, plot
from scopekeeper.services.lists import HOUR
from scopekeeper.services.usage import A_DAY, Series, UsageBook


@dataclass(frozen=True, slots=True)
class Range:
    """How far is looked back: so many steps of so many seconds."""

    name: str
    """As it stands in addresses."""
    words: str
    step: int
    steps: int


RANGES: Final = (
    Range("24h", "24 hours", HOUR, 24),
    Range("7d", "7 days", A_DAY, 7),
    Range("30d", "30 days", A_DAY, 30),
)


@dataclass(frozen=True, slots=True)
class Trend:
    """One of the three: its name, how many together, and the plot."""

    name: str
    total: str
    plot: Markup


def range_of(name: str) -> Range:
    """The range of this name; else the first."""
    return next((each for each in RANGES if each.name == name), RANGES[0])


async def trends(book: UsageBook, client_id: str, back: Range, now: int) -> Sequence[Trend]:
    """The trends of this application (SYSTEM: of all), up to now."""
    return trends_of(await book.series(client_id, now - (back.steps - 1) * back.step, now, back.step))


def trends_of(series: Series) -> Sequence[Trend]:
    """The trends that these numbers show."""
    steps = range(series.since, series.since + len(series) * series.step, series.step)
    named = (
        ("tokens", "Tokens issued", series.tokens, "first"),
        ("calls", "Calls", series.calls, "first"),
        ("denials", "Denials", series.denials, "second"),
    )
    return [
        Trend(name, grouped(sum(values)), plot(f"plot-{id}", name, steps, [Line(name, values)], colour=colour))
        for id, name, values, colour in named
    ]
