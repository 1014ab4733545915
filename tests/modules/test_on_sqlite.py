"""The modules in the box on their real storage: what the dicts of the other tests stand for."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from scopekeeper.settings import SqliteFile
from tests.api.house import House
from tests.modules.stored import stored


def furnished(folder: Path) -> AbstractAsyncContextManager[House]:
    return stored(SqliteFile(folder / "scopekeeper.db"))


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


async def test_a_range_is_added_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        thousand = await house.ask("POST", "/extensions/ranges", "rest", body={"first": "2000", "count": 1000})
        assert thousand.json == {"first": "2000", "last": "2999", "count": 1000}
        for first in ("1990", "2990"):
            refused = await house.ask("POST", "/extensions/ranges", "rest", body={"first": first, "count": 20})
            assert refused.status == 409
            assert "and 5 more exist already: none was added." in refused.json["detail"]
        for begins, count in (("2", 1000), ("199", 0), ("3", 0)):
            listed = await house.ask("GET", f"/extensions/?begins={begins}&limit=500", "rest")
            assert len(listed.json["items"]) == min(count, 500)


async def test_of_two_ranges_that_overlap_one_is_added(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        answers = await asyncio.gather(
            *(
                house.ask("POST", "/extensions/ranges", "rest", body={"first": first, "count": 60})
                for first in ("2000", "2050")
            )
        )
        assert sorted(answer.status for answer in answers) == [201, 409]
        listed = (await house.ask("GET", "/extensions/?begins=2&limit=500", "rest")).json["items"]
        assert len(listed) == 60


async def test_a_list_is_in_the_order_of_names(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        for order, names in (("asc", ["Kitchen", "Reception"]), ("desc", ["Workshop", "Reception"])):
            listed = await house.ask("GET", f"/extensions/?sort=name&order={order}&limit=2", "rest")
            assert [each["name"] for each in listed.json["items"]] == names


async def test_what_other_modules_keep_outlives_a_change_of_the_extension(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        await house.ask("PUT", "/callwaiting/users/1003", "rest", body={"enabled": True})
        await house.ask("PUT", "/donotdisturb/users/1003", "rest", body={"enabled": True})
        assert (await house.ask("PATCH", "/extensions/1003", "rest", body={"owner": "alice"})).status == 200
        for path in ("/callwaiting/users/1003", "/donotdisturb/users/1003"):
            assert (await house.ask("GET", path, "rest", user="alice")).json["enabled"] is True
        assert (await house.ask("GET", "/callforward/users/1003", "rest", user="alice")).json["busy"] == "5551234"


async def test_those_are_found_from_whom_calls_go_to_a_number(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        await house.ask("PUT", "/callforward/users/1001", "rest", body={"unavailable": "5551234", "busy": "5551234"})
        for user, found in ((None, ["1001", "1003"]), ("alice", ["1001"])):
            listed = await house.ask("GET", "/callforward/users?to=5551234", "rest", user=user)
            assert [each["extension"] for each in listed.json["items"]] == found


async def test_blacklisted_numbers_are_looked_up_and_lead_where_the_settings_say(tmp_path: Path) -> None:
    async with furnished(tmp_path) as house:
        await house.ask("POST", "/blacklist/numbers", "rest", body={"number": "+4930#*"})
        assert (await house.ask("GET", "/blacklist/numbers/%2B4930%23%2A", "rest")).status == 200
        assert (await house.ask("GET", "/blacklist/numbers/%2B4930%23", "rest")).status == 404
        listed = await house.ask("GET", "/blacklist/numbers?begins=%2B49", "rest")
        assert [each["number"] for each in listed.json["items"]] == ["+4930#*"]
        for settings in ({"block_unknown": True, "destination": {"voicemail": "1001"}}, {"destination": None}):
            changed = await house.ask("PATCH", "/blacklist/settings", "rest", body=settings)
            assert changed.json == (await house.ask("GET", "/blacklist/settings", "rest")).json
            status = 409 if settings["destination"] else 204
            assert (await house.ask("DELETE", "/extensions/1001", "rest:extensions")).status == status
