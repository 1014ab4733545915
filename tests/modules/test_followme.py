"""Follow-me: defaults, what may not be, and whom a person may name."""

from typing import Any

import pytest

from scopekeeper.modules.followme import FollowMe
from scopekeeper.settings import Database
from tests.api.house import Answer, House
from tests.modules.answers import named, refused
from tests.modules.stored import stored

READ, WRITE = "rest:followme:read", "rest:followme:write"
NOBODY: dict[str, Any] = {
    "enabled": False,
    "strategy": "ringallv2",
    "pre_ring": 7,
    "ring_time": 20,
    "members": [],
    "destination": None,
    "prefix": None,
    "alert_info": None,
    "ringer_volume": None,
    "announcement": None,
    "music_class": None,
    "confirm": False,
    "confirm_message": None,
    "too_late_message": None,
    "caller_id_mode": "default",
    "caller_id": None,
}
EVERYTHING: dict[str, Any] = {
    "enabled": True,
    "strategy": "ringallv2-prim",
    "pre_ring": 0,
    "ring_time": 300,
    "members": [{"extension": "1002"}, {"number": "+4930123456"}],
    "destination": {"number": "5551234"},
    "prefix": "For Alice: ",
    "alert_info": "<http://127.0.0.1/Bellcore-dr2>",
    "ringer_volume": 1,
    "announcement": "custom/please-hold",
    "music_class": "jazz",
    "confirm": True,
    "confirm_message": "custom/press-1",
    "too_late_message": "custom/gone",
    "caller_id_mode": "external",
    "caller_id": "4930123456",
}


async def ask(
    house: House, method: str, extension: str, body: object = None, *scope: str, user: str | None = None
) -> Answer:
    return await house.ask(method, f"/followme/users/{extension}", *(scope or (READ, WRITE)), user=user, body=body)


async def put(house: House, extension: str, user: str | None = None, /, **body: object) -> Answer:
    return await ask(house, "PUT", extension, body, user=user)


async def listed(house: House, query: str = "", user: str | None = None) -> list[str]:
    answer = await house.ask("GET", f"/followme/users{query}", READ, user=user)
    return [each["extension"] for each in answer.json["items"]]


async def test_an_extension_that_nobody_follows_reads_so_before_and_after() -> None:
    house = House.furnished()
    for _ in range(2):
        assert (await ask(house, "GET", "1001")).json == {"extension": "1001", **NOBODY}
        await put(house, "1001", **EVERYTHING)
        assert (await ask(house, "DELETE", "1001")).status == 204
    assert await listed(house) == []


async def test_whatever_can_be_written_can_be_read_and_written_back() -> None:
    house = House.furnished()
    assert EVERYTHING.keys() == NOBODY.keys()
    written = await put(house, "1001", **EVERYTHING)
    assert named(written.json) == {"extension": "1001", **EVERYTHING}
    again = await put(house, "1001", **(await ask(house, "GET", "1001")).json)
    assert (again.status, again.json) == (200, written.json)


async def test_put_replaces_all_and_patch_changes_what_is_given() -> None:
    house = House.furnished()
    await put(house, "1001", **EVERYTHING)
    off = await ask(house, "PATCH", "1001", {"enabled": False})
    assert named(off.json) == {"extension": "1001", **EVERYTHING, "enabled": False}
    assert await listed(house) == ["1001"]
    assert (await put(house, "1001", pre_ring=7)).json == {"extension": "1001", **NOBODY}
    assert await listed(house) == []


async def test_null_clears_whatever_was_set() -> None:
    house = House.furnished()
    await put(house, "1001", **EVERYTHING)
    cleared = await ask(house, "PATCH", "1001", dict.fromkeys(NOBODY))
    assert cleared.json == {"extension": "1001", **NOBODY}


