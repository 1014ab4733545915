"""Times in words."""

import pytest

from scopekeeper.pages.moments import ago, iso, lasting, utc
from scopekeeper.pages.words import LANGUAGES
from tests.fixtures import NOON

ENGLISH, GERMAN = LANGUAGES["en"], LANGUAGES["de"]


@pytest.mark.parametrize(
    ("seconds", "english", "german"),
    [
        (0, "just now", "gerade eben"),
        (59, "just now", "gerade eben"),
        (60, "1 minute ago", "vor 1 Minute"),
        (3_599, "59 minutes ago", "vor 59 Minuten"),
        (3_600, "1 hour ago", "vor 1 Stunde"),
        (86_399, "23 hours ago", "vor 23 Stunden"),
        (86_400, "1 day ago", "vor 1 Tag"),
        (10 * 86_400, "10 days ago", "vor 10 Tagen"),
    ],
)
def test_how_long_ago_is_told_in_the_largest_whole_unit(seconds: int, english: str, german: str) -> None:
    assert (ago(ENGLISH, seconds), ago(GERMAN, seconds)) == (english, german)


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (61, "2 minutes")]
)
def test_a_wait_is_never_told_shorter_than_it_is(seconds: int, said: str) -> None:
    assert lasting(ENGLISH, seconds) == said


def test_a_moment_reads_the_same_in_every_language() -> None:
    """RFC 3339."""
    assert (utc(NOON), iso(NOON)) == ("2026-01-01 12:00 UTC", "2026-01-01T12:00:00Z")
