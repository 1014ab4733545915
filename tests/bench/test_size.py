"""What is dearer in a large installation, or felt while it is looked after, is found and told."""

import sqlite3
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from bench.crowd import KNOWN
from bench.due import first_due, is_there, let_come_due
from bench.many import BUSY, Many, fill
from bench.meanwhile import Calls, Meanwhile, felt
from bench.size import SMALL, Sizes, dearer, keep, kept, many_of, ratio_of, section, told, wrong
from bench.spread import make_known, secrets_of, spread
from scopekeeper.oauth.secrets import Kind, digest_of, row_of
from scopekeeper.services.clock import SystemClock
from scopekeeper.services.sweep import sweep
from scopekeeper.settings import SqliteFile
from scopekeeper.store import examine, open_sqlite
from tests.bench.runs import round_of

MANY = Many(2_000, 1_800_000_000, applications=20, due_one_in=100, put_off=True)


def an_act(what: str, p99_ms: float) -> Meanwhile:
    return Meanwhile(what, 3.0, 900, 1.0, p99_ms, p99_ms + 1)


def sizes_of(large: int, p99_ms: float) -> Sizes:
    """One workload, at a thousand requests per CPU-second in the small one; and one act."""
    rounds = {"refresh with rotation": ([round_of(1_000)], [round_of(large)])}
    acts = [an_act("nothing", 2.0), an_act("backup", p99_ms)]
    calls = Calls(300.0, acts, 0, "")
    return Sizes("2026-01-02T03:04:05Z", {"cores": "2"}, 10_000_000, 100_000, 1_000_000, rounds, calls)


def test_ten_million_tokens_go_with_a_hundred_thousand_applications_and_a_million_records() -> None:
    many = many_of(10_000_000, 0)
    assert (many.clients, many.acts, many.due) == (100_000, 1_000_000, 100_000)


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    small, large = [round_of(each) for each in (100, 200, 400)], [round_of(each) for each in (90, 100, 380)]
    assert ratio_of(small, large) == 0.9


@pytest.mark.parametrize(("large", "too_dear"), [(1_000, False), (834, False), (833, True)])
def test_a_request_may_be_a_fifth_dearer_and_no_more(large: int, too_dear: bool) -> None:
    small, there = sizes_of(large, 2.0).rounds["refresh with rotation"]
    assert dearer(small, there) is too_dear


@pytest.mark.parametrize(
    ("before", "p99_ms", "was_felt"), [(2.0, 10.0, False), (2.0, 10.1, True), (8.0, 16.0, False), (8.0, 16.1, True)]
)
def test_an_act_is_felt_where_others_wait_twice_as_long_and_notice(
    before: float, p99_ms: float, was_felt: bool
) -> None:
    assert felt(an_act("nothing", before), an_act("sweep", p99_ms)) is was_felt


def test_whatever_is_wrong_is_named_and_marked() -> None:
    assert wrong(sizes_of(900, 9.0)) == []
    bad = sizes_of(500, 11.0)
    assert wrong(bad) == ["refresh with rotation is dearer", "backup was felt"]
    _, refresh, _, nothing, backup = told("sqlite", bad).splitlines()
    assert refresh.endswith("0.50  dearer")
    assert "felt" not in nothing
    assert backup.endswith("  felt")


def test_what_is_kept_is_shown_and_what_is_not_is_no_section(tmp_path: Path) -> None:
    assert section(tmp_path) == ""
    keep({"sqlite": sizes_of(900, 9.0)}, tmp_path)
    keep({"postgresql": sizes_of(800, 9.0)}, tmp_path)
    assert kept(tmp_path)["sqlite"] == sizes_of(900, 9.0)
    shown = section(tmp_path)
    assert shown.startswith("## ")
    assert "### SQLite: 10 000 000 tokens, 100 000 applications, 1 000 000 audit records" in shown
    assert "| refresh with rotation | 1000 | 800 | 0.80 |" in shown
    assert "| backup | 3.0 | 1.0 | 9.0 | 10 |" in shown


def test_tokens_that_hold_are_found_all_over_the_installation() -> None:
    there = spread(MANY, 100)
    assert len(set(there)) == 100
    assert there == sorted(there)
    assert there[0] < MANY.tokens // 50
    assert there[-1] > MANY.tokens * 49 // 50
    assert max(after - before for before, after in pairwise(there)) < 2 * MANY.tokens // 100
    assert all(n >= MANY.due and n % 10 and n % 20 != 7 for n in there)
    assert len(spread(MANY, 1_000_000)) == len(set(spread(MANY, 1_000_000))) < MANY.tokens


async def test_the_bench_knows_tokens_that_the_database_has(tmp_path: Path) -> None:
    database, many = SqliteFile(tmp_path / "it.db"), many_of(2_000, int(time.time()))
    fill(database, many)
    make_known(database, many, 50)
    assert [each.sound for each in examine(database.path)] == [True]
    store = open_sqlite(database.path)
    for secret in secrets_of(many, 50):
        token = await store.token(row_of(secret, Kind.ACCESS_TOKEN) or 0)
        assert token is not None
        assert (token.digest, token.expires_at > many.now) == (digest_of(secret), True)
        assert token.client_id != BUSY
    await store.close()


async def test_tokens_come_due_when_they_are_told_to(tmp_path: Path) -> None:
    database, many = SqliteFile(tmp_path / "it.db"), many_of(2_000, int(time.time()))
    fill(database, many)
    store = open_sqlite(database.path)
    assert await sweep(store, SystemClock(), 30 * 86_400) == 0
    let_come_due(database, many, 1)
    assert is_there(database, first_due(many))
    assert await sweep(store, SystemClock(), 30 * 86_400) == many.due == 20
    assert not is_there(database, first_due(many))
    await store.close()
    with closing(sqlite3.connect(database.path)) as connection:
        assert connection.execute("SELECT count(*) FROM tokens").fetchone() == (many.tokens - 20,)


def test_a_small_one_has_as_many_known_tokens_as_a_large_one() -> None:
    assert len(spread(many_of(SMALL, 0), KNOWN)) == len(spread(many_of(10_000_000, 0), KNOWN)) == KNOWN
