"""A soak tells whether memory grows, and gives each slow request the cause that the log has for it."""

import json
from pathlib import Path

import pytest

from bench.soaked import FLAT, Second, Soaked, causes_in, growth, keep, kept, moments, section, text
from bench.steady import Slow

AT = 1_800_000_000.0


def logged(event: str, after: float, **more: object) -> str:
    """A line of the server's log, so many seconds after AT."""
    return json.dumps({"level": "info", "event": event, "timestamp": f"2027-01-15T08:00:0{after:.3f}Z", **more})


LOG = "\n".join(
    [
        "Scopekeeper serves",
        logged("slow", 1.5, endpoint="/oauth/token", milliseconds=300, request_id="1-a"),
        logged("slow commit", 1.45, rows=2, work={"sweep": 1}, milliseconds=290),
        logged("swept what has expired", 3.0, rows=500),
    ]
)


def slow(after: float, milliseconds: float, part: str = "refresh") -> Slow:
    return Slow(AT + after, milliseconds, part, "1-a")


def soaked_of(slow: list[Slow], mb_in_ten_minutes: float = 0.5, errors: int = 0) -> Soaked:
    seconds = [Second(10 * n, 5_000, 1.0, 2.0, 60.0 + n, 10_000_000, 2_000_000) for n in range(1, 21)]
    figures = (3.0, 10_000, 100_000, errors, "refused" if errors else "", 1.0, 2.0, 5.0, 320.0, mb_in_ten_minutes)
    return Soaked("2026-01-02T03:04:05Z", *figures, seconds, moments(slow, causes_in(LOG)))


def test_of_the_log_what_holds_everybody_up_is_a_cause() -> None:
    assert causes_in(LOG) == [(AT + 1.45, "slow commit (rows 2, work {'sweep': 1}, milliseconds 290)")]


def test_requests_that_were_slow_together_are_one_moment_with_its_cause() -> None:
    first, second = moments([slow(4.0, 260.0, "read"), slow(1.1, 320.0), slow(1.2, 255.0, "read")], causes_in(LOG))
    assert (first.requests, first.longest_ms, first.parts) == (2, 320.0, ["read", "refresh"])
    assert first.causes == ["slow commit (rows 2, work {'sweep': 1}, milliseconds 290)"]
    assert (second.at, second.causes) == (AT + 4.0, [])


def test_memory_is_flat_where_it_grew_only_at_first() -> None:
    fills = [(10.0 * n, min(50.0 + 5 * n, 70.0)) for n in range(60)]
    assert growth(fills) == pytest.approx(0.0, abs=1e-9)
    assert growth([(10.0 * n, 50.0 + n / 6) for n in range(60)]) == pytest.approx(10.0)
    assert growth([(0.0, 50.0)]) == 0.0


def test_whatever_is_wrong_is_told() -> None:
    assert soaked_of([slow(1.1, 320.0)]).wrong == []
    bad = soaked_of([slow(5.0, 400.0)], mb_in_ten_minutes=FLAT + 1, errors=3)
    assert bad.wrong == [
        "the memory grows by 6.0 MB in ten minutes",
        "of 1 slow requests the log does not tell why",
        "3 errors: refused",
    ]
    assert "the log does not tell why" in text(bad)
    assert text(bad).endswith("3 errors: refused")


def test_what_is_kept_is_shown_and_what_is_not_is_no_section(tmp_path: Path) -> None:
    assert section(tmp_path) == ""
    done = soaked_of([slow(1.1, 320.0)])
    keep("sqlite", done, tmp_path)
    assert kept(tmp_path) == {"sqlite": done}
    shown = section(tmp_path)
    assert shown.startswith("## ")
    assert "100000 requests in 3 minutes at half of 10000 a second" in shown
    assert "| 200 | 1.00 | 2.00 | 80 | 10 | 2 |" in shown
    assert "1 requests took longer than 250 ms; what the log says of those moments: slow commit (1)." in shown
