"""The table and the page are what the run says."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import page as pages
from bench.__main__ import RESULTS
from bench.page import PAGE, page
from bench.record import keep, kept
from bench.summary import summary
from bench.table import markdown_table, text_table
from bench.workloads import FLOOR, OURS
from tests.bench.runs import round_of, run_of

RUN = run_of(
    {
        FLOOR: {"POST": [round_of(123_456)], "GET": [round_of(1000)]},
        OURS: {"client_credentials, opaque": [round_of(30_000)]},
    }
)


def test_a_run_is_kept_whole(tmp_path: Path) -> None:
    keep(RUN, tmp_path / "results" / "run.json")
    assert kept(tmp_path / "results" / "run.json") == RUN


def test_the_table_for_the_eye_has_a_line_for_each_workload_in_columns() -> None:
    head, post, _, opaque = text_table(summary(RUN)).splitlines()
    assert head.split() == [
        "workload", "req/s", "req/CPU-s", "ratio", "must", "aim", "p50", "ms", "p99", "ms", "errors", "RSS", "MB",
    ]  # fmt: skip
    assert "61 700" in post
    assert "123 000" in post
    assert len({len(head), len(post), len(opaque)}) == 1


def test_a_ratio_less_than_it_must_be_is_marked() -> None:
    assert "| 0.24 missed | 0.30 | 0.55 |" in markdown_table(summary(RUN))


@pytest.mark.parametrize(
    "said",
    ["32 connections", "2026-01-02T03:04:05Z", "an abacus", "python 3.11.0", "0.40 s", "55 MB", "| floor | POST |"],
)
def test_the_page_says_how_and_on_what_it_was_measured(tmp_path: Path, said: str) -> None:
    keep(RUN, tmp_path / "latest.json")
    assert said in page(tmp_path)


def test_peers_have_a_section_where_a_run_beside_them_is_kept(tmp_path: Path) -> None:
    keep(RUN, tmp_path / "latest.json")
    assert "Beside other people" not in page(tmp_path)
    beside = {**RUN.rounds, "another server": {"client_credentials, opaque": [round_of(10)]}}
    keep(replace(RUN, rounds=beside, absent={"a third": "nobody has it"}), tmp_path / "peers-latest.json")
    assert "## Beside other people's servers" in page(tmp_path)
    assert "| another server | client_credentials, opaque |" in page(tmp_path)
    assert "* Left out: a third, because nobody has it.\n* Versions:" in page(tmp_path)


def test_what_is_written_by_hand_is_shown_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(RUN, tmp_path / "latest.json")
    monkeypatch.setattr(pages, "WHERE", tmp_path / "where.md")
    before = page(tmp_path)
    (tmp_path / "where.md").write_text("## Where the microseconds go\n\nTo {the} bank.\n", encoding="utf-8")
    assert page(tmp_path).replace("## Where the microseconds go\n\nTo {the} bank.\n\n", "") == before


def test_the_page_in_the_documentation_shows_the_kept_runs() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(RESULTS), "run `python -m bench --page`"
