"""Ring groups: who rings, what may not be, and that what is named stays."""

import asyncio
from typing import Any

import pytest

from scopekeeper.modules.ringgroups import LONGEST_CHAIN, RingGroup
from scopekeeper.sdk.telephone import Destination, Member
from scopekeeper.settings import Database
from tests.api.house import Answer, House
from tests.modules.answers import named, refused
from tests.modules.stored import stored

READ, WRITE = "rest:ringgroups:read", "rest:ringgroups:write"
SALES: dict[str, Any] = {"number": "600", "name": "Sales", "members": [{"extension": "1001"}, {"number": "5551234"}]}
DEFAULTS: dict[str, Any] = {
    "strategy": "ringall",
    "ring_time": 20,
    **dict.fromkeys(("destination", "prefix", "alert_info", "ringer_volume", "announcement", "music_class")),
    **dict.fromkeys(("confirm", "ignore_forwards", "skip_busy", "pickup", "progress", "answered_elsewhere"), False),
    **dict.fromkeys(("confirm_message", "too_late_message", "caller_id")),
    "recording": "dontcare",
    "caller_id_mode": "default",
}
EVERYTHING = SALES | {
    "strategy": "memoryhunt-prim",
    "ring_time": 300,
    "destination": {"voicemail": "1002"},
    "prefix": "Sales: ",
    "alert_info": "<http://127.0.0.1/Bellcore-dr2>",
    "ringer_volume": 14,
    "announcement": "custom/please-hold",
    "music_class": "jazz",
    "confirm": True,
    "confirm_message": "custom/press-1",
    "too_late_message": "custom/gone",
    "ignore_forwards": True,
    "skip_busy": True,
    "pickup": True,
    "progress": True,
    "answered_elsewhere": True,
    "recording": "never",
    "caller_id_mode": "fixed",
    "caller_id": "+4930123456",
}


async def ask(
    house: House, method: str, path: str, body: object = None, *scope: str, user: str | None = None
) -> Answer:
    return await house.ask(method, f"/ringgroups/groups{path}", *(scope or (READ, WRITE)), user=user, body=body)


async def put(house: House, number: str, **more: object) -> Answer:
    return await ask(house, "PUT", f"/{number}", {"name": "A group", "members": [{"extension": "1001"}], **more})


async def test_a_group_is_added_read_changed_and_removed() -> None:
    house = House.furnished()
    added = await ask(house, "POST", "", SALES)
    assert (added.status, added.headers["location"]) == (201, "/api/rest/ringgroups/groups/600")
    assert named(added.json) == named(DEFAULTS | SALES)
    assert added.json.keys() == (DEFAULTS | SALES).keys()
    changed = await ask(house, "PATCH", "/600", {"ring_time": 45, "prefix": "Sales: "})
    assert named(changed.json) == named(DEFAULTS | SALES | {"ring_time": 45, "prefix": "Sales: "})
    assert (await ask(house, "GET", "/600")).json == changed.json
    assert (await ask(house, "DELETE", "/600")).status == 204
    assert (await ask(house, "GET", "/600")).status == 404


async def test_whatever_can_be_written_can_be_read_and_written_back() -> None:
    house = House.furnished()
    assert EVERYTHING.keys() == (DEFAULTS | SALES).keys()
    written = await ask(house, "PUT", "/600", EVERYTHING)
    assert (written.status, named(written.json)) == (200, named(EVERYTHING))
    read = await ask(house, "GET", "/600")
    again = await ask(house, "PUT", "/600", read.json)
    assert (again.status, again.json) == (200, written.json)
    assert (await ask(house, "GET", "/600")).headers["etag"] == read.headers["etag"]


async def test_put_replaces_all_and_null_clears() -> None:
    house = House.furnished()
    await ask(house, "PUT", "/600", EVERYTHING)
    cleared = await ask(house, "PATCH", "/600", dict.fromkeys(DEFAULTS))
    assert named(cleared.json) == named(DEFAULTS | SALES)
    await ask(house, "PUT", "/600", EVERYTHING)
    assert named((await ask(house, "PUT", "/600", SALES)).json) == named(DEFAULTS | SALES)


