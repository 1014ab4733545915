"""What every store promises about signing keys, the audit log, changes, and process numbers."""

import pytest

from scopekeeper.oauth.keys import KeyState
from scopekeeper.services.ports import Act, Stale, Taken, Unavailable
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.records import a_client, a_key, a_secret, a_token, an_act

NOW = NOON * 1000


async def test_signing_keys_are_replaced_as_a_set_and_kept_the_oldest_first(opened: Opened) -> None:
    old, new = a_key("b", created_at=NOON), a_key("a", KeyState.NEXT, created_at=NOON + 1)
    async with opened() as store:
        assert await store.keys() == ()
        await store.save_keys([], [new, old], an_act("keys.make"))
        assert await store.keys() == (old, new)
        retired = replace(old, state=KeyState.RETIRING, retires_at=NOON + 9)
        await store.save_keys([old, new], [retired, replace(new, state=KeyState.ACTIVE)], None)
        assert await store.keys() == (retired, replace(new, state=KeyState.ACTIVE))
        assert [act.action for act in await store.acts()] == ["keys.make"]


async def test_a_set_of_keys_that_has_changed_is_stale(opened: Opened) -> None:
    async with opened() as store:
        await store.save_keys([], [a_key("a", KeyState.NEXT)], None)
        for was in ([], [a_key("a", KeyState.ACTIVE)], [a_key("a", KeyState.NEXT), a_key("b")]):
            with pytest.raises(Stale):
                await store.save_keys(was, [a_key("z")], an_act())
        assert [key.kid for key in await store.keys()] == ["a"]
        assert await store.acts() == ()


async def test_acts_are_listed_newest_first(opened: Opened) -> None:
    acts = [
        Act(row_id, NOON, "cli:root", "application.add", "it", "192.0.2.1", {"scope": ["rest"], "times": 2})
        for row_id in range(1, 5)
    ]
    async with opened() as store:
        await store.used([], [], acts)
        assert await store.acts() == tuple(reversed(acts))
        assert await store.acts(before=3, limit=1) == (acts[1],)


async def test_every_change_that_a_cache_could_hide_raises_the_number(opened: Opened) -> None:
    async with opened() as store:
        seen = [await store.changes()]

        async def note() -> None:
            seen.append(await store.changes())

        await store.add_client(a_client(), an_act())
        await note()
        await store.save_client(a_client(revision=1), an_act())
        await note()
        await store.add_secret(a_secret(1), {}, an_act())
        await note()
        await store.compromise("night-shift", None, an_act())
        await note()
        await store.issue(a_token(1))
        assert await store.revoke([1], NOON, None) == 1
        await note()
        await store.save_keys([], [a_key("a")], None)
        await note()
        await store.remove_client("night-shift", an_act())
        await note()
        assert seen == sorted(set(seen))


async def test_what_no_cache_hides_does_not_raise_the_number(opened: Opened) -> None:
    async with opened() as store:
        before = await store.changes()
        await store.issue(a_token(1))
        await store.sweep(NOON + 7200, 10)
        await store.revoke([404], NOON, None)
        await store.lease("me", NOW, 1000)
        await store.release("me")
        assert await store.changes() == before


async def test_a_process_number_is_one_holders_and_is_renewed(opened: Opened) -> None:
    async with opened() as store:
        mine = await store.lease("me", NOW, 60_000)
        other = await store.lease("other", NOW, 60_000)
        assert mine.number != other.number
        assert (mine.not_before, mine.until) == (NOW, NOW + 60_000)
        renewed = await store.lease("me", NOW + 20_000, 60_000)
        assert (renewed.number, renewed.not_before, renewed.until) == (mine.number, NOW, NOW + 80_000)
        late = await store.lease("me", NOW + 900_000, 60_000)
        assert late.number == mine.number


async def test_a_lease_is_not_shortened_by_a_clock_that_is_set_back(opened: Opened) -> None:
    async with opened() as store:
        mine = await store.lease("me", NOW, 60_000)
        assert (await store.lease("me", NOW - 30_000, 60_000)).until == mine.until


async def test_all_process_numbers_can_be_held_and_no_more(opened: Opened) -> None:
    async with opened() as store:
        held = {(await store.lease(f"holder {each}", NOW, 60_000)).number for each in range(1024)}
        assert held == set(range(1024))
        with pytest.raises(Taken):
            await store.lease("one too many", NOW + 59_999, 60_000)
        assert (await store.lease("later", NOW + 60_000, 60_000)).not_before == NOW + 60_001


async def test_a_numbers_next_holder_begins_behind_the_last_lease_even_when_that_was_given_back(opened: Opened) -> None:
    async with opened() as store:
        leases = [await store.lease(f"holder {each}", NOW, 60_000 + each) for each in range(1024)]
        await store.release("holder 7")
        following = await store.lease("next", NOW + 1, 60_000)
        assert following.number == leases[7].number
        assert following.not_before > leases[7].until
        assert following.until > following.not_before


async def test_the_latest_lease_is_known_whoever_has_it_or_had_it(opened: Opened) -> None:
    async with opened() as store:
        assert await store.latest_lease() == 0
        await store.lease("me", NOW, 60_000)
        await store.lease("other", NOW + 5_000, 60_000)
        assert await store.latest_lease() == NOW + 65_000
        await store.release("other")
        assert await store.latest_lease() == NOW + 65_000


async def test_leases_of_a_wrong_clock_are_set_aside_and_their_numbers_nobodys_until_then(opened: Opened) -> None:
    async with opened() as store:
        await store.lease("me", NOW, 60_000)
        wrong = [await store.lease(each, NOW + 900_000, 60_000) for each in ("wrong", "wrong too")]
        await store.release("wrong too")
        assert await store.set_aside(NOW + 60_000) == 2
        assert await store.set_aside(NOW + 60_000) == 0
        assert await store.latest_lease() == NOW + 60_000
        numbers = {each.number for each in wrong}
        assert (await store.lease("wrong", NOW, 60_000)).number not in numbers
        for each in range(1020):
            assert (await store.lease(f"holder {each}", NOW + 1, 60_000)).number not in numbers
        with pytest.raises(Taken):
            await store.lease("one too many", NOW + 2, 60_000)


async def test_what_comes_after_the_end_is_unavailable(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        await store.close()
        with pytest.raises(Unavailable):
            await store.client("night-shift")
        with pytest.raises(Unavailable):
            await store.clients()
        with pytest.raises(Unavailable):
            await store.issue(a_token(1))
        with pytest.raises(Unavailable):
            await store.changes()
