"""The owner's door: one's own applications and nobody else's, and nothing but two acts."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from scopekeeper.oauth.applications import Changes, Draft
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.services.applications import Applications, Compromise, Credential
from scopekeeper.services.audit import AuditLog
from scopekeeper.services.consents import Consents
from scopekeeper.services.owned import Owned
from scopekeeper.services.ports import Gone, Stale
from scopekeeper.services.tokens import Tokens
from scopekeeper.services.usage import UsageBook
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.fixtures import NOON
from tests.services.desk import Desk, a_desk

ADDRESS = "203.0.113.7"
DAY = 86_400


class House:
    """Alice, who owns an application, and bob, who owns none of that."""

    def __init__(self, desk: Desk, applications: Applications, alice: User, bob: User, client_id: str) -> None:
        self.desk, self.applications, self.alice, self.bob, self.client_id = desk, applications, alice, bob, client_id
        store, clock, entropy = desk.store, desk.clock, desk.entropy
        self.owned = Owned(
            applications,
            Tokens(store, clock, entropy),
            Consents(store, clock, entropy),
            AuditLog(store),
            UsageBook(store, clock),
            Lifetimes(3_600),
            clock,
        )

    async def newest(self) -> int:
        return max(each.id for each in (await self.applications.get(self.client_id)).secrets)

    async def facts(self) -> object:
        """All that an act on the application could have changed."""
        client = await self.applications.get(self.client_id)
        return client.secrets, client.generation, len(await self.desk.store.acts())


async def a_house() -> House:
    desk = a_desk(MemoryStore())
    alice, bob = await desk.add("alice"), await desk.add("bob")
    applications = Applications(desk.store, desk.store, desk.clock, desk.entropy, {"rest"}.__contains__)
    made = await applications.add(a_draft("Night shift", owner="alice"), "cli:test")
    return House(desk, applications, alice, bob, made.client.client_id)


def a_draft(name: str, **told: Any) -> Draft:
    return Draft(**{"name": name, "type": ApplicationType.M2M, "scope": "rest", **told})


async def rotate(house: House, user: User) -> Credential:
    return await house.owned.rotate(user, house.client_id, DAY, newest=await house.newest(), address=ADDRESS)


async def compromised(house: House, user: User) -> Compromise:
    client = await house.applications.get(house.client_id)
    return await house.owned.compromised(
        user, house.client_id, NOON - DAY, generation=client.generation, address=ADDRESS
    )


Acting = Callable[[House, User], Awaitable[object]]
ACTS: dict[str, Acting] = {"rotate": rotate, "compromised": compromised}


async def test_everybody_sees_their_own_by_name_a_page_at_a_time() -> None:
    house = await a_house()
    for name, owner in (("Alarm", "alice"), ("Of bob", "bob"), ("Of nobody", None)):
        await house.applications.add(a_draft(name, owner=owner), "cli:test")
    assert [each.name for each in await house.owned.of(house.alice)] == ["Alarm", "Night shift"]
    [first] = await house.owned.of(house.alice, limit=1)
    assert [each.name for each in await house.owned.of(house.alice, after=first.client_id)] == ["Night shift"]
    assert [each.name for each in await house.owned.of(house.bob)] == ["Of bob"]


async def test_an_owner_rotates_and_the_log_says_who_it_was() -> None:
    house = await a_house()
    made = await rotate(house, house.alice)
    assert made.client_secret is not None
    old, new = made.client.secrets
    assert (old.expires_at, new.expires_at, new.created_by) == (NOON + DAY, None, "user:alice")
    [act, *_] = await house.desk.store.acts()
    assert (act.actor, act.action, act.target, act.address) == (
        "user:alice", "application.rotate", house.client_id, ADDRESS,
    )  # fmt: skip


async def test_an_owner_declares_it_compromised_and_the_log_says_who_it_was() -> None:
    house = await a_house()
    done = await compromised(house, house.alice)
    assert (done.secrets_ended, len(done.credential.client.secrets)) == (1, 1)
    [act, *_] = await house.desk.store.acts()
    assert (act.actor, act.action, act.address) == ("user:alice", "application.compromised", ADDRESS)


@pytest.mark.parametrize("act", ACTS)
async def test_row_55_whose_it_is_not_finds_nothing_there(act: str) -> None:
    house = await a_house()
    before = await house.facts()
    for client_id in (house.client_id, "nobody", ""):
        with pytest.raises(Gone, match=f"there is no application {client_id!r}"):
            await house.owned.get(house.bob, client_id)
    with pytest.raises(Gone, match="there is no application"):
        await ACTS[act](house, house.bob)
    assert await house.facts() == before


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("change", ["given away", "disabled", "removed"])
async def test_row_55_whoever_loses_it_in_that_very_moment_does_nothing_any_more(
    act: str, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await a_house()

    async def looked_away(user: User, client_id: str) -> None:
        """The look before the act, which the change overtakes."""

    monkeypatch.setattr(Owned, "get", lambda _, user, client_id: looked_away(user, client_id))
    if change == "given away":
        await house.applications.change(house.client_id, Changes(owner="bob"), "cli:test")
    elif change == "disabled":
        await house.desk.accounts.enable("alice", False, "cli:test")
    else:
        await house.desk.accounts.remove("alice", "cli:test")
    before = await house.facts()
    with pytest.raises(Gone, match="there is no application"):
        await ACTS[act](house, house.alice)
    assert await house.facts() == before


async def test_an_act_that_is_sent_twice_is_done_once() -> None:
    house = await a_house()
    newest = await house.newest()
    await house.owned.rotate(house.alice, house.client_id, DAY, newest=newest)
    await house.owned.compromised(house.alice, house.client_id, 0, generation=0)
    before = await house.facts()
    with pytest.raises(Stale):
        await house.owned.rotate(house.alice, house.client_id, DAY, newest=newest)
    with pytest.raises(Stale):
        await house.owned.compromised(house.alice, house.client_id, 0, generation=0)
    assert await house.facts() == before


async def test_a_later_account_of_the_same_name_owns_nothing_of_the_former() -> None:
    house = await a_house()
    await house.desk.accounts.remove("alice", "cli:test")
    later = await house.desk.add("alice")
    assert await house.owned.of(later) == ()
    with pytest.raises(Gone):
        await house.owned.get(later, house.client_id)


async def test_a_later_account_of_the_same_name_is_not_the_owner_that_was_supposed() -> None:
    house = await a_house()
    await house.desk.accounts.remove("alice", "cli:test")
    await house.desk.add("alice")
    await house.applications.change(house.client_id, Changes(owner="alice"), "cli:test")
    with pytest.raises(Gone):
        await rotate(house, replace(house.alice))
