"""What somebody supposes of an application or an account is judged again where somebody else came first."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, Secret
from scopekeeper.services.ports import NOTHING, Act, Supposed
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.api.administration import APPLICATION, PERSON
from tests.api.house import Answer, House

OTHER = Act(90, 0, "user:other", "other.edit", "it")


class Overtaken(MemoryStore):
    """A store in which, once it is said so, somebody else's edit is committed just before the next write."""

    def __init__(self) -> None:
        super().__init__()
        self.first: Callable[[], Awaitable[None]] | None = None

    async def _overtaken(self) -> None:
        first, self.first = self.first, None
        if first is not None:
            await first()

    async def save_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        await self._overtaken()
        await super().save_client(client, act, owner=owner)

    async def remove_client(self, client_id: str, act: Act, supposed: Supposed = NOTHING) -> None:
        await self._overtaken()
        await super().remove_client(client_id, act, supposed)

    async def save_user(self, user: User, act: Act, **ends: Any) -> None:
        await self._overtaken()
        await super().save_user(user, act, **ends)

    async def remove_user(self, name: str, act: Act, revision: int | None = None, *, keep_admin: bool = False) -> None:
        await self._overtaken()
        await super().remove_user(name, act, revision, keep_admin=keep_admin)

    async def edit_client(self) -> None:
        client = await self.client(APPLICATION)
        assert client is not None
        await self.save_client(replace(client, website="https://other.example", revision=client.revision + 1), OTHER)

    async def edit_user(self) -> None:
        user = await self.user(PERSON)
        assert user is not None
        await self.save_user(
            replace(user, email="other@example.com", revision=user.revision + 1), OTHER, end_sessions=False
        )


PLACES = {"application": f"/admin/applications/{APPLICATION}", "user": f"/admin/users/{PERSON}"}
EDITS: dict[str, dict[str, Any]] = {"application": {"name": "Mine"}, "user": {"admin": True}}
OTHERS: dict[str, tuple[str, str]] = {
    "application": ("website", "https://other.example"),
    "user": ("email", "other@example.com"),
}
both = pytest.mark.parametrize("what", PLACES)


async def asked(house: House, method: str, what: str, body: object = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await house.ask(method, PLACES[what], "rest", "gql", body=body, headers=named)


def overtaken(what: str) -> tuple[House, Overtaken]:
    store = Overtaken()
    return House(store=store), store


def edit_of(store: Overtaken, what: str) -> Callable[[], Awaitable[None]]:
    return store.edit_client if what == "application" else store.edit_user


@both
async def test_what_was_read_is_what_is_edited(what: str) -> None:
    house, _ = overtaken(what)
    etag = (await asked(house, "GET", what)).headers["etag"]
    first = await asked(house, "PATCH", what, EDITS[what], if_match=etag)
    assert first.status == 200
    assert first.headers["etag"] == (await asked(house, "GET", what)).headers["etag"]
    assert (await asked(house, "PATCH", what, EDITS[what], if_match=etag)).status == 412
    assert (await asked(house, "DELETE", what, if_match=etag)).status == 412


@both
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_row_55_an_edit_between_the_look_and_the_commit_ends_in_412_and_is_not_lost(
    what: str, method: str
) -> None:
    house, store = overtaken(what)
    etag = (await asked(house, "GET", what)).headers["etag"]
    store.first = edit_of(store, what)
    answer = await asked(house, method, what, EDITS[what] if method == "PATCH" else None, if_match=etag)
    assert answer.status == 412
    left = (await asked(house, "GET", what)).json
    name, value = OTHERS[what]
    assert left[name] == value
    assert EDITS[what].items().isdisjoint(left.items())


@both
async def test_without_a_condition_both_edits_are_there(what: str) -> None:
    house, store = overtaken(what)
    store.first = edit_of(store, what)
    answer = await asked(house, "PATCH", what, EDITS[what])
    assert answer.status == 200
    name, value = OTHERS[what]
    assert answer.json[name] == value
    assert EDITS[what].items() <= answer.json.items()
    assert [act.action for act in await store.acts()][:2].count("other.edit") == 1


@both
async def test_without_a_condition_what_was_edited_meanwhile_is_removed(what: str) -> None:
    house, store = overtaken(what)
    store.first = edit_of(store, what)
    assert (await asked(house, "DELETE", what)).status == 204
    assert (await asked(house, "GET", what)).status == 404


@both
async def test_what_keeps_changing_is_a_conflict(what: str) -> None:
    house, store = overtaken(what)

    async def again() -> None:
        store.first = None
        await edit_of(store, what)()
        store.first = again

    store.first = again
    assert (await asked(house, "PATCH", what, EDITS[what])).status == 409


async def test_the_use_of_an_application_does_not_change_its_tag() -> None:
    """Else nobody could edit a busy one."""
    house, store = overtaken("application")
    before = (await asked(house, "GET", "application")).headers["etag"]
    await store.add_secret(Secret(55, APPLICATION, bytes(32), "abcd", "second", 0, "cli:test"), {7: 5}, OTHER)
    await store.count([], {APPLICATION: 2_000_000_000})
    assert (await asked(house, "GET", "application")).headers["etag"] == before