async def test_those_are_found_for_whom_it_is_switched_on() -> None:
    house = House.furnished()
    house.data.keep(FollowMe("1001", enabled=True), FollowMe("1002", pre_ring=0), FollowMe("1003", enabled=True))
    assert await listed(house) == ["1001", "1002", "1003"]
    assert await listed(house, "?enabled=true") == ["1001", "1003"]
    assert await listed(house, "?enabled=false") == ["1002"]
    assert await listed(house, "?enabled=true", user="alice") == ["1001"]


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("pre_ring", -1, "pre_ring"),
        ("pre_ring", 61, "pre_ring"),
        ("ring_time", 0, "ring_time"),
        ("ring_time", 301, "ring_time"),
        ("strategy", "ringallv3", "strategy"),
        ("prefix", "a\nb", "prefix"),
        ("alert_info", "a\r\nVia: b", "alert_info"),
        ("members", [{"number": "1"}, {}], "members[1]"),
        ("members", [{"number": str(each)} for each in range(51)], "members"),
        ("members", [{"extension": "1002"}, {"extension": "1002"}], "members[1]"),
        ("members", [{"number": "1001"}], "members[0].number"),
        ("destination", {"number": "1001"}, "destination.number"),
        ("destination", {"extension": "1001"}, "destination.extension"),
        ("caller_id_mode", "fixed", "caller_id"),
    ],
)
async def test_each_field_has_its_form(field: str, value: object, path: str) -> None:
    refused(await put(House.furnished(), "1001", **{field: value}), path)


async def test_the_extension_itself_may_ring_again_and_its_mailbox_takes_what_nobody_answers() -> None:
    members, destination = [{"extension": "1001"}, {"number": "5551234"}], {"voicemail": "1001"}
    answer = await put(House.furnished(), "1001", members=members, destination=destination)
    assert (named(answer.json["members"]), named(answer.json["destination"])) == (members, destination)


async def test_a_person_names_what_is_theirs_and_dials_the_rest(database: Database) -> None:
    async with stored(database) as house:
        mine: dict[str, Any] = {
            "members": [{"extension": "1002"}, {"number": "1003"}],
            "destination": {"extension": "1002"},
        }
        assert (await put(house, "1001", "alice", **mine)).status == 200
        others: list[tuple[dict[str, Any], str]] = [
            ({"members": [{"extension": "1002"}, {"extension": "1003"}]}, "members[1].extension"),
            ({"destination": {"extension": "1003"}}, "destination.extension"),
            ({"destination": {"voicemail": "1003"}}, "destination.voicemail"),
        ]
        for body, path in others:
            theirs = refused(await put(house, "1001", "alice", **body), path)
            absent = refused(await ask(house, "PUT", "1001", _absent(body), user="alice"), path)
            assert theirs.replace("1003", "1999") == absent
        assert (await ask(house, "PATCH", "1003", {"enabled": True}, user="alice")).status == 404


def _absent(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _absent(each) for name, each in body.items()}
    return [_absent(each) for each in body] if isinstance(body, list) else "1999" if body == "1003" else body


async def test_a_ring_group_is_no_persons_to_name(database: Database) -> None:
    async with stored(database) as house:
        group = {"name": "Sales", "members": [{"extension": "1003"}]}
        assert (await house.ask("PUT", "/ringgroups/groups/600", "rest", body=group)).status == 200
        destination = {"ring_group": "600"}
        refused(await put(house, "1001", "alice", destination=destination), "destination.ring_group")
        assert (await put(house, "1001", "alice", destination={"number": "600"})).status == 200
        assert (await put(house, "1001", destination=destination)).status == 200


async def test_what_others_named_for_a_person_stays_when_they_change_something_else(database: Database) -> None:
    async with stored(database) as house:
        await put(house, "1001", members=[{"extension": "1003"}], destination={"voicemail": "1003"})
        changed = await ask(house, "PATCH", "1001", {"enabled": True}, user="alice")
        assert (changed.status, changed.json["enabled"]) == (200, True)
        assert named(changed.json["members"]) == [{"extension": "1003"}]
        again = await put(house, "1001", "alice", **changed.json)
        assert (again.status, again.json) == (200, changed.json)


async def test_what_is_named_stays_and_goes_with_whom_it_belongs_to(database: Database) -> None:
    async with stored(database) as house:
        await put(house, "1001", members=[{"extension": "1003"}])
        await put(house, "1002", members=[{"extension": "1002"}], destination={"voicemail": "1002"})
        held = await house.ask("DELETE", "/extensions/1003", "rest")
        assert held.status == 409
        assert "followme 1001" in held.json["detail"]
        assert (await house.ask("DELETE", "/extensions/1002", "rest")).status == 204
        assert (await house.ask("DELETE", "/extensions/1001", "rest")).status == 204
        assert (await house.ask("DELETE", "/extensions/1003", "rest")).status == 204
