"""How often the store is asked, counted: nobody makes a request dearer without noticing.

Besides what is counted for each request there is the look at the number of changes: one read, at most four times a
second for each process, whatever it serves.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, cast

import pytest

from scopekeeper.api.modules import Modules
from scopekeeper.store import SqlStore
from scopekeeper.store.cached import LOOK_EVERY
from tests.asking import Answer, ask, basic, bearer, post_form
from tests.building import JWT, Built, built
from tests.devices import a_television, at_home, decide, enter, wait
from tests.persons import a_person, an_application, granted
from tests.services.asked import Asked
from tests.stepping import CONTENTS, LABEL, with_a_safe
from tests.web.grants import furnished

FORWARD = "/api/rest/callforward/users/1001"
QUERY: Final = json.dumps({"query": '{ callForward(extension: "1001") { busy } }'}).encode()
LOOK = "changes"

GARBAGE = ["garbage", "skpr_at_" + "0" * 49, "a.b.c", "é" * 40, "x" * 5_000]


@asynccontextmanager
async def counted(folder: Path, modules: Modules | None = None) -> AsyncIterator[tuple[Built, Asked]]:
    """A house, and the log of what its store is asked."""
    stores: list[Asked] = []

    def around(store: SqlStore) -> SqlStore:
        stores.append(Asked(store))
        return cast(SqlStore, stores[0])

    async with built(folder, around=around, modules=modules) as house:
        yield house, stores[0]


async def cold(house: Built, store: Asked) -> None:
    """From now on count. Something has changed, so that the next look will forget all that was remembered."""
    await house.register(name="Somebody else")
    warm(house, store)


def warm(house: Built, store: Asked) -> None:
    """From now on count; it is time to look whether anything has changed."""
    house.clock.advance(LOOK_EVERY / 1000)
    store.log.clear()


async def read(house: Built, token: str) -> Answer:
    return await house.get(FORWARD, token)


async def query(house: Built, token: str) -> Answer:
    headers = [bearer(token), ("content-type", "application/json")]
    return await ask(house.front, "POST", "/api/graphql", headers=headers, body=QUERY)


async def test_a_token_costs_two_reads_and_one_commit_at_most(tmp_path: Path) -> None:
    async with counted(tmp_path) as (house, store):
        made = await house.register("rest")
        await cold(house, store)
        await house.token(made)
        assert store.log == [LOOK, "client", "issue"]
        store.log.clear()
        await house.token(made)
        assert store.log == ["issue"]
        warm(house, store)
        await house.token(made)
        assert store.log == [LOOK, "issue"]


async def test_a_signed_token_costs_the_keys_besides_once(tmp_path: Path) -> None:
    async with counted(tmp_path) as (house, store):
        made = await house.register("rest", **JWT)
        await cold(house, store)
        await house.token(made)
        assert store.log == [LOOK, "client", "keys", "issue"]
        store.log.clear()
        await house.token(made)
        assert store.log == ["issue"]


async def test_a_code_costs_itself_and_the_account_and_one_commit(tmp_path: Path) -> None:
    """That its session is there still is seen in the commit itself."""
    async with counted(tmp_path) as (house, store):
        office = await furnished(house)
        first, second = await office.code(), await office.code()
        await cold(house, store)
        assert (await office.redeem(first)).status == 200
        assert store.log == [LOOK, "client", "code", "user", "redeem_code"]
        store.log.clear()
        assert (await office.redeem(second)).status == 200
        assert store.log == ["code", "redeem_code"]


async def test_a_refresh_costs_itself_and_the_account_and_one_commit(tmp_path: Path) -> None:
    async with counted(tmp_path) as (house, store):
        office = await furnished(house)
        first = await office.bought()
        await cold(house, store)
        second = (await office.refresh(first["refresh_token"])).json()
        assert store.log == [LOOK, "client", "refresh_token", "user", "rotate"]
        store.log.clear()
        await office.refresh(second["refresh_token"])
        assert store.log == ["rotate"]
        store.log.clear()
        assert (await office.refresh(second["refresh_token"])).status == 200
        assert store.log == ["refresh_token", "refresh_token"]


async def test_a_replay_costs_one_commit_more_and_that_it_is_counted(tmp_path: Path) -> None:
    async with counted(tmp_path) as (house, store):
        office = await furnished(house)
        code = await office.code()
        await office.redeem(code)
        store.log.clear()
        assert (await office.redeem(code)).status == 400
        assert store.log == ["code", "revoke_family", "fill"]


async def test_a_device_that_begins_to_wait_costs_its_application_and_one_commit(tmp_path: Path) -> None:
    async with counted(tmp_path) as (house, store):
        television = await a_television(house)
        await cold(house, store)
        await wait(house, television)
        assert store.log == [LOOK, "client", "add_device"]
        store.log.clear()
        await wait(house, television)
        assert store.log == ["add_device"]


async def test_to_enter_a_device_and_to_decide_about_it_cost_two_reads_and_one_commit_each(tmp_path: Path) -> None:
    """The device, and what its application was allowed before; session, person and application are remembered.

    What keeps guessing slow costs two commits before a user code is looked at, and two after.
    """
    async with counted(tmp_path) as (house, store):
        told = await wait(house, await a_television(house))
        alice = await at_home(house)
        await alice.get("/device")
        store.log.clear()
        page = await enter(alice, told["user_code"])
        around = ["fill", "guess"], ["take_back_guess", "give_back"]
        assert store.log == [*around[0], "device_with", "claim_device", *around[1], "consent"]
        store.log.clear()
        await decide(alice, page, "approve")
        assert store.log == ["device_with", "consent", "decide_device"]


async def test_a_refused_request_for_a_token_commits_nothing_but_that_a_guess_failed(tmp_path: Path) -> None:
    async with counted(tmp_path) as (house, store):
        made = await house.register("rest")
        await cold(house, store)
        form = {"grant_type": "client_credentials"}
        for headers in ([basic("nobody", "x")], [basic(made.client_id, "wrong")], []):
            assert (await post_form(house.front, "/oauth/token", form, headers=headers)).status == 401
        assert (await house.ask_token(made, scope="gql")).status == 400
        assert store.commits == ["fill"] * 3
        looks = [each for each in store.reads if each == "changes"]
        assert len(looks) <= 1 + 3  # a credential is refused once nobody has changed anything in this very moment
        assert len(store.reads) - len(looks) <= 2


@pytest.mark.parametrize("face", [read, query], ids=["rest", "gql"])
async def test_a_protected_read_costs_token_and_application_besides_its_own(tmp_path: Path, face: Any) -> None:
    """Its own are two: that the extension is there, and its forward. Remembered, the token costs nothing."""
    async with counted(tmp_path) as (house, store):
        token = await house.token(await house.register("rest gql"))
        await cold(house, store)
        assert (await face(house, token)).status == 200
        assert store.log == [LOOK, "token", "client", "exists", "get"]
        store.log.clear()
        assert (await face(house, token)).status == 200
        assert store.log == ["exists", "get"]


@pytest.mark.parametrize("face", [read, query], ids=["rest", "gql"])
async def test_a_persons_token_costs_their_account_besides_once(tmp_path: Path, face: Any) -> None:
    async with counted(tmp_path) as (house, store):
        await house.house.run("updateExtension", extension="1001", body={"owner": "alice"})
        alice = await a_person(house, "alice")
        token = (await granted(house, alice, await an_application(house))).access_token
        await cold(house, store)
        assert (await face(house, token)).status == 200
        assert store.log == [LOOK, "token", "client", "user", "exists", "get"]
        store.log.clear()
        assert (await face(house, token)).status == 200
        assert store.log == ["exists", "get"]


async def test_introspection_costs_the_asker_and_the_token(tmp_path: Path) -> None:
    async with counted(tmp_path) as (house, store):
        made = await house.register("rest")
        token = await house.token(made)
        await cold(house, store)
        await house.introspect(token, made)
        assert store.log == [LOOK, "client", "token"]
        store.log.clear()
        await house.introspect(token, made)
        assert store.log == []


async def test_introspection_of_a_persons_token_costs_their_grant_besides(tmp_path: Path) -> None:
    """It knows when and how they signed in; nobody remembers it."""
    async with counted(tmp_path) as (house, store):
        made = await house.register("rest", resource_server=True)
        token = (await granted(house, await a_person(house, "alice"), await an_application(house))).access_token
        await house.introspect(token, made)
        store.log.clear()
        await house.introspect(token, made)
        assert store.log == ["family"]


@pytest.mark.parametrize(("path", "looks"), [(CONTENTS, ["family"]), (LABEL, [])], ids=["demands", "demands nothing"])
async def test_only_what_demands_a_sign_in_costs_a_look_at_it(tmp_path: Path, path: str, looks: list[str]) -> None:
    async with counted(tmp_path, modules=with_a_safe()) as (house, store):
        await house.house.run("updateExtension", extension="1001", body={"owner": "alice"})
        token = (await granted(house, await a_person(house, "alice"), await an_application(house))).access_token
        own = await house.token(await house.register("rest"))
        for each in (token, own):
            assert (await house.get(path, each)).status == 200
        store.log.clear()
        await house.get(path, token)
        assert store.log == [*looks, "exists"]
        store.log.clear()
        await house.get(path, own)
        assert store.log == ["exists"]


async def test_revocation_costs_one_commit(tmp_path: Path) -> None:
    async with counted(tmp_path) as (house, store):
        made = await house.register("rest")
        token = await house.token(made)
        await cold(house, store)
        for expected in ([LOOK, "client", "token", "revoke"], ["token"]):
            store.log.clear()
            await post_form(house.front, "/oauth/revoke", {"token": token}, headers=[made.basic])
            assert store.log == expected


@pytest.mark.parametrize("face", [read, query], ids=["rest", "gql"])
@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_costs_nothing(tmp_path: Path, face: Any, garbage: str) -> None:
    async with counted(tmp_path) as (house, store):
        await cold(house, store)
        answer = await face(house, garbage.encode().decode("latin-1"))
        assert answer.status in (400, 401)
        assert store.log == []


async def test_what_describes_costs_nothing(tmp_path: Path) -> None:
    async with counted(tmp_path) as (house, store):
        await ask(house.front, "GET", "/oauth/jwks")  # the first look makes the keys that are not there yet
        await cold(house, store)
        for path in ("/.well-known/oauth-authorization-server", "/api/rest/openapi.json", "/health/live", "/metrics"):
            assert (await ask(house.front, "GET", path)).status == 200
        assert store.log == []
        await ask(house.front, "GET", "/oauth/jwks")
        assert store.log == [LOOK, "keys"]
