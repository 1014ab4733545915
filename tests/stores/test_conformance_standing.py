"""What an act on an application takes for granted is looked at in its own transaction, by every store."""

from collections.abc import Awaitable, Callable

import pytest

from scopekeeper.services.ports import NOTHING, Gone, Stale, Store, Supposed
from tests.altered import replace
from tests.stores.conftest import Opened
from tests.stores.people import a_user
from tests.stores.records import a_client, a_secret, an_act

NAME = "night-shift"
ALICE, BOB = a_user(1, "alice"), a_user(2, "bob")
SO = Supposed(owner=ALICE.id, newest=7, generation=1, revision=1)


async def furnish(store: Store) -> None:
    """Alice, and her application of generation 1, whose secret is 7; and bob."""
    await store.add_user(ALICE, an_act())
    await store.add_user(BOB, an_act())
    await store.add_client(a_client(owner="alice"), an_act())
    await store.compromise(NAME, a_secret(7), an_act())


ACTS: dict[str, Callable[[Store, Supposed], Awaitable[None]]] = {
    "add_secret": lambda store, supposed: store.add_secret(a_secret(8), {}, an_act(), supposed),
    "compromise": lambda store, supposed: store.compromise(NAME, a_secret(8), an_act(), supposed),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "supposed",
    [NOTHING, SO, Supposed(owner=ALICE.id), Supposed(newest=7), Supposed(generation=1), Supposed(revision=1)],
)
async def test_what_is_as_it_was_supposed_to_be_is_acted_on(opened: Opened, act: str, supposed: Supposed) -> None:
    async with opened() as store:
        await furnish(store)
        await ACTS[act](store, supposed)
        found = await store.client(NAME)
        assert found is not None
        assert found.secrets[-1].id == 8


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    ("supposed", "refusal"),
    [
        (replace(SO, owner=BOB.id), Gone),
        (replace(SO, newest=6), Stale),
        (replace(SO, newest=0), Stale),
        (replace(SO, generation=0), Stale),
        (replace(SO, revision=0), Stale),
    ],
)
async def test_what_is_otherwise_is_left_alone(
    opened: Opened, act: str, supposed: Supposed, refusal: type[Exception]
) -> None:
    async with opened() as store:
        await furnish(store)
        before, acts = await store.client(NAME), await store.acts()
        with pytest.raises(refusal):
            await ACTS[act](store, supposed)
        assert (await store.client(NAME), await store.acts()) == (before, acts)


@pytest.mark.parametrize("act", ACTS)
async def test_an_owner_who_is_shut_out_owns_nothing(opened: Opened, act: str) -> None:
    async with opened() as store:
        await furnish(store)
        await store.save_user(replace(ALICE, enabled=False, revision=1), an_act(), end_sessions=True)
        with pytest.raises(Gone):
            await ACTS[act](store, SO)


async def test_an_application_without_a_secret_has_0_for_its_newest(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        await store.add_secret(a_secret(8), {}, an_act(), Supposed(newest=0))
        with pytest.raises(Stale):
            await store.add_secret(a_secret(9), {}, an_act(), Supposed(newest=0))


async def test_row_55_an_application_is_given_to_nobody_who_was_removed_in_that_moment(opened: Opened) -> None:
    """Else the name stayed on it, and who is called so next would own it."""
    async with opened() as store:
        await furnish(store)
        await store.remove_user("bob", an_act())
        acts = await store.acts()
        with pytest.raises(Stale):
            await store.add_client(a_client("other", owner="bob"), an_act(), owner=BOB.id)
        found = await store.client(NAME)
        assert found is not None
        with pytest.raises(Stale):
            await store.save_client(replace(found, owner="bob", revision=found.revision + 1), an_act(), owner=BOB.id)
        assert await store.client("other") is None
        assert await store.client(NAME) == found
        assert await store.acts() == acts
        given = replace(found, owner="alice", revision=found.revision + 1)
        await store.save_client(given, an_act(), owner=ALICE.id)
        await store.add_client(a_client("other", owner="alice"), an_act(), owner=ALICE.id)


async def test_row_55_the_last_administrator_is_neither_made_less_nor_removed_where_one_is_kept(opened: Opened) -> None:
    async with opened() as store:
        carol = replace(a_user(3, "carol"), admin=True, password="hash")
        await store.add_user(carol, an_act())
        await store.add_user(replace(a_user(4, "dave"), admin=True, password=None), an_act())
        acts = await store.acts()
        for less in (replace(carol, admin=False, revision=1), replace(carol, enabled=False, revision=1)):
            with pytest.raises(Stale):
                await store.save_user(less, an_act(), end_sessions=True, keep_admin=True)
        with pytest.raises(Stale):
            await store.remove_user("carol", an_act(), keep_admin=True)
        assert await store.user("carol") == carol
        assert await store.acts() == acts
        await store.add_user(replace(a_user(5, "erin"), admin=True, password="hash"), an_act())
        await store.save_user(replace(carol, admin=False, revision=1), an_act(), end_sessions=True, keep_admin=True)
        await store.remove_user("carol", an_act(), keep_admin=True)


async def test_what_was_edited_since_it_was_seen_is_not_removed(opened: Opened) -> None:
    async with opened() as store:
        await furnish(store)
        acts = await store.acts()
        with pytest.raises(Stale):
            await store.remove_client(NAME, an_act(), Supposed(revision=0))
        with pytest.raises(Stale):
            await store.remove_user("alice", an_act(), ALICE.revision + 1)
        assert await store.client(NAME) is not None
        assert await store.user("alice") == ALICE
        assert await store.acts() == acts
        await store.remove_client(NAME, an_act(), SO)
        await store.remove_user("alice", an_act(), ALICE.revision)
        assert (await store.client(NAME), await store.user("alice")) == (None, None)
