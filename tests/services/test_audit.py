"""The audit log, read: by page, whole, and one act at a time."""

import pytest

from scopekeeper.services.audit import STEP, AuditLog
from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.ports import Gone
from scopekeeper.store import MemoryStore
from tests.stores.records import a_client, an_act


async def a_log(acts: int) -> AuditLog:
    """A log with so many acts, of which every second one is a rotation."""
    store = MemoryStore()
    for number in range(1, acts + 1):
        action = "application.rotate" if number % 2 else "application.add"
        await store.add_client(a_client(f"app-{number}"), an_act(action, f"app-{number}", id=number))
    return AuditLog(store)


async def test_all_that_match_are_read_however_many_newest_first() -> None:
    log = await a_log(2 * STEP + 6)
    asked = ActsAsked(action="application.rotate")
    ids = [act.id async for act in log.every(asked)]
    assert ids == list(range(2 * STEP + 5, 0, -2))
    assert await log.count(asked) == len(ids)
    assert [act.id for act in await log.page(asked, before=6)] == [5, 3, 1]


async def test_what_has_come_since_is_read_apart() -> None:
    log = await a_log(5)
    assert [act.id for act in await log.page(ActsAsked(after=3))] == [5, 4]


async def test_one_act_is_read_by_its_id() -> None:
    log = await a_log(2)
    assert (await log.get(2)).target == "app-2"
    with pytest.raises(Gone):
        await log.get(404)
