"""What every store promises about the audit log: every act, narrowed, page by page, and no later edit of one."""

from typing import Any

import pytest

from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.ports import Act, Store
from tests.fixtures import NOON
from tests.stores.conftest import Opened

ACTS = (
    Act(1, NOON + 1, "cli:root", "application.add", "book", None, {"name": "Telefonbüro", "scope": ["rest"]}),
    Act(2, NOON + 2, "user:alice", "application.rotate", "book", "192.0.2.7", {"label": "100%"}),
    Act(3, NOON + 3, "user:bob", "application", "site", "2001:db8::1"),
    Act(4, NOON + 4, "client:book", "token.revoke", "7", "192.0.2.8"),
    Act(5, NOON + 5, "user:alice", "applications.lost", "alice", "192.0.2.7", {"was": {"name": "Amt"}}),
)


async def kept(store: Store) -> None:
    await store.used([], [], ACTS)


async def test_an_act_is_found_by_its_row_id(opened: Opened) -> None:
    async with opened() as store:
        await kept(store)
        assert await store.act(2) == ACTS[1]
        assert await store.act(404) is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"text": "TELEFONBÜRO"}, [1]),
        ({"text": "192.0.2.7"}, [5, 2]),
        ({"text": "USER:"}, [5, 3, 2]),
        ({"text": "rotate"}, [2]),
        ({"text": "100%"}, [2]),
        ({"text": "%"}, [2]),
        ({"text": "_"}, []),
        ({"actor": "user:alice"}, [5, 2]),
        ({"actor": "user:ali"}, []),
        ({"target": "book"}, [2, 1]),
        ({"actor": "user:alice", "target": "book"}, [2]),
        ({"action": "application"}, [3, 2, 1]),
        ({"action": "application.add"}, [1]),
        ({"action": "app"}, []),
        ({"since": NOON + 3}, [5, 4, 3]),
        ({"until": NOON + 3}, [2, 1]),
        ({"since": NOON + 2, "until": NOON + 4, "text": "user"}, [3, 2]),
        ({"after": 3}, [5, 4]),
        ({"after": 5}, []),
        ({"after": 1, "action": "application", "actor": "user:alice"}, [2]),
    ],
)
async def test_acts_are_narrowed(opened: Opened, asked: dict[str, Any], found: list[int]) -> None:
    async with opened() as store:
        await kept(store)
        assert [act.id for act in await store.acts(ActsAsked(**asked))] == found
        assert await store.count_acts(ActsAsked(**asked)) == len(found)


async def test_what_is_narrowed_comes_page_by_page(opened: Opened) -> None:
    async with opened() as store:
        await kept(store)
        asked = ActsAsked(action="application")
        assert await store.acts(asked, limit=2) == (ACTS[2], ACTS[1])
        assert await store.acts(asked, before=2, limit=2) == (ACTS[0],)
        assert await store.acts(asked, before=1) == ()


async def test_numbers_beyond_all_row_ids_find_what_lies_before_and_behind_them(opened: Opened) -> None:
    beyond = 1 << 70
    async with opened() as store:
        await kept(store)
        assert await store.act(beyond) is None
        assert len(await store.acts(ActsAsked(since=-beyond, until=beyond, after=-beyond), before=beyond)) == len(ACTS)
        assert await store.count_acts(ActsAsked(after=beyond)) == await store.count_acts(ActsAsked(until=-beyond)) == 0


async def test_looks_in_a_persons_name_are_found_among_all_that_is_noted_of_them(opened: Opened) -> None:
    async with opened() as store:
        looks = [
            Act(10 + at, NOON + at, "user:root", "view.user", name) for at, name in enumerate(("alice", "bob", "alice"))
        ]
        others = [Act(20, NOON, "-", "user.refused", "alice"), Act(21, NOON, "user:root", "view.application", "alice")]
        await store.used([], [], [*looks, *others])
        assert [act.id for act in await store.acts(ActsAsked(looked_at="alice"))] == [12, 10]
        assert [act.id for act in await store.acts(ActsAsked(looked_at="alice", since=NOON + 1))] == [12]
        assert await store.acts(ActsAsked(looked_at="view.user")) == ()
