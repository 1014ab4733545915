"""What every store promises when many come at once: each commit stands alone."""

import asyncio

from scopekeeper.services.ports import Lease, Stale, Taken
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.records import a_client, a_key, a_secret, a_token, an_act

CROWD = 50


async def test_of_many_edits_at_once_one_is_made_and_the_losers_write_nothing(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act("application.add"))
        before = await store.changes()
        edits = [replace(a_client(), name=f"edit {each}", revision=1) for each in range(CROWD)]
        results = await asyncio.gather(
            *(store.save_client(edit, an_act(edit.name)) for edit in edits), return_exceptions=True
        )
        won = [edit for edit, result in zip(edits, results, strict=True) if result is None]
        assert len(won) == 1
        assert sum(isinstance(result, Stale) for result in results) == CROWD - 1
        assert await store.client("night-shift") == won[0]
        assert [act.action for act in await store.acts()] == [won[0].name, "application.add"]
        assert await store.changes() == before + 1


async def test_of_many_applications_of_one_name_one_is_added(opened: Opened) -> None:
    async with opened() as store:
        results = await asyncio.gather(
            *(store.add_client(a_client(name=str(each)), an_act()) for each in range(CROWD)), return_exceptions=True
        )
        assert results.count(None) == 1
        assert sum(isinstance(result, Taken) for result in results) == CROWD - 1
        assert len(await store.acts()) == 1


async def test_many_tokens_at_once_are_all_there_when_they_are_answered(opened: Opened) -> None:
    async with opened() as store:

        async def issue(row_id: int) -> bool:
            await store.issue(a_token(row_id))
            return await store.token(row_id) == a_token(row_id)

        assert all(await asyncio.gather(*(issue(row_id) for row_id in range(1, 10 * CROWD))))


async def test_a_token_that_cannot_be_issued_takes_no_other_with_it(opened: Opened) -> None:
    async with opened() as store:
        await store.issue(a_token(7))
        results = await asyncio.gather(
            *(store.issue(a_token(row_id)) for row_id in (1, 7, 2, 2, 3)), return_exceptions=True
        )
        assert [type(result) for result in results] == [type(None), Taken, type(None), Taken, type(None)]
        assert [row_id for row_id in range(10) if await store.token(row_id)] == [1, 2, 3, 7]


async def test_a_token_is_revoked_once_however_many_ask(opened: Opened) -> None:
    async with opened() as store:
        await store.issue(a_token(1))
        counts = await asyncio.gather(*(store.revoke([1], NOON + each, None) for each in range(CROWD)))
        assert sum(counts) == 1


async def test_all_kinds_of_change_at_once_stand_side_by_side(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client("old", a_secret(1, "old")), an_act())
        await store.issue(a_token(1, "old"))
        results = await asyncio.gather(
            *(store.issue(a_token(row_id, "old")) for row_id in range(10, 60)),
            store.revoke([1], NOON, an_act()),
            store.add_client(a_client("new"), an_act()),
            store.save_client(a_client("old", revision=9), an_act()),
            store.add_secret(a_secret(2, "old"), {1: NOON}, an_act()),
            store.save_keys([a_key("unknown")], [], None),
            store.sweep(NOON, 10),
            return_exceptions=True,
        )
        assert [type(result).__name__ for result in results[50:]] == [
            "int", "NoneType", "Stale", "NoneType", "Stale", "int"
        ]  # fmt: skip
        assert results[:50] == [None] * 50
        assert [client.client_id for client in await store.clients()] == ["new", "old"]
        assert len(await store.tokens(client_id="old", now=NOON)) == 50


async def test_no_number_is_leased_twice_however_many_ask(opened: Opened) -> None:
    async with opened() as store:
        leases: list[Lease] = await asyncio.gather(*(store.lease(str(each), 0, 1000) for each in range(CROWD)))
        assert len({lease.number for lease in leases}) == CROWD


async def test_closing_commits_what_waits(opened: Opened) -> None:
    async with opened() as store:
        waiting = [asyncio.create_task(store.issue(a_token(row_id))) for row_id in range(1, 20)]
        await asyncio.sleep(0)
        await store.close()
        assert await asyncio.gather(*waiting) == [None] * 19
