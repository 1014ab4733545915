"""Tokens in persons' names: what their accounts become is felt at once here, and within a second from elsewhere."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from scopekeeper.api.modules import Modules
from scopekeeper.oauth.people import User
from scopekeeper.sdk import ApiModule, Caller, record
from scopekeeper.services.ports import Act, Store
from scopekeeper.store import open_store
from scopekeeper.store.cached import LOOK_EVERY
from tests.altered import replace
from tests.api.office import Office
from tests.asking import Answer, ask, bearer
from tests.building import Built, built
from tests.persons import a_person, an_application, granted

Elsewhere = Callable[[Built], AbstractAsyncContextManager[Store]]


@asynccontextmanager
async def this_process(h: Built) -> AsyncIterator[Store]:
    """The store that serves."""
    yield h.house.store


@asynccontextmanager
async def another_process(h: Built) -> AsyncIterator[Store]:
    """A store of its own on the same database; afterwards it is time for ours to look."""
    store = open_store(h.house.settings.database)
    try:
        yield store
    finally:
        await store.close()
        h.clock.advance(LOOK_EVERY / 1000)


anywhere = pytest.mark.parametrize("where", [this_process, another_process])


def act_of(h: Built, action: str, user: User) -> Act:
    return Act(h.house.entropy.row_id(), h.clock.now(), "cli:test", action, user.name)


async def saved(h: Built, where: Elsewhere, user: User, **facts: object) -> User:
    """The account with these facts."""
    edited = replace(user, revision=user.revision + 1, **facts)
    async with where(h) as store:
        await store.save_user(edited, act_of(h, "user.change", user), end_sessions=False)
    return edited


async def read(h: Built, token: str) -> int:
    """What reading an extension that is nobody's answers."""
    return (await h.get("/api/rest/extensions/1003", token)).status


@anywhere
async def test_row_55_who_is_made_or_unmade_an_administrator_is_one_or_none_at_once(
    tmp_path: Path, where: Elsewhere
) -> None:
    async with built(tmp_path) as h:
        alice = await a_person(h, "alice")
        token = (await granted(h, alice, await an_application(h))).access_token
        assert await read(h, token) == 404
        alice = await saved(h, where, alice, admin=True)
        assert await read(h, token) == 200
        await saved(h, where, alice, admin=False)
        assert await read(h, token) == 404


@anywhere
async def test_row_26_a_disabled_account_reaches_nothing(tmp_path: Path, where: Elsewhere) -> None:
    async with built(tmp_path) as h:
        root = await a_person(h, "root", admin=True)
        token = (await granted(h, root, await an_application(h))).access_token
        assert await read(h, token) == 200
        await saved(h, where, root, enabled=False)
        assert await read(h, token) == 401


@anywhere
async def test_row_26_a_later_account_of_the_same_name_inherits_no_token(tmp_path: Path, where: Elsewhere) -> None:
    async with built(tmp_path) as h:
        root = await a_person(h, "root", admin=True)
        token = (await granted(h, root, await an_application(h))).access_token
        assert await read(h, token) == 200
        async with where(h) as store:
            await store.remove_user("root", act_of(h, "user.remove", root))
        assert await read(h, token) == 401
        async with where(h) as store:
            again = replace(root, id=h.house.entropy.row_id())
            await store.add_user(again, act_of(h, "user.add", again))
        assert await read(h, token) == 401


@anywhere
async def test_row_21_what_a_person_takes_back_is_dead(tmp_path: Path, where: Elsewhere) -> None:
    async with built(tmp_path) as h:
        root, application = await a_person(h, "root", admin=True), await an_application(h)
        tokens = [(await granted(h, root, application)).access_token for _ in range(2)]
        other = (await granted(h, root, await an_application(h, name="Alarm clock"))).access_token
        assert [await read(h, token) for token in (*tokens, other)] == [200, 200, 200]
        async with where(h) as store:
            await store.withdraw(root.id, application.client_id, h.clock.now(), act_of(h, "consent.withdraw", root))
        assert [await read(h, token) for token in (*tokens, other)] == [401, 401, 200]


async def test_an_owner_may_change_what_is_theirs_and_not_whose_it_is(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        await h.house.run("updateExtension", extension="1001", body={"owner": "alice"})
        token = (await granted(h, await a_person(h, "alice"), await an_application(h))).access_token

        async def patched(body: bytes) -> Answer:
            headers = [bearer(token), ("content-type", "application/json")]
            return await ask(h.front, "PATCH", "/api/rest/extensions/1001", headers=headers, body=body)

        assert (await patched(b'{"name": "Mine", "owner": "alice"}')).json()["name"] == "Mine"
        for owner in (b'"bob"', b"null"):
            assert (await patched(b'{"owner": %b}' % owner)).status == 403
        assert (await h.get("/api/rest/extensions/1001", token)).json()["owner"] == "alice"


@record
class Desk:
    """Where somebody sits."""

    desk: str
    sitter: str | None = None


@record
class Note:
    """What somebody stuck to a desk."""

    note: str
    desk: str
    author: str | None = None


@pytest.mark.parametrize(("user", "told"), [("alice", {}), (None, {"keys": ["of bob"]})])
async def test_what_goes_along_with_a_persons_row_is_counted_and_not_named(
    user: str | None, told: dict[str, object]
) -> None:
    """It may be somebody else's: only who acts for the whole system, and may read it, hears what it was."""
    desks_api = ApiModule("desks", title="Desks", read="See desks", write="Change desks")
    notes_api = ApiModule("notes", title="Notes", read="See notes", write="Change notes")
    desks = desks_api.table(Desk, key="desk", owner="sitter")
    notes = notes_api.table(Note, key="note", owner="author", refers={"desk": ("desks", "cascade")})

    @desks_api.read("GET /{desk}", field="desk", of=desks)
    async def get_desk(caller: Caller, desk: str) -> Desk:
        """One desk."""
        return await caller.rows(desks).get(desk)

    @desks_api.write("DELETE /{desk}", field="removeDesk", of=desks)
    async def remove_desk(caller: Caller, desk: str) -> Desk:
        """Carry a desk away."""
        gone = await caller.rows(desks).get(desk)
        caller.rows(desks).remove(desk)
        return gone

    @notes_api.read("GET /{note}", field="note", of=notes)
    async def get_note(caller: Caller, note: str) -> Note:
        """One note."""
        return await caller.rows(notes).get(note)

    office = Office(Modules([desks_api, notes_api]))
    office.data.keep(Desk("d1", "alice"), Note("of bob", "d1", "bob"))
    answer = await office.ask('mutation { removeDesk(desk: "d1") { desk } }', "gql", user=user)
    assert answer.json["extensions"]["removed"] == [{"module": "notes", "count": 1} | told]
