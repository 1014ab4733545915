"""How the command line says what is a number to programs."""

import pytest

from scopekeeper.cli.output import exactly, span


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0s"),
        (45, "45s"),
        (60, "1m"),
        (90, "90s"),
        (5_400, "90m"),
        (43_200, "12h"),
        (129_600, "36h"),
        (2_592_000, "30d"),
    ],
)
def test_a_length_of_time_that_was_set_is_told_to_the_second(seconds: int, said: str) -> None:
    assert exactly(seconds) == said


@pytest.mark.parametrize(("seconds", "said"), [(0, "0s"), (59, "59s"), (119, "1m"), (5_400, "1h"), (200_000, "2d")])
def test_how_long_ago_something_was_is_told_in_its_largest_unit(seconds: int, said: str) -> None:
    assert span(seconds) == said
