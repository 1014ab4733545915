"""The modules in the box on their real storage: what the dicts of the other tests stand for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from scopekeeper.store import open_sqlite
from tests.api.house import MODULES, House
from tests.fixtures import FixedEntropy


@asynccontextmanager
async def furnished(folder: Path) -> AsyncIterator[House]:
    store = open_sqlite(folder / "scopekeeper.db")
    try:
        yield await House.furnished_on(store.data(MODULES.tables, FixedEntropy()))
    finally:
        await store.close()


async def test_a_forward_is_set_read_changed_and_cleared(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        path = "/callforward/users/1001"
        assert (await house.ask("PUT", path, "rest", body={"unconditional": "5551234"})).status == 200
        assert (await house.ask("PATCH", path, "rest", body={"ring_timer": 20})).json["unconditional"] == "5551234"
        etag = (await house.ask("GET", path, "rest")).headers["etag"]
        assert (await house.ask("PUT", path, "rest", body={}, headers={"if-match": '"x"'})).status == 412
        assert (await house.ask("DELETE", path, "rest", headers={"if-match": etag})).status == 204
        assert (await house.ask("GET", path, "rest")).json["unconditional"] is None


async def test_removing_an_extension_takes_its_forwards_along_and_says_so(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        answer = await house.ask("DELETE", "/extensions/1003", "rest:extensions:write")
        assert (answer.status, answer.headers["scopekeeper-removed"]) == (204, "callforward;count=1")
        assert (await house.ask("GET", "/callforward/users", "rest")).json["items"] == []


async def test_a_person_reaches_their_own(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        listed = await house.ask("GET", "/extensions/", "rest", user="alice")
        assert [each["extension"] for each in listed.json["items"]] == ["1001", "1002"]
        for path in ("/extensions/1003", "/callforward/users/1003"):
            assert (await house.ask("GET", path, "rest", user="alice")).status == 404
            assert (await house.ask("PATCH", path, "rest", user="alice", body={})).status == 404
            assert (await house.ask("GET", path, "rest", user="bob")).status == 200
        changed = await house.ask("PUT", "/callforward/users/1001", "rest", user="alice", body={"busy": "7"})
        assert changed.status == 200


async def test_of_two_that_close_a_loop_at_once_one_is_refused(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        for _ in range(20):
            answers = await asyncio.gather(
                house.ask("PUT", "/callforward/users/1001", "rest", body={"unconditional": "1002"}),
                house.ask("PUT", "/callforward/users/1002", "rest", body={"unconditional": "1001"}),
            )
            assert sorted(answer.status for answer in answers) == [200, 422]
            for extension in ("1001", "1002"):
                await house.ask("DELETE", f"/callforward/users/{extension}", "rest")


async def test_of_two_with_the_same_tag_one_writes(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        path = "/extensions/1002"
        etag = (await house.ask("GET", path, "rest")).headers["etag"]
        answers = await asyncio.gather(
            *(house.ask("PATCH", path, "rest", body={"name": name}, headers={"if-match": etag}) for name in "abcd")
        )
        assert sorted(answer.status for answer in answers) == [200, 412, 412, 412]


async def test_a_list_is_paged_in_the_order_of_its_keys(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        found, path = [], "/extensions/?limit=2"
        while path:
            answer = await house.ask("GET", path, "rest")
            found += [each["extension"] for each in answer.json["items"]]
            path = answer.headers.get("link", "").partition(">")[0].removeprefix("</api/rest")
        assert found == ["1001", "1002", "1003"]
