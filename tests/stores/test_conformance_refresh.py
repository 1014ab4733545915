"""What every store promises about refresh tokens: each is spent once, and its answer is kept for a retry only."""

import pytest

from scopekeeper.oauth.granted import RefreshToken
from scopekeeper.services.ports import Gone, Spent, Store, Taken, Use
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.families import a_family, a_refresh_token
from tests.stores.records import a_token, an_act


async def begin(store: Store) -> None:
    await store.begin_family(a_family(1), a_token(1, family_id=1), a_refresh_token(1, 1), None, None)


def spent(id: int, at: int = NOON + 1) -> RefreshToken:
    return a_refresh_token(id, 1, spent_at=at, successor=id + 1)


async def rotate(store: Store, id: int, at: int = NOON + 1) -> None:
    """`id` is spent, the next takes its place."""
    answer = b"answer %d" % (id + 1)
    await store.rotate(a_refresh_token(id, 1), at, a_refresh_token(id + 1, 1), answer, a_token(id + 1, family_id=1))


async def test_one_takes_the_place_of_the_other(opened: Opened) -> None:
    async with opened() as store:
        await begin(store)
        before = await store.changes()
        await rotate(store, 1)
        assert await store.refresh_token(1) == (spent(1), a_family(1))
        assert await store.refresh_token(2) == (a_refresh_token(2, 1, sealed=b"answer 2"), a_family(1))
        assert await store.token(2) == a_token(2, family_id=1)
        assert await store.refresh_token(3) is None
        assert await store.changes() == before


async def test_the_answer_is_erased_when_the_successor_is_used(opened: Opened) -> None:
    async with opened() as store:
        await begin(store)
        await rotate(store, 1)
        await rotate(store, 2)
        kept = [await store.refresh_token(row_id) for row_id in (1, 2, 3)]
        assert [found and found[0].sealed for found in kept] == [None, None, b"answer 3"]
        assert [found and found[0].spent_at for found in kept] == [NOON + 1, NOON + 1, None]


async def test_what_is_spent_is_not_spent_again_and_nothing_is_written(opened: Opened) -> None:
    async with opened() as store:
        await begin(store)
        await rotate(store, 1)
        with pytest.raises(Spent) as again:
            await store.rotate(a_refresh_token(1, 1), NOON + 9, a_refresh_token(7, 1), b"", a_token(7, family_id=1))
        assert again.value.family_id == 1
        assert [await store.refresh_token(7), await store.token(7)] == [None, None]
        assert await store.refresh_token(1) == (spent(1), a_family(1))


async def test_a_revoked_family_does_not_go_on_and_nothing_is_written(opened: Opened) -> None:
    async with opened() as store:
        await begin(store)
        await store.revoke_family(1, NOON, None)
        with pytest.raises(Gone):
            await rotate(store, 1)
        assert await store.refresh_token(1) == (a_refresh_token(1, 1), a_family(1, revoked_at=NOON))
        assert [await store.refresh_token(2), await store.token(2)] == [None, None]


async def test_what_is_not_there_is_gone(opened: Opened) -> None:
    async with opened() as store:
        with pytest.raises(Gone):
            await rotate(store, 1)
        await begin(store)
        await store.sweep_grants(NOON + 9_999, 2, 1)  # the family alone
        assert await store.refresh_token(1) is None
        with pytest.raises(Gone):
            await rotate(store, 1)


async def test_a_rotation_that_cannot_be_kept_spends_nothing(opened: Opened) -> None:
    async with opened() as store:
        await begin(store)
        await store.issue(a_token(2))
        with pytest.raises(Taken):
            await rotate(store, 1)
        assert await store.refresh_token(1) == (a_refresh_token(1, 1), a_family(1))


async def test_answers_are_erased_by_the_time_that_they_were_given(opened: Opened) -> None:
    async with opened() as store:
        await begin(store)
        for id in (2, 3, 4):
            family = replace(a_family(1), id=id)
            await store.begin_family(family, a_token(id * 10, family_id=id), a_refresh_token(id * 10, id), None, None)
            await store.rotate(
                a_refresh_token(id * 10, id),
                NOON + id,
                a_refresh_token(id * 10 + 1, id, issued_at=NOON + id),
                b"answer",
                a_token(id * 10 + 1, family_id=id),
            )
        assert await store.erase_sealed(NOON + 2, 10) == 0
        assert await store.erase_sealed(NOON + 4, 1) == 1
        assert await store.erase_sealed(NOON + 4, 10) == 1
        assert await store.erase_sealed(NOON + 4, 10) == 0
        kept = [await store.refresh_token(row_id) for row_id in (21, 31, 41)]
        assert [found and found[0].sealed for found in kept] == [None, None, b"answer"]
        assert await store.acts() == ()


async def test_when_a_family_was_last_used_is_noted_and_never_put_back(opened: Opened) -> None:
    async with opened() as store:
        await begin(store)
        before = await store.changes()
        await store.refreshed([Use(1, NOON + 5, None), Use(9, NOON, None)])
        await store.refreshed([Use(1, NOON + 4, None)])
        assert await store.family(1) == a_family(1, last_used_at=NOON + 5)
        assert await store.changes() == before


async def test_a_token_that_is_added_meanwhile_is_found_revoked_with_its_family(opened: Opened) -> None:
    async with opened() as store:
        await begin(store)
        await rotate(store, 1)
        await store.revoke_family(1, NOON + 2, an_act())
        tokens = [await store.token(row_id) for row_id in (1, 2)]
        assert [token and token.revoked_at for token in tokens] == [NOON + 2] * 2