async def test_a_number_is_taken_once() -> None:
    house = House.furnished()
    assert [(await ask(house, "POST", "", SALES)).status for _ in range(2)] == [201, 409]


async def test_members_keep_their_order() -> None:
    house = House.furnished()
    members = [{"number": "9"}, {"extension": "1003"}, {"number": "1"}, {"extension": "1001"}]
    assert named((await put(house, "600", members=members)).json["members"]) == members
    changed = await ask(house, "PATCH", "/600", {"members": members[::-1]})
    assert named(changed.json["members"]) == members[::-1]


@pytest.mark.parametrize("member", [{"extension": "1001"}, {"number": "5551234"}])
async def test_nobody_is_a_member_twice(member: dict[str, str]) -> None:
    members = [member, {"extension": "1002"}, member]
    told = refused(await put(House.furnished(), "600", members=members), "members[2]")
    assert told == "This is named already, at members[0]."


async def test_a_group_has_one_to_fifty_members() -> None:
    house = House.furnished()
    for count, status in ((0, 422), (1, 200), (50, 200), (51, 422)):
        answer = await put(house, "600", members=[{"number": str(each)} for each in range(count)])
        assert answer.status == status, count


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("ring_time", 0, "ring_time"),
        ("ring_time", 301, "ring_time"),
        ("strategy", "random", "strategy"),
        ("recording", "maybe", "recording"),
        ("prefix", "a\r\nb", "prefix"),
        ("prefix", "", "prefix"),
        ("alert_info", "a\nVia: b", "alert_info"),
        ("ringer_volume", 0, "ringer_volume"),
        ("ringer_volume", 15, "ringer_volume"),
        ("announcement", "../../etc/passwd", "announcement"),
        ("music_class", "a b", "music_class"),
        ("caller_id", "anonymous", "caller_id"),
        ("name", "a\x00", "name"),
        ("members", [{}], "members[0]"),
        ("members", [{"extension": "1001", "number": "1"}], "members[0]"),
        ("members", [{"number": "nobody"}], "members[0].number"),
        ("destination", {}, "destination"),
        ("destination", {"ring_group": "1", "voicemail": "1001"}, "destination"),
    ],
)
async def test_each_field_has_its_form(field: str, value: object, path: str) -> None:
    refused(await put(House.furnished(), "600", **{field: value}), path)


@pytest.mark.parametrize("mode", ["fixed", "external"])
async def test_a_number_that_is_to_be_shown_is_given(mode: str) -> None:
    house = House.furnished()
    refused(await put(house, "600", caller_id_mode=mode), "caller_id")
    assert (await put(house, "600", caller_id_mode=mode, caller_id="1")).status == 200
    refused(await ask(house, "PATCH", "/600", {"caller_id": None}), "caller_id")


async def test_groups_are_nobodys() -> None:
    house = House.furnished()
    await ask(house, "POST", "", SALES)
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/600", None),
        ("POST", "", SALES | {"number": "601"}),
        ("PUT", "/600", SALES),
        ("PATCH", "/600", {}),
        ("DELETE", "/600", None),
    ):
        assert (await ask(house, method, path, body, "rest", user="alice")).status == 403


@pytest.mark.parametrize("destination", [{"ring_group": "600"}, {"number": "600"}])
async def test_a_group_does_not_lead_to_itself(destination: dict[str, str]) -> None:
    path = f"destination.{next(iter(destination))}"
    told = refused(await put(House.furnished(), "600", destination=destination), path)
    assert told.endswith("in a circle: 600 → 600.")


async def test_a_group_does_not_dial_itself() -> None:
    members = [{"extension": "1001"}, {"number": "600"}]
    told = refused(await put(House.furnished(), "600", members=members), "members[1].number")
    assert told == "The group would ring itself."


async def test_a_circle_is_refused_and_named() -> None:
    house = House.furnished()
    await put(house, "600")
    await put(house, "601", destination={"ring_group": "600"})
    await put(house, "602", destination={"number": "601"})
    told = refused(await put(house, "600", destination={"ring_group": "602"}), "destination.ring_group")
    assert told.endswith("in a circle: 600 → 602 → 601 → 600.")
    closed = await ask(house, "PATCH", "/600", {"destination": {"number": "602"}})
    assert refused(closed, "destination.number").endswith("in a circle: 600 → 602 → 601 → 600.")
    assert (await put(house, "600", destination={"extension": "1001"})).status == 200
    assert (await put(house, "603", destination={"ring_group": "602"})).status == 200


