"""How the database lists modules' data: from an index, from its place on, with nothing sorted, whatever is asked."""

import datetime
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import Dialect

from scopekeeper.sdk import AnyOf, Begins, Between, Either
from scopekeeper.settings import SqliteFile
from scopekeeper.store import open_store
from scopekeeper.store.connection import DIALECT, connect
from scopekeeper.store.listed import Asked, page_of
from scopekeeper.store.postgres.connection import DIALECT as POSTGRES
from scopekeeper.store.reach import Reach
from scopekeeper.store.shapes import shapes_of
from scopekeeper.store.statement import Statement
from tests.fixtures import FixedEntropy
from tests.postgres import a_database, apart
from tests.stores.calls import EPOCH, Outcome, calls
from tests.stores.modules import phones

NUMBER: Final = "1001"
LATER: Final = EPOCH + datetime.timedelta(days=1)

BY_KEY: Final = "SEARCH module_calls USING PRIMARY KEY (id=?)"

SERVED: Final[dict[str, tuple[dict[str, Any], list[str]]]] = {
    "all": ({}, ["pk"]),
    "all, backwards": ({"descending": True}, ["pk"]),
    "a range of keys": ({"conditions": [Begins("id", "20260301")], "descending": True}, ["pk"]),
    "one value": ({"where": {"caller": NUMBER}}, ["caller__id"]),
    "one value in a range of keys": (
        {"where": {"caller": NUMBER}, "conditions": [Between("id", "2026", "2027")], "descending": True},
        ["caller__id"],
    ),
    "no value": ({"where": {"caller": None}}, ["caller__id"]),
    "two values": ({"where": {"caller": NUMBER, "outcome": Outcome.BUSY}}, ["outcome__caller__id"]),
    "no second value": ({"where": {"caller": None, "outcome": Outcome.BUSY}}, ["outcome__caller__id"]),
    "either of two": ({"conditions": [Either(("caller", "callee"), NUMBER)]}, ["caller__id", "callee__id"]),
    "any of some": ({"conditions": [AnyOf("outcome", list(Outcome)[:2])], "descending": True}, ["outcome__id"]),
    "sorted": ({"sort": "seconds"}, ["seconds__id"]),
    "sorted, backwards": ({"sort": "started", "descending": True}, ["started__id"]),
    "sorted, in a range": (
        {"sort": "started", "descending": True, "conditions": [Between("started", EPOCH, LATER)]},
        ["started__id"],
    ),
    "one value, sorted": ({"where": {"outcome": Outcome.BUSY}, "sort": "seconds"}, ["outcome__seconds__id"]),
    "a person's": ({"whose": "alice", "descending": True}, ["caller_owner__id", "callee_owner__id"]),
    "a person's with a value": (
        {"whose": "alice", "where": {"outcome": Outcome.ANSWERED}},
        ["caller_owner__id", "callee_owner__id"],
    ),
    "a person's, sorted": (
        {"whose": "alice", "sort": "seconds"},
        ["caller_owner__seconds__id", "callee_owner__seconds__id"],
    ),
    "a person's, with either of two": (
        {"whose": "alice", "conditions": [Either(("caller", "callee"), NUMBER)]},
        ["caller_owner__id", "callee_owner__id"],
    ),
}

OTHERWISE: Final = {"a person's, with either of two": ["caller__id", "callee__id"]}
"""What PostgreSQL goes by where it knows that fewer rows have the number than are the person's."""

PLACES: Final = {
    "id": {False: "20260301-1", True: '\x1f["-id","20260301-1",null]'},
    "seconds": {False: '\x1f["+seconds","20260301-1",5]', True: '\x1f["-seconds","20260301-1",5]'},
    "started": {True: '\x1f["-started","20260301-1","2026-03-01T12:00:00.000000Z"]'},
}

EMPTY: Final = {"seconds": '\x1f["+seconds","20260301-1",null]'}


def asked(dialect: Dialect, told: dict[str, Any], after: str | None = None) -> Asked:
    shapes = shapes_of([calls])
    values: dict[str, Any] = {"whose": None, "where": {}, "limit": 51, **told}
    found = page_of(Reach(shapes["calls"], shapes, dialect), after=after, **values)
    assert found is not None
    return found


def after_of(told: dict[str, Any]) -> list[str | None]:
    """The first page, one in the middle, and one among what is empty."""
    sort = told.get("sort", "id")
    places = [None, PLACES[sort][told.get("descending", False)]]
    return [*places, EMPTY[sort]] if sort in EMPTY and not told.get("descending") else places


async def steps(path: Path, text: str, places: tuple[object, ...]) -> list[str]:
    """How SQLite carries it out on the table of calls, of which it knows nothing yet.

    What was found to be the page is read by its keys, and put in order; that is left out.
    """
    store = open_store(SqliteFile(path))
    try:
        store.data([calls], FixedEntropy())
        with closing(connect(path, wait=1, read_only=True)) as connection:
            plan = [(parent, step) for _, parent, _, step in connection.execute(f"EXPLAIN QUERY PLAN {text}", places)]
    finally:
        await store.close()
    read = {parent for parent, step in plan if step.startswith(("SEARCH module", "SCAN module")) and step != BY_KEY}
    return [step for parent, step in plan if step != BY_KEY and ("TEMP B-TREE" not in step or parent in read)]


