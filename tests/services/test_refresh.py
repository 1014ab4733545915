"""Rotation, and the grace in which a retry hears the same (RFC 6749 §6, RFC 9700 §4.14.2)."""

import asyncio

import pytest

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.secrets import Kind, row_of
from scopekeeper.oauth.token import Answer
from scopekeeper.services.grants import redeemers
from scopekeeper.services.uses import Uses
from tests.altered import replace
from tests.rules.granting import SCOPE
from tests.services.asked import Asked, as_store
from tests.services.counter import Counter, a_counter
from tests.stores.records import an_act

DAY = 86_400


async def refused(counter: Counter, token: str, **more: str) -> None:
    with pytest.raises(OAuthError) as error:
        await counter.refresh(token, **more)
    assert error.value.error == "invalid_grant"


async def alive(counter: Counter, answer: Answer) -> bool:
    """Is the family of this answer alive?"""
    row = row_of(answer.refresh_token, Kind.REFRESH_TOKEN)
    found = None if row is None else await counter.store.refresh_token(row)
    assert found is not None
    return found[1].revoked_at is None


def same(one: Answer, other: Answer) -> bool:
    return (one.access_token, one.refresh_token, one.id_token, one.scope) == (
        other.access_token,
        other.refresh_token,
        other.id_token,
        other.scope,
    )


async def test_a_retry_within_the_grace_hears_the_same_with_its_time_counted_down() -> None:
    counter = await a_counter()
    first = await counter.begun(scope=("openid", *SCOPE))
    second = await counter.refresh(first.refresh_token)
    counter.clock.advance(7)
    again = await counter.refresh(first.refresh_token)
    assert same(second, again)
    assert again.id_token
    assert (second.expires_in, again.expires_in) == (3_600, 3_593)
    assert await alive(counter, second)


async def test_a_hundred_at_once_hear_the_same() -> None:
    counter = await a_counter()
    first = await counter.begun()
    answers = await asyncio.gather(*(counter.refresh(first.refresh_token) for _ in range(100)))
    assert len({(each.access_token, each.refresh_token) for each in answers}) == 1
    assert await alive(counter, first)
    assert await counter.acts() == []


async def test_row_19_without_a_grace_one_wins_and_the_family_is_dead() -> None:
    counter = await a_counter(refresh_grace=0)
    first = await counter.begun()
    tries = (counter.refresh(first.refresh_token) for _ in range(100))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    (won,) = [each for each in answers if not isinstance(each, BaseException)]
    assert {each.error for each in answers if isinstance(each, OAuthError)} == {"invalid_grant"}
    await refused(counter, won.refresh_token)
    assert not await alive(counter, first)
    assert await counter.acts() == [("client:abc", "refresh.replayed")]


async def test_without_a_grace_nothing_is_sealed() -> None:
    counter = await a_counter(refresh_grace=0)
    first = await counter.begun()
    second = await counter.refresh(first.refresh_token)
    found = await counter.store.refresh_token(row_of(second.refresh_token, Kind.REFRESH_TOKEN) or 0)
    assert found is not None
    assert found[0].sealed is None


async def test_row_20_after_the_grace_the_family_dies() -> None:
    """RFC 9700 §4.14.2: the authorization server cannot tell which of the two was the attacker."""
    counter = await a_counter()
    first = await counter.begun()
    second = await counter.refresh(first.refresh_token)
    counter.clock.advance(11)
    await refused(counter, first.refresh_token)
    assert not await alive(counter, first)
    await refused(counter, second.refresh_token)


async def test_row_20_once_the_successor_was_used_the_family_dies_within_the_grace_too() -> None:
    """A grandparent is never graced."""
    counter = await a_counter()
    first = await counter.begun()
    second = await counter.refresh(first.refresh_token)
    third = await counter.refresh(second.refresh_token)
    await refused(counter, first.refresh_token)
    await refused(counter, third.refresh_token)
    assert await counter.acts() == [("client:abc", "refresh.replayed")]


async def test_with_other_parameters_it_is_refused_and_harms_nothing() -> None:
    counter = await a_counter()
    first = await counter.begun()
    second = await counter.refresh(first.refresh_token, scope="rest:callforward:read")
    for other in (
        {},
        {"scope": "rest:callforward:write"},
        {"scope": "rest:callforward:read", "resource": "https://a/"},
    ):
        await refused(counter, first.refresh_token, **other)
    assert same(second, await counter.refresh(first.refresh_token, scope="rest:callforward:read"))
    assert await alive(counter, first)


