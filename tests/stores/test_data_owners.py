"""Rows with several owners: theirs if one of the fields names them, and nobody's when they are gone."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from scopekeeper.oauth.people import User
from scopekeeper.sdk import ApiModule, NotFound, Table
from scopekeeper.sdk.data import Data, Work, Write
from scopekeeper.services.ports import Act, Stale
from scopekeeper.settings import Database
from scopekeeper.store import SqlStore, open_store
from scopekeeper.store.grants import STEP
from tests.fixtures import FixedEntropy
from tests.stores.calls import Call, calls, pages
from tests.stores.modules import Phone, open_data, phones
from tests.stores.test_preparation import indexes_in

BOTH, HERS, HIS, NOBODYS = (
    Call("1", caller_owner="alice", callee_owner="bob"),
    Call("2", callee_owner="alice"),
    Call("3", caller_owner="bob"),
    Call("4"),
)


async def put(data: Data, row: Call, whose: str | None = None) -> None:
    await data.commit(Work(writes=[Write(calls, row.id, row, whose)]))


async def test_a_row_is_theirs_whichever_field_names_them(database: Database) -> None:
    async with open_data(database, calls) as data:
        await data.append(calls, [BOTH, HERS, HIS, NOBODYS])
        assert [each.id for each in await pages(data, whose="alice")] == ["1", "2"]
        assert [each.id for each in await pages(data, whose="bob", limit=1)] == ["1", "3"]
        assert await data.count(calls, "alice", {}) == 2
        for key, seen in (("1", True), ("2", True), ("3", False), ("4", False)):
            assert (await data.get(calls, key, "alice") is not None) == seen
            assert (await data.exists("calls", key, "alice") is not None) == seen


async def test_a_person_writes_what_is_theirs_and_it_stays_so(database: Database) -> None:
    async with open_data(database, calls) as data:
        await data.append(calls, [BOTH, HERS, HIS])
        await put(data, replace(BOTH, callee="new"), "bob")
        await put(data, replace(BOTH, caller_owner=None), "bob")
        for row in (
            replace(HERS, callee="x"),
            replace(HIS, caller_owner=None),
            Call("9"),
            Call("9", caller_owner="carol"),
        ):
            with pytest.raises(NotFound):
                await put(data, row, "bob")
        assert [each.id for each in await pages(data, whose="bob")] == ["1", "3"]


async def inhabited(database: Database) -> SqlStore:
    """A store with alice, who is an administrator, and bob."""
    store = open_store(database)
    for number, (name, admin) in enumerate((("alice", True), ("bob", False)), 1):
        await store.add_user(User(number, name, "digest", 0, admin=admin), act(number))
    return store


def act(number: int) -> Act:
    return Act(1_000_000 + number, 0, "cli:test", "test", "somebody")


async def test_what_somebody_owned_is_nobodys_when_they_are_gone(database: Database) -> None:
    store = await inhabited(database)
    try:
        data = store.data([calls, phones], FixedEntropy())
        many = [
            Call(f"{each:05}", caller_owner="bob", callee_owner=("bob", "alice", None)[each % 3])
            for each in range(STEP * 2 + 10)
        ]
        await data.append(calls, [*many, Call("x", callee_owner="bob"), HERS])
        await data.append(phones, [Phone("1", "bob"), Phone("2", "alice")])
        before = await data.exists("calls", "00000", None)
        await store.remove_user("bob", act(3))
        assert await pages(data, whose="bob") == []
        assert len(await pages(data, whose="alice")) == 1 + sum(each.callee_owner == "alice" for each in many)
        assert await data.count(calls, None, {"caller_owner": None}) == len(many) + 2
        assert await data.exists("calls", "00000", None) != before
        assert await data.get(phones, "1", "bob") is None
        assert await data.get(phones, "2", "alice") is not None
    finally:
        await store.close()


async def test_others_write_while_much_is_let_go(database: Database) -> None:
    store = await inhabited(database)
    try:
        data = store.data([calls], FixedEntropy())
        await data.append(calls, [Call(f"{each:05}", caller_owner="bob") for each in range(STEP * 6)])
        done: list[str] = []

        async def remove() -> None:
            await store.remove_user("bob", act(3))
            done.append("removed")

        async def write() -> None:
            await asyncio.sleep(0)
            await put(data, Call("x"))
            done.append("written")

        await asyncio.gather(remove(), write())
        assert done == ["written", "removed"]
    finally:
        await store.close()


async def test_nothing_is_let_go_of_an_administrator_who_has_to_stay(database: Database) -> None:
    store = await inhabited(database)
    try:
        data = store.data([calls], FixedEntropy())
        await data.append(calls, [BOTH])
        with pytest.raises(Stale):
            await store.remove_user("alice", act(3), keep_admin=True)
        assert [each.id for each in await pages(data, whose="alice")] == ["1"]
    finally:
        await store.close()


def with_indexes(*indexes: tuple[str, ...]) -> Table[Call]:
    module = ApiModule("calls", title="Calls", read="See", write="Change")
    return module.table(Call, key="id", indexes=indexes)


async def test_an_index_that_is_new_on_a_table_that_is_there_is_made(database: Database) -> None:
    for table, expected in (
        (with_indexes(), set()),
        (with_indexes(("caller",)), {"ix_module_calls__caller__id"}),
        (with_indexes(("caller",), ("caller", "seconds")), {"ix_module_calls__caller__seconds__id"}),
    ):
        async with open_data(database, table) as data:
            assert indexes_in(database) >= expected
            await data.append(table, [Call("1"), Call("2")])
            assert await data.count(table, None, {}) == 2


async def test_a_name_too_long_for_the_database_is_found_again(database: Database) -> None:
    table = with_indexes(("caller_owner", "callee_owner", "outcome", "seconds", "started"))
    for _ in range(2):
        async with open_data(database, table):
            made = [name for name in indexes_in(database) if name.startswith("ix_module_calls__caller_owner__callee")]
            assert [len(name) <= 63 for name in made] == [True]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"owner": ("caller_owner", "nobody")}, "names 'nobody', which is no field"),
        ({"indexes": (("nothing",),)}, "names 'nothing', which is no field"),
        ({"indexes": ((),)}, "is fields, each once, without 'id'"),
        ({"indexes": (("caller", "id"),)}, "is fields, each once, without 'id'"),
        ({"indexes": (("caller", "caller"),)}, "is fields, each once, without 'id'"),
        (
            {"owner": ("caller_owner", "callee"), "refers": {"callee": ("phones", "cascade")}},
            "has several owners, so 'callee' holds a user's name",
        ),
    ],
)
def test_a_table_that_cannot_stand_says_why(told: dict[str, Any], reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        Table(Call, "id", **told)
