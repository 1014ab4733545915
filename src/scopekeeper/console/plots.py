"""Plots of what was counted over time: SVG that the server draws, with the same numbers as a table.

It has classes only, no styles: the colours, light and dark, are in console.css. Words stand beside the drawing and not
in it, so that it may become as wide as it likes while they stay as large as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup

from scopekeeper.console.listing import grouped

NAMES: Final = ("first", "second", "third")
"""The classes of the series, by which they get their colours."""

_WIDE: Final = 1_000
_HIGH: Final = 100
_DAY: Final = 86_400
_MOST_LABELS: Final = 7

_FIGURE: Final = Markup(
    '<figure class="plot">{legend}<div class="chart"><svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" '
    'aria-labelledby="{id}-title {id}-desc"><title id="{id}-title">{title}</title><desc id="{id}-desc">{desc}</desc>'
    '<path class="rule" d="M0 0H1000M0 50H1000M0 100H1000"/>{drawn}{columns}</svg>'
    '<p class="most" aria-hidden="true">{most}</p><p class="half" aria-hidden="true">{half}</p>{nothing}</div>'
    '<p class="steps{kind}" aria-hidden="true">{steps}</p>'
    '<details><summary>As a table<span class="unseen">: {title}</span></summary><div class="table"><table>'
    '<thead><tr><th scope="col">{step} (UTC)</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    "</details></figure>"
)
_NOTHING: Final = Markup('<p class="nothing" aria-hidden="true">none</p>')
_LEGEND: Final = Markup('<ul class="legend">{}</ul>')
_ITEM: Final = Markup('<li class="{}">{} <strong>{}</strong></li>')
_BAR: Final = Markup('<rect class="bar {}" x="{}" y="{}" width="{}" height="{}"/>')
_LINE: Final = Markup('<path class="line {}" d="M{}"/>')
_COLUMN: Final = Markup('<rect class="column" x="{}" y="0" width="{}" height="100"><title>{}</title></rect>')
_SPARK: Final = Markup(
    '<svg class="spark" viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or where it is alone a row of bars: a number for each step."""

    name: str
    values: Sequence[int]

    @property
    def total(self) -> int:
        return sum(self.values)


def plot(id: str, title: str, steps: Sequence[int], lines: Sequence[Line], *, colour: str = NAMES[0]) -> Markup:
    """One to three lines over the same steps, each named by its first second: hours, or days where they are that long.

    One alone is drawn as bars in this `colour`, several have a legend. `id` is unique on its page.
    """
    daily = len(steps) > 1 and steps[1] - steps[0] >= _DAY
    top = scale_of(max((value for each in lines for value in each.values), default=0))
    drawn = _bars(lines[0].values, top, colour) if len(lines) == 1 else Markup().join(_lines(lines, top))
    said, labels = [_said(at, daily=daily) for at in steps], _labels(steps, daily=daily)
    return _FIGURE.format(
        id=id,
        title=title,
        desc="; ".join(described(each, said) for each in lines),
        legend=_legend(lines) if len(lines) > 1 else "",
        drawn=drawn,
        columns=_columns(said, lines),
        most=grouped(top) if any(line.total for line in lines) else "",
        half=grouped(top // 2) if top % 2 == 0 else "",
        nothing="" if any(line.total for line in lines) else _NOTHING,
        steps=Markup().join(Markup("<span>{}</span>").format(each) for each in labels),
        kind=" each" if len(labels) == len(steps) else "",
        step="Day" if daily else "Hour",
        heads=Markup().join(Markup('<th scope="col" class="number">{}</th>').format(each.name) for each in lines),
        rows=Markup().join(_row(each, at, lines) for at, each in enumerate(said)),
    )


def spark(words: str, values: Sequence[int]) -> Markup:
    """A row of bars as small as a word; `words` say what it shows."""
    return _SPARK.format(words, _bars(values, max(*values, 1) if len(values) > 1 else 1))


def scale_of(most: int) -> int:
    """The least round number (1, 2 or 5 with noughts) that is no smaller."""
    ten = 1
    while True:
        for step in (1, 2, 5):
            if step * ten >= most:
                return step * ten
        ten *= 10


def described(line: Line, said: Sequence[str]) -> str:
    """The line in a sentence: how many together, and when the most."""
    if line.total == 0:
        return f"{line.name}: none"
    most = max(line.values)
    return f"{line.name}: {line.total} together, at most {most} ({said[line.values.index(most)]})"


def _bars(values: Sequence[int], top: int, colour: str = NAMES[0]) -> Markup:
    width = _WIDE / max(len(values), 1)
    return Markup().join(
        _BAR.format(
            colour,
            _short(at * width + width * 0.12),
            _HIGH - _height(value, top),
            _short(width * 0.76),
            _height(value, top),
        )
        for at, value in enumerate(values)
        if value
    )


def _lines(lines: Sequence[Line], top: int) -> Sequence[Markup]:
    drawn = []
    for name, each in zip(NAMES, lines, strict=False):
        width = _WIDE / max(len(each.values), 1)
        points = (f"{_short((at + 0.5) * width)} {_HIGH - _height(value, top)}" for at, value in enumerate(each.values))
        drawn.append(_LINE.format(name, "L".join(points)))
    return drawn[::-1]  # the first lies on top


def _columns(said: Sequence[str], lines: Sequence[Line]) -> Markup:
    """What a pointer finds over each step: its numbers."""
    width = _WIDE / max(len(said), 1)
    return Markup().join(
        _COLUMN.format(
            _short(at * width),
            _short(width),
            f"{each}\n" + "\n".join(f"{one.name}: {one.values[at]}" for one in lines),
        )
        for at, each in enumerate(said)
    )


def _legend(lines: Sequence[Line]) -> Markup:
    items = (_ITEM.format(name, each.name, grouped(each.total)) for name, each in zip(NAMES, lines, strict=False))
    return _LEGEND.format(Markup().join(items))


def _row(said: str, at: int, lines: Sequence[Line]) -> Markup:
    cells = (Markup('<td class="number">{}</td>').format(grouped(each.values[at])) for each in lines)
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(said, Markup().join(cells))


def _height(value: int, top: int) -> float:
    """How high it stands; never so low that it cannot be seen."""
    return max(_short(_HIGH * value / top), 1.5) if value else 0


def _short(number: float) -> float:
    return round(number, 1)


def _said(at: int, *, daily: bool) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.strftime("%a %d %b") if daily else moment.strftime("%d %b %H:%M")


def _labels(steps: Sequence[int], *, daily: bool) -> Sequence[str]:
    """What stands below: every step, or every so many that the labels have room and stand where they belong."""
    many = len(steps)
    every = next((each for each in range(1, many + 1) if many % each == 0 and many // each <= _MOST_LABELS), 1)
    form = "%H:%M" if not daily else "%a" if every == 1 else "%d %b"
    return [datetime.fromtimestamp(at, UTC).strftime(form) for at in steps[::every]]
