"""Consents, as whoever keeps the server sees them: listed, and taken back in a person's stead."""

import pytest

from scopekeeper.services.consents import TOGETHER, Consents
from scopekeeper.services.lists import ConsentsAsked
from scopekeeper.services.ports import Gone
from scopekeeper.store import MemoryStore
from tests.fixtures import NOON, FixedClock, FixedEntropy
from tests.stores.families import ALICE, BOB, READ, a_code, a_consent, a_family, grant
from tests.stores.people import a_user
from tests.stores.records import a_client, an_act

ADDRESS = "203.0.113.7"


async def a_store() -> MemoryStore:
    """Alice lets in two applications, bob one."""
    store = MemoryStore()
    for user in (ALICE, BOB):
        await store.add_user(user, an_act())
    for client_id in ("book", "clock"):
        await store.add_client(a_client(client_id), an_act())
    await grant(store, a_family(1), a_consent())
    await grant(store, a_family(2, "clock"), a_consent("clock"))
    await grant(store, a_family(3, user=BOB), a_consent(user=BOB))
    return store


def kept(store: MemoryStore) -> Consents:
    return Consents(store, FixedClock(), FixedEntropy(first=2_000_000))


async def told(consents: Consents, asked: ConsentsAsked) -> list[tuple[str, str]]:
    return [(name, consent.client_id) async for consent, name in consents.every(asked)]


async def test_they_are_listed_by_person_and_application() -> None:
    consents = kept(await a_store())
    assert await told(consents, ConsentsAsked()) == [("alice", "book"), ("alice", "clock"), ("bob", "book")]
    assert await told(consents, ConsentsAsked(client_id="book")) == [("alice", "book"), ("bob", "book")]
    assert await told(consents, ConsentsAsked(user="alice")) == [("alice", "book"), ("alice", "clock")]
    assert await consents.count(ConsentsAsked(user="alice")) == 2
    [(behind, _)] = await consents.page(ConsentsAsked(), after=("alice", "clock"))
    assert behind.user_id == BOB.id


async def test_one_is_found_with_the_grants_that_live_of_it() -> None:
    consents = kept(await a_store())
    consent = await consents.get("alice", "book")
    assert consent.scope == (READ,)
    assert [family.id for family in await consents.families(consent)] == [1]


async def test_one_that_is_taken_back_takes_along_all_that_came_of_it_and_nothing_else() -> None:
    store = await a_store()
    await store.add_code(a_code(9), None, None)
    consents = kept(store)
    assert await consents.withdraw("alice", "book", "user:root", ADDRESS) == 1
    assert await store.code(9) is None
    assert {number for number in (1, 2, 3) if (await store.token(number)).revoked_at is not None} == {1}  # type: ignore[union-attr]  # they are there
    assert await told(consents, ConsentsAsked()) == [("alice", "clock"), ("bob", "book")]
    [act, *_] = await store.acts()
    assert (act.actor, act.action, act.target, act.address) == ("user:root", "consent.withdraw", "book", ADDRESS)
    assert (act.at, act.details) == (NOON, {"user": "alice", "scope": READ})


@pytest.mark.parametrize(("user", "client_id"), [("alice", "nothing"), ("nobody", "book"), ("bob", "clock"), ("", "")])
async def test_what_is_not_allowed_cannot_be_taken_back(user: str, client_id: str) -> None:
    store = await a_store()
    acts = len(await store.acts())
    with pytest.raises(Gone):
        await kept(store).withdraw(user, client_id, "user:root")
    assert len(await store.acts()) == acts


async def test_one_that_a_compromise_ended_is_not_there() -> None:
    store = await a_store()
    await store.compromise("book", None, an_act())
    with pytest.raises(Gone):
        await kept(store).get("alice", "book")


async def test_all_that_match_are_taken_back_however_many_with_a_record_of_each() -> None:
    store, many = await a_store(), 2 * TOGETHER + 1
    people = [a_user(100 + each, f"person{each}") for each in range(many)]
    for each, user in enumerate(people):
        await store.add_user(user, an_act())
        await store.add_code(a_code(100 + each), a_consent("book", user), None)
    consents = kept(store)
    assert await consents.withdraw_matching(ConsentsAsked(client_id="book"), NOON + 1, "user:root") == many + 2
    assert await told(consents, ConsentsAsked()) == [("alice", "clock")]
    acts = [act for act in await store.acts() if act.action == "consent.withdraw"]
    assert {act.details["user"] for act in acts} == {"alice", "bob", *(user.name for user in people)}
    assert len(acts) == many + 2