@pytest.mark.parametrize("name", SERVED)
async def test_a_page_is_read_from_an_index_and_nothing_is_sorted(tmp_path: Path, name: str) -> None:
    told, indexes = SERVED[name]
    for after in after_of(told):
        each = asked(DIALECT, told, after)
        plan = await steps(tmp_path / "it.db", each.statement.text, each.places)
        assert not any("TEMP B-TREE" in step for step in plan), plan
        found = [step for step in plan if step.startswith(("SEARCH module", "SCAN module"))]
        for step in found:
            assert any(f"ix_module_calls__{index} " in f"{step} " for index in indexes) or (
                indexes == ["pk"] and ("PRIMARY KEY" in step or step == "SCAN module_calls")
            ), plan
        if told.keys() - {"sort", "descending"} or after is not None:
            assert all(step.startswith("SEARCH") for step in found), plan


@pytest.mark.parametrize(("name", "way"), [
    ("sorted, in a range", "(started>? AND (started,id)<(?,?))"),
    ("one value in a range of keys", "(caller=? AND id>? AND id<?)"),
    ("a person's", "(caller_owner=? AND id<?)"),
    ("one value, sorted", "(outcome=? AND (seconds,id)>(?,?))"),
])  # fmt: skip
async def test_a_page_begins_at_its_place(tmp_path: Path, name: str, way: str) -> None:
    told, _ = SERVED[name]
    each = asked(DIALECT, told, after_of(told)[1])
    plan = await steps(tmp_path / "it.db", each.statement.text, each.places)
    assert any(step.endswith(way) for step in plan), plan


@pytest.fixture(scope="module")
def postgres() -> Any:
    """A PostgreSQL database with calls in it."""
    with a_database() as database:

        async def fill() -> None:
            store = open_store(database)
            try:
                store.data([calls], FixedEntropy())
            finally:
                await store.close()
            connection = await asyncpg.connect(database.url)
            try:
                await connection.execute(
                    """INSERT INTO module_calls SELECT '2026030' || n % 9 || '-' || n, '1' || n % 300, '1' || n % 299,
                    CASE WHEN n % 99 = 0 THEN 'alice' END, CASE WHEN n % 97 = 0 THEN 'alice' END,
                    CASE n % 3 WHEN 0 THEN 'busy' ELSE 'answered' END, nullif(n % 600, 0), '2026-03-0' || n % 9 || 'T',
                    0, NULL, n FROM generate_series(1, 30000) n"""
                )
                await connection.execute("ANALYZE module_calls")
            finally:
                await connection.close()

        apart(fill())
        yield database


def sorted_rows(plan: str) -> list[str]:
    """What is read of the table to be sorted. Keys that were found in order are put together: that is another thing."""
    nodes = [line.strip() for line in plan.splitlines() if "->" in line or line.startswith(("Sort", "Limit"))]
    return [
        each
        for node, each in pairwise(nodes)
        if node.removeprefix("->  ").startswith("Sort") and "Scan" in each and " on module_" in each
    ]


async def explained(url: str, text: str, places: tuple[object, ...]) -> str:
    """How PostgreSQL does it where it takes rows in order if it can. Of a few rows it may collect and sort them all."""
    ways = dict.fromkeys(("enable_sort", "enable_bitmapscan", "enable_seqscan"), "off")
    connection = await asyncpg.connect(url, server_settings={"plan_cache_mode": "force_custom_plan", **ways})
    try:
        return "\n".join(line for (line,) in await connection.fetch(f"EXPLAIN {text}", *places))
    finally:
        await connection.close()


@pytest.mark.parametrize("name", SERVED)
def test_postgresql_reads_a_page_from_an_index_and_sorts_nothing(postgres: Any, name: str) -> None:
    told, indexes = SERVED[name]
    for after in after_of(told):
        each = asked(POSTGRES, told, after)
        plan = apart(explained(postgres.url, each.statement.text, each.places))
        names = [
            f"ix_module_calls__{index} " if index != "pk" else "pk_module_calls "
            for index in OTHERWISE.get(name, indexes)
        ]
        assert [each for each in names if each not in plan] == [], plan
        assert not sorted_rows(plan), plan
        assert "Seq Scan" not in plan, plan


async def test_what_a_person_lets_go_is_found_by_an_index_of_each_field(tmp_path: Path) -> None:
    for table, indexes in ((calls, ["caller_owner", "callee_owner"]), (phones, ["owner"])):
        shapes = shapes_of([table])
        statements = Reach(shapes[table.name], shapes, DIALECT).disown
        assert len(statements) == len(indexes)
        for statement, index in zip(statements, indexes, strict=True):
            store = open_store(SqliteFile(tmp_path / f"{table.name}.db"))
            store.data([table], FixedEntropy())
            plan = plan_of_statement(tmp_path / f"{table.name}.db", statement)
            await store.close()
            assert any(f"__{index}__{table.key} ({index}=?)" in step for step in plan), plan
            assert not any("TEMP B-TREE" in step or step.startswith("SCAN") for step in plan), plan


def plan_of_statement(path: Path, statement: Statement) -> list[str]:
    with closing(connect(path, wait=1)) as connection:
        places = [1] * len(statement.names)
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", places)]


def test_a_statement_is_compiled_once_whatever_the_values() -> None:
    shapes = shapes_of([calls])
    reach = Reach(shapes["calls"], shapes, DIALECT)

    def statement(**told: Any) -> Statement:
        found = page_of(reach, told.pop("whose", None), told.pop("where", {}), None, 9, **told)
        assert found is not None
        return found.statement

    assert statement(where={"caller": "1", "loud": True}) is statement(where={"loud": False, "caller": "2"})
    assert statement(where={"caller": None}) is not statement(where={"caller": "2"})
    few, more = ([str(each) for each in range(count)] for count in (5, 8))
    assert statement(conditions=[AnyOf("caller", few)]) is statement(conditions=[AnyOf("caller", more)])
    assert statement(conditions=[Begins("id", "1")]) is statement(conditions=[Between("id", "2", "3")])