async def test_a_new_group_that_others_dial_already_closes_no_circle() -> None:
    house = House.furnished()
    await put(house, "600", destination={"number": "601"})
    added = await ask(house, "POST", "", SALES | {"number": "601", "destination": {"ring_group": "600"}})
    told = refused(added, "destination.ring_group")
    assert told.endswith("601 → 600 → 601.")


async def test_whoever_may_not_see_groups_is_told_only_what_they_sent() -> None:
    house = House.furnished()
    await put(house, "600")
    await put(house, "601", destination={"ring_group": "600"})
    await put(house, "602", destination={"ring_group": "601"})
    for target in ("602", "601"):
        body = SALES | {"destination": {"ring_group": target}}
        told = refused(await ask(house, "PUT", "/600", body, WRITE), "destination.ring_group")
        assert told.endswith(f"in a circle: 600 → {target} → … → 600.")


async def test_a_chain_is_followed_only_so_far() -> None:
    house = House.furnished()
    numbers = [str(2_000 + place) for place in range(LONGEST_CHAIN + 2)]
    onward = zip(numbers, [*numbers[1:], None], strict=True)
    house.data.keep(*[RingGroup(one, "A group", [Member("1001")], destination=to_group(to)) for one, to in onward])
    last = {"ring_group": numbers[0]}
    assert "more than 100 groups" in refused(await put(house, "600", destination=last), "destination.ring_group")
    assert (await put(house, "600", destination={"ring_group": numbers[2]})).status == 200


def to_group(number: str | None) -> Destination | None:
    return None if number is None else Destination(ring_group=number)


async def test_of_two_that_close_a_circle_at_once_one_is_refused(database: Database) -> None:
    async with stored(database) as house:
        for number in ("600", "601"):
            await put(house, number)
        for _ in range(20):
            answers = await asyncio.gather(
                put(house, "600", destination={"ring_group": "601"}),
                put(house, "601", destination={"ring_group": "600"}),
            )
            assert sorted(answer.status for answer in answers) == [200, 422]
            for number in ("600", "601"):
                await put(house, number)


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"members": [{"extension": "1001"}, {"extension": "1999"}]}, "members[1].extension"),
        ({"destination": {"extension": "1999"}}, "destination.extension"),
        ({"destination": {"voicemail": "1999"}}, "destination.voicemail"),
        ({"destination": {"ring_group": "699"}}, "destination.ring_group"),
    ],
)
async def test_what_is_named_is_there(database: Database, more: dict[str, object], path: str) -> None:
    async with stored(database) as house:
        refused(await put(house, "600", **more), path)
        assert (await ask(house, "GET", "/600")).status == 404


async def test_what_is_named_stays_and_who_names_it_is_told(database: Database) -> None:
    async with stored(database) as house:
        await put(house, "600", members=[{"extension": "1003"}, {"extension": "1002"}])
        await put(house, "601", destination={"voicemail": "1003"})
        await put(house, "602", destination={"ring_group": "600"})
        for path, told in (("/extensions/1003", "ringgroups 600, 601"), ("/ringgroups/groups/600", "ringgroups 602")):
            answer = await house.ask("DELETE", path, "rest")
            assert answer.status == 409
            assert told in answer.json["detail"]
        await ask(house, "DELETE", "/602")
        await ask(house, "DELETE", "/600")
        assert "ringgroups 601." in (await house.ask("DELETE", "/extensions/1003", "rest")).json["detail"]
        await ask(house, "PATCH", "/601", {"destination": None})
        assert (await house.ask("DELETE", "/extensions/1003", "rest")).status == 204


async def test_a_list_is_paged_in_the_order_of_numbers(database: Database) -> None:
    async with stored(database) as house:
        for number in ("602", "600", "601"):
            await put(house, number)
        first = await ask(house, "GET", "?limit=2")
        assert [each["number"] for each in first.json["items"]] == ["600", "601"]
        rest = await ask(house, "GET", f"?after={first.json['next']}")
        assert [each["number"] for each in rest.json["items"]] == ["602"]