async def test_row_20_what_was_revoked_by_intention_is_never_graced() -> None:
    counter = await a_counter()
    first = await counter.begun()
    second = await counter.refresh(first.refresh_token)
    found = await counter.store.refresh_token(row_of(second.refresh_token, Kind.REFRESH_TOKEN) or 0)
    assert found is not None
    await counter.store.revoke_family(found[1].id, counter.clock.now(), None)
    await refused(counter, first.refresh_token)
    await refused(counter, second.refresh_token)


async def test_row_22_another_client_is_refused_within_the_grace_and_after_and_harms_nothing() -> None:
    counter = await a_counter()
    first = await counter.begun()
    second = await counter.refresh(first.refresh_token)
    for pause in (0, 60):
        counter.clock.advance(pause)
        with pytest.raises(OAuthError):
            await counter.refresh(first.refresh_token, client="other")
    assert (await counter.refresh(second.refresh_token)).access_token


async def test_row_19_whoever_lost_a_race_and_cannot_be_told_the_answer_ends_the_family() -> None:
    """The winner's answer is gone by then: its successor was used, or it was erased."""
    counter = await a_counter()
    first = await counter.begun()
    slow = Asked(counter.store)
    late = await a_counter_beside(counter, slow)
    loaded = asyncio.Event()

    async def refresh_token(row_id: int) -> object:
        found = await counter.store.refresh_token(row_id)
        if not loaded.is_set():
            loaded.set()
            second = await counter.refresh(first.refresh_token)
            await counter.refresh(second.refresh_token)
        return found

    slow.__dict__["refresh_token"] = refresh_token
    await refused(late, first.refresh_token)
    assert not await alive(counter, first)


async def a_counter_beside(counter: Counter, store: Asked) -> Counter:
    """Another process's counter, on the same store as this one sees it."""
    redeem = redeemers(as_store(store), as_store(store), counter.issuing, counter.prove, counter.factors, Uses())
    return replace(counter, exchange=replace(counter.exchange, redeemers=redeem))


@pytest.mark.parametrize("pauses", [[14], [10, 10, 10]], ids=["unused for two weeks", "at the end of thirty days"])
async def test_row_24_a_token_too_old_is_refused_and_its_family_left_alone(pauses: list[int]) -> None:
    """RFC 9700 §4.14.2: expire after inactivity; and an absolute end, however often it is used (ASVS 10.4.8)."""
    counter = await a_counter()
    first = last = await counter.begun()
    *used, too_long = pauses
    for pause in used:
        counter.clock.advance(pause * DAY)
        last = await counter.refresh(last.refresh_token)
    counter.clock.advance(too_long * DAY)
    await refused(counter, last.refresh_token)
    assert await alive(counter, first)
    assert await counter.acts() == []


async def test_row_24_a_refresh_that_is_refused_for_its_scope_spends_nothing() -> None:
    """RFC 6749 §6."""
    counter = await a_counter()
    first = await counter.begun()
    for scope in ("rest", "gql", "rest:unheard"):
        with pytest.raises(OAuthError) as error:
            await counter.refresh(first.refresh_token, scope=scope)
        assert error.value.error == "invalid_scope"
    narrow = await counter.refresh(first.refresh_token, scope="rest:callforward:read")
    assert narrow.scope == "rest:callforward:read"
    assert (await counter.refresh(narrow.refresh_token)).scope == " ".join(SCOPE)


async def test_it_ends_with_its_session_unless_it_may_outlive_it() -> None:
    counter = await a_counter()
    bound, offline = await counter.begun(), await counter.begun(scope=("offline_access", *SCOPE))
    await counter.store.end_session(70, an_act())
    await refused(counter, bound.refresh_token)
    assert (await counter.refresh(offline.refresh_token)).access_token


async def test_row_25_however_large_the_family_its_end_is_one_step() -> None:
    counter = await a_counter()
    first = last = await counter.begun()
    for _ in range(30):
        last = await counter.refresh(last.refresh_token)
    counted = Asked(counter.store)
    await refused(await a_counter_beside(counter, counted), first.refresh_token)
    assert counted.log == ["refresh_token", "user", "refresh_token", "revoke_family"]


async def test_a_refresh_costs_two_reads_and_one_commit() -> None:
    counter = await a_counter()
    first = await counter.begun()
    counted = Asked(counter.store)
    beside = await a_counter_beside(counter, counted)
    await beside.refresh(first.refresh_token)
    assert counted.log == ["refresh_token", "user", "rotate"]
    counted.log.clear()
    await beside.refresh(first.refresh_token)
    assert counted.log == ["refresh_token", "user", "refresh_token"]
