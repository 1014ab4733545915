"""Plots: what is drawn says the same as its table, in words as well as in lines, and has no style of its own."""

from xml.etree import ElementTree as Tree

import pytest

from scopekeeper.console.plots import Line, plot, scale_of, spark

HOURS = [1_800_000_000 // 3_600 * 3_600 + hour * 3_600 for hour in range(24)]
DAYS = [1_800_000_000 // 86_400 * 86_400 + day * 86_400 for day in range(7)]
ONE = Line("Tokens issued", [0, 3, 12] + [0] * 21)
TWO = [Line("Calls", list(range(24))), Line("Denials", [1] * 24)]


def read(markup: str) -> Tree.Element:
    return Tree.fromstring(markup)


def test_a_plot_has_a_name_and_says_in_words_what_it_shows() -> None:
    drawn = read(plot("tokens", "Tokens issued", HOURS, [ONE]))
    [svg] = drawn.iter("svg")
    assert svg.get("role") == "img"
    named = [drawn.find(f".//*[@id='{id}']") for id in svg.attrib["aria-labelledby"].split()]
    assert [each.text for each in named if each is not None] == [
        "Tokens issued",
        "Tokens issued: 15 together, at most 12 (15 Jan 10:00)",
    ]


def test_one_is_bars_and_several_are_lines_with_a_legend() -> None:
    bars, lines = read(plot("one", "One", HOURS, [ONE])), read(plot("two", "Two", HOURS, TWO))
    assert len(bars.findall(".//rect[@class='bar first']")) == 2
    assert bars.find(".//ul[@class='legend']") is None
    assert {each.get("class") for each in lines.iter("path")} == {"rule", "line first", "line second"}
    assert ["".join(item.itertext()) for item in lines.iter("li")] == ["Calls 276", "Denials 24"]


def test_the_table_has_every_number() -> None:
    drawn = read(plot("two", "Two", HOURS, TWO))
    rows = [["".join(cell.itertext()) for cell in row] for row in drawn.iter("tr")]
    assert rows[0] == ["Hour (UTC)", "Calls", "Denials"]
    assert rows[1:] == [[rows[at + 1][0], str(at), "1"] for at in range(24)]
    assert rows[1][0] == "15 Jan 08:00"


def test_days_are_named_as_days() -> None:
    drawn = read(plot("days", "Calls", DAYS, [Line("Calls", [1] * 7)]))
    assert "".join(next(drawn.iter("th")).itertext()) == "Day (UTC)"
    first = drawn.find(".//p[@class='steps each']/span")
    assert first is not None
    assert first.text == "Fri"


def test_labels_stand_below_their_steps() -> None:
    def labels(steps: list[int]) -> list[str | None]:
        drawn = read(plot("it", "It", steps, [Line("It", [0] * len(steps))]))
        [below] = [each for each in drawn.iter("p") if (each.get("class") or "").startswith("steps")]
        return [each.text for each in below]

    assert labels(HOURS) == ["08:00", "12:00", "16:00", "20:00", "00:00", "04:00"]
    assert len(labels(DAYS)) == 7
    assert labels([DAYS[0] + day * 86_400 for day in range(30)])[:2] == ["15 Jan", "20 Jan"]


def test_the_highest_stands_within_and_the_lowest_can_be_seen() -> None:
    drawn = read(plot("tokens", "Tokens", HOURS, [Line("Tokens", [1, 1_900] + [0] * 22)]))
    low, high = (float(bar.attrib["height"]) for bar in drawn.findall(".//rect[@class='bar first']"))
    assert 0 < low < high <= 100


def test_nothing_is_drawn_of_nothing() -> None:
    drawn = read(plot("tokens", "Tokens", HOURS, [Line("Tokens", [0] * 24)]))
    assert drawn.findall(".//rect[@class='bar first']") == []
    desc = drawn.find(".//desc")
    assert desc is not None
    assert desc.text == "Tokens: none"
    assert drawn.find(".//p[@class='nothing']") is not None
    assert plot("none", "None", [], [Line("None", [])])


def test_a_plot_has_no_style_and_names_are_only_text() -> None:
    hostile = '"><script>alert(1)</script>'
    drawn = plot("x", hostile, HOURS, [Line(hostile, [1] * 24)]) + spark(hostile, [1, 2])
    assert "<script" not in drawn
    assert "style=" not in drawn


@pytest.mark.parametrize(
    ("most", "scale"), [(0, 1), (1, 1), (2, 2), (3, 5), (6, 10), (11, 20), (21, 50), (900, 1_000), (1_001, 2_000)]
)
def test_scales_are_round(most: int, scale: int) -> None:
    assert scale_of(most) == scale


def test_a_spark_is_named_and_fits_into_a_line() -> None:
    drawn = read(spark("Calls of the last 24 hours", [0, 4, 2]))
    assert (drawn.get("role"), drawn.get("aria-label")) == ("img", "Calls of the last 24 hours")
    assert len(drawn.findall("rect")) == 2
    assert read(spark("Nothing", [])).findall("rect") == []
