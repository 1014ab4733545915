"""What a person owns: applications name an account that is there, and a removed account owns nothing any more."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from scopekeeper.oauth.applications import Changes, Draft, Unfit
from scopekeeper.oauth.records import ApplicationType, Client
from scopekeeper.sdk import ApiModule, Caller, record
from scopekeeper.services.applications import Applications
from scopekeeper.services.ports import Act
from scopekeeper.store import MemoryStore, open_sqlite
from tests.altered import replace
from tests.building import built
from tests.fixtures import FixedClock, FixedEntropy
from tests.stores.people import a_user
from tests.stores.records import an_act


async def test_an_application_is_owned_by_an_account_that_is_there(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        accounts, applications = house.house.accounts, house.house.applications
        for nobody in ("alice", "no name!"):
            with pytest.raises(Unfit) as unfit:
                await house.register(owner=nobody)
            assert unfit.value.field == "owner"
        await accounts.add("alice", password=None, email=None, admin=False, actor="cli:test")
        made = await house.register(owner="Alice")
        assert (await applications.get(made.client_id)).owner == "alice"
        with pytest.raises(Unfit):
            await applications.change(made.client_id, Changes(owner="bob"), "cli:test")
        await applications.change(made.client_id, Changes(owner=None), "cli:test")
        await applications.change(made.client_id, Changes(owner="ALICE"), "cli:test")
        assert (await applications.get(made.client_id)).owner == "alice"
        await accounts.remove("alice", "cli:test")
        assert (await applications.get(made.client_id)).owner is None
        await applications.change(made.client_id, Changes(name="Day shift"), "cli:test")


async def test_extensions_of_a_removed_account_are_nobodys(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        for extension, owner in (("1001", "alice"), ("1002", "bob")):
            await house.house.run("updateExtension", extension=extension, body={"owner": owner})
        await house.house.accounts.add("alice", password=None, email=None, admin=False, actor="cli:test")
        await house.house.accounts.remove("alice", "cli:test")
        owners = [(await house.house.run("extension", extension=each)).owner for each in ("1001", "1002", "1003")]
        assert owners == [None, "bob", None]


chairs_api = ApiModule("chairs", title="Chairs", read="See chairs", write="Move chairs")


@record
class Chair:
    """Always somebody's."""

    chair: str
    sitter: str


chairs = chairs_api.table(Chair, key="chair", owner="sitter")


@chairs_api.read("GET /{chair}", field="chair", of=chairs)
async def get_chair(caller: Caller, chair: str) -> Chair:
    """One chair."""
    return await caller.rows(chairs).get(chair)


async def test_rows_that_must_name_somebody_name_nobody_then_and_their_version_is_new(tmp_path: Path) -> None:
    from scopekeeper.sdk.data import Work, Write

    store = open_sqlite(tmp_path / "it.db")
    data = store.data([chairs], FixedEntropy())
    await store.add_user(a_user(), an_act())
    await data.commit(Work(writes=[Write(chairs, "1", Chair("1", "alice"), None)]))
    before = await data.get(chairs, "1", "alice")
    await store.remove_user("alice", an_act())
    assert await data.get(chairs, "1", "alice") is None
    after = await data.get(chairs, "1", None)
    assert before is not None
    assert after is not None
    assert after.record == Chair("1", "")
    assert after.version != before.version
    await store.close()


class BobIsGoing(MemoryStore):
    """Bob's account goes between the look at it and the commit that gives him something."""

    async def add_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        await self._remove(client)
        await super().add_client(client, act, owner=owner)

    async def save_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        await self._remove(client)
        await super().save_client(client, act, owner=owner)

    async def _remove(self, client: Client) -> None:
        if client.owner == "bob" and await self.user("bob") is not None:
            await self.remove_user("bob", an_act())


async def test_row_55_an_application_given_to_somebody_removed_in_that_moment_is_not_given() -> None:
    """Else whoever is called so next would own it."""
    store = BobIsGoing()
    applications = Applications(store, store, FixedClock(), FixedEntropy(), lambda scope: True)
    draft = Draft(name="Night shift", type=ApplicationType.M2M, scope="rest")
    made = await applications.add(draft, "cli:test")
    acts: list[Callable[[], Awaitable[object]]] = [
        lambda: applications.change(made.client.client_id, Changes(owner="bob"), "cli:test"),
        lambda: applications.add(replace(draft, owner="bob"), "cli:test"),
    ]
    for act in acts:
        await store.add_user(a_user(name="bob"), an_act())
        with pytest.raises(Unfit) as unfit:
            await act()
        assert unfit.value.field == "owner"
        assert await store.user("bob") is None
    assert [each.owner for each in await applications.all()] == [None]
