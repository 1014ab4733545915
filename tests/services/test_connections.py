"""What a person allowed, seen and taken back by that person."""

from scopekeeper.services.connections import Connections
from scopekeeper.services.ports import Use
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.fixtures import NOON, FixedClock, FixedEntropy
from tests.stores.families import ALICE, BOB, READ, WRITE, a_code, a_consent, a_family, grant
from tests.stores.records import a_client, a_secret, an_act

ADDRESS = "203.0.113.7"


async def a_store() -> MemoryStore:
    """Alice and bob, and two applications."""
    store = MemoryStore()
    for user in (ALICE, BOB):
        await store.add_user(user, an_act())
    for client_id, name in (("book", "Phone book"), ("clock", "alarm clock")):
        await store.add_client(a_client(client_id, name=name), an_act())
    return store


def connections(store: MemoryStore) -> Connections:
    return Connections(store, FixedClock(), FixedEntropy(first=2_000_000))


async def test_whoever_allowed_nothing_is_shown_nothing() -> None:
    assert await connections(await a_store()).of(ALICE) == []


async def test_an_application_is_shown_with_all_that_it_may_and_since_when() -> None:
    store = await a_store()
    await grant(store, a_family(1), a_consent())
    [shown] = await connections(store).of(ALICE)
    assert (shown.client.name, shown.scope, shown.granted_at) == ("Phone book", (READ, WRITE), NOON - 900)
    assert (shown.live, shown.last_used_at) == (True, None)
    assert await connections(store).of(BOB) == []


async def test_a_grant_without_a_consent_is_shown_too_and_a_consent_without_a_grant() -> None:
    store = await a_store()
    await grant(store, a_family(1, "clock"))
    await store.add_code(a_code(9), a_consent(), None)
    clock, book = await connections(store).of(ALICE)
    assert (clock.client.client_id, clock.live, clock.granted_at) == ("clock", True, NOON - 600)
    assert (book.client.client_id, book.live, book.scope) == ("book", False, (READ,))


async def test_they_are_counted_as_they_are_shown() -> None:
    store = await a_store()
    assert await connections(store).count(ALICE) == 0
    await grant(store, a_family(1), a_consent())
    await grant(store, a_family(2, "clock"))
    await grant(store, a_family(3, user=BOB))
    assert (await connections(store).count(ALICE), await connections(store).count(BOB)) == (2, 1)
    await store.compromise("book", None, an_act())
    assert (await connections(store).count(ALICE), await connections(store).count(BOB)) == (1, 0)


async def test_it_was_last_used_when_a_token_of_it_was_or_when_it_refreshed() -> None:
    store = await a_store()
    await grant(store, a_family(1, last_used_at=NOON - 300))
    await grant(store, a_family(2, "clock"))
    [_, book] = await connections(store).of(ALICE)
    assert book.last_used_at == NOON - 300
    await store.used([Use(1, NOON - 10, ADDRESS), Use(2, NOON - 20, ADDRESS)], (), ())
    assert [each.last_used_at for each in await connections(store).of(ALICE)] == [NOON - 20, NOON - 10]


async def test_what_is_over_is_not_shown() -> None:
    store = await a_store()
    await grant(store, a_family(1, expires_at=NOON))
    await grant(store, a_family(2, "clock", revoked_at=NOON - 1))
    assert await connections(store).of(ALICE) == []


async def test_an_application_that_was_compromised_or_removed_has_nothing_of_before() -> None:
    store = await a_store()
    await grant(store, a_family(1), a_consent())
    await grant(store, a_family(2, "clock"), a_consent("clock"))
    await store.compromise("book", a_secret(77, "book"), an_act())
    await store.remove_client("clock", an_act())
    assert await connections(store).of(ALICE) == []


async def test_one_that_is_shut_out_is_still_shown_and_can_be_taken_back() -> None:
    store = await a_store()
    await grant(store, a_family(1), a_consent())
    book = await store.client("book")
    assert book is not None
    await store.save_client(replace(book, enabled=False, revision=1), an_act())
    assert [each.client.enabled for each in await connections(store).of(ALICE)] == [False]
    assert await connections(store).withdraw(ALICE, "book") is not None
    assert await connections(store).of(ALICE) == []


async def test_what_is_taken_back_is_dead_and_nobody_elses_is_touched() -> None:
    store = await a_store()
    await grant(store, a_family(1), a_consent())
    await grant(store, a_family(2))
    await grant(store, a_family(3, "clock"))
    await grant(store, a_family(4, user=BOB), a_consent(user=BOB))
    await store.add_code(a_code(9), None, None)
    withdrawn = await connections(store).withdraw(ALICE, "book", ADDRESS)
    assert withdrawn is not None
    assert withdrawn.name == "Phone book"
    assert await store.consent(ALICE.id, "book") is None
    assert await store.code(9) is None
    alive = {}
    for number in (1, 2, 3, 4):
        token = await store.token(number)
        assert token is not None
        alive[number] = token.revoked_at is None
    assert alive == {1: False, 2: False, 3: True, 4: True}
    assert await store.consent(BOB.id, "book") is not None
    [act, *_] = await store.acts()
    assert (act.actor, act.action, act.target, act.address) == ("user:alice", "consent.withdraw", "book", ADDRESS)
    assert act.details == {"name": "Phone book", "scope": f"{READ} {WRITE}"}


async def test_where_nothing_was_allowed_nothing_is_done_and_nothing_noted() -> None:
    store = await a_store()
    await grant(store, a_family(4, user=BOB), a_consent(user=BOB))
    acts = len(await store.acts())
    for client_id in ("book", "nobody", ""):
        assert await connections(store).withdraw(ALICE, client_id) is None
    assert len(await store.acts()) == acts
    assert [each.live for each in await connections(store).of(BOB)] == [True]
