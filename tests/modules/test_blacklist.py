"""The blacklist: its numbers, what it does, and that it is nobody's."""

from urllib.parse import quote

import pytest

from scopekeeper.modules.blacklist import BlacklistedNumber
from tests.api.house import Answer, House

READ, WRITE = "rest:blacklist:read", "rest:blacklist:write"
NOTHING = {"extension": None, "ring_group": None, "voicemail": None, "number": None}


async def ask(house: House, method: str, path: str, body: object = None, user: str | None = None) -> Answer:
    return await house.ask(method, f"/blacklist{path}", READ, WRITE, body=body, user=user)


async def listed(house: House, query: str = "") -> list[str]:
    return [each["number"] for each in (await ask(house, "GET", f"/numbers{query}")).json["items"]]


async def change(house: House, **body: object) -> Answer:
    return await ask(house, "PATCH", "/settings", body)


async def test_a_number_is_on_the_list_from_when_it_is_added_until_it_is_removed() -> None:
    house = House.furnished()
    path, wine = "/numbers/%2B4930901820", {"number": "+4930901820", "description": "Sells wine"}
    assert (await ask(house, "GET", path)).status == 404
    added = await ask(house, "POST", "/numbers", wine)
    assert (added.status, added.json, added.headers["location"]) == (201, wine, f"/api/rest/blacklist{path}")
    assert ((await ask(house, "GET", path)).json, await listed(house)) == (wine, ["+4930901820"])
    assert (await ask(house, "DELETE", path)).status == 204
    assert ((await ask(house, "GET", path)).status, await listed(house)) == (404, [])
    assert (await ask(house, "DELETE", path)).status == 404


async def test_a_number_is_looked_up_to_the_letter() -> None:
    house = House.furnished()
    house.data.keep(BlacklistedNumber("*97#"), BlacklistedNumber("5551234"))
    for number, status in (("*97#", 200), ("5551234", 200), ("555123", 404), ("+5551234", 404), ("555%", 404)):
        assert (await ask(house, "GET", f"/numbers/{quote(number, safe='')}")).status == status, number


async def test_nobody_is_put_on_the_list_twice() -> None:
    house = House.furnished()
    statuses = [(await ask(house, "POST", "/numbers", {"number": "5551234"})).status for _ in range(2)]
    assert statuses == [201, 409]


async def test_why_a_number_is_on_the_list_can_be_changed_but_not_which_it_is() -> None:
    house = House.furnished()
    house.data.keep(BlacklistedNumber("5551234", "Sells wine"))
    changed = await ask(house, "PATCH", "/numbers/5551234", {"description": "Sells cars"})
    assert changed.json == {"number": "5551234", "description": "Sells cars"}
    assert (await ask(house, "PATCH", "/numbers/5551234", {"number": "5551235"})).status == 422
    assert (await ask(house, "PATCH", "/numbers/5551234", {"description": None})).json["description"] is None
    assert (await ask(house, "PATCH", "/numbers/5551235", {"description": "x"})).status == 404


async def test_a_list_is_of_numbers_that_begin_so() -> None:
    house = House.furnished()
    house.data.keep(*map(BlacklistedNumber, ("*97", "+4930", "+49301", "49301")))
    assert await listed(house) == ["*97", "+4930", "+49301", "49301"]
    assert await listed(house, "?begins=%2B49") == ["+4930", "+49301"]
    assert await listed(house, "?begins=*") == ["*97"]
    assert await listed(house, "?begins=7") == []
    assert (await ask(house, "GET", "/numbers?begins=%25")).status == 422


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("number", "1" * 32, 201),
        ("number", "1" * 33, 422),
        ("number", "", 422),
        ("number", "anonymous", 422),
        ("number", "555\n", 422),
        ("number", None, 422),
        ("description", "Zoë’s “friend” ☎", 201),
        ("description", "x" * 200, 201),
        ("description", "x" * 201, 422),
        ("description", "line\nhere", 422),
        ("description", "tab\there", 422),
        ("description", None, 201),
        ("description", "", 422),
        ("reason", "x", 422),
    ],
)
async def test_each_field_has_its_form(field: str, value: object, status: int) -> None:
    answer = await ask(House.furnished(), "POST", "/numbers", {"number": "5551234", field: value})
    assert answer.status == status
    if status == 422:
        assert [error["path"] for error in answer.json["errors"]] == [field]


async def test_unless_told_otherwise_calls_are_ended_and_those_without_a_number_put_through() -> None:
    found = await ask(House.furnished(), "GET", "/settings")
    assert (found.status, found.json) == (200, {"block_unknown": False, "destination": None})


async def test_what_the_list_does_is_read_back_and_changed_field_by_field() -> None:
    house = House.furnished()
    to_1002 = {**NOTHING, "extension": "1002"}
    assert (await change(house, block_unknown=True)).json == {"block_unknown": True, "destination": None}
    changed = await change(house, destination={"extension": "1002"})
    assert changed.json == {"block_unknown": True, "destination": to_1002}
    assert (await ask(house, "GET", "/settings")).json == changed.json
    assert (await change(house, **changed.json)).json == changed.json
    elsewhere = await change(house, destination={"number": "5551234"})
    assert elsewhere.json["destination"] == {**NOTHING, "number": "5551234"}
    cleared = await change(house, block_unknown=None, destination=None)
    assert cleared.json == {"block_unknown": False, "destination": None}


async def test_what_they_are_kept_under_is_no_part_of_the_settings() -> None:
    house = House.furnished()
    await change(house, block_unknown=True)
    assert set((await ask(house, "GET", "/settings")).json) == {"block_unknown", "destination"}
    assert (await change(house, name="other")).status == 422


@pytest.mark.parametrize(
    ("destination", "path"),
    [
        ({}, "destination"),
        ({"extension": None}, "destination"),
        ({"extension": "1001", "number": "5551234"}, "destination"),
        ({"extension": "9999"}, "destination.extension"),
        ({"voicemail": "9999"}, "destination.voicemail"),
        ({"ring_group": "9999"}, "destination.ring_group"),
        ({"number": "5551234\n"}, "destination.number"),
        ({"queue": "1"}, "destination.queue"),
        ("1001", "destination"),
    ],
)
async def test_calls_go_to_one_place_that_there_is(destination: object, path: str) -> None:
    house = House.furnished()
    answer = await change(house, destination=destination)
    assert (answer.status, [each["path"] for each in answer.json["errors"]]) == (422, [path])
    assert (await ask(house, "GET", "/settings")).json["destination"] is None


async def test_an_extension_to_which_they_go_stays_until_they_go_elsewhere() -> None:
    house = House.furnished()
    await change(house, destination={"voicemail": "1002"})
    held = await house.ask("DELETE", "/extensions/1002", "rest")
    assert (held.status, held.json["detail"]) == (409, "1002 is in use: blacklist settings.")
    await change(house, destination=None)
    assert (await house.ask("DELETE", "/extensions/1002", "rest")).status == 204


async def test_it_is_nobodys() -> None:
    house = House.furnished()
    for method, path, body in (
        ("GET", "/numbers", None),
        ("GET", "/numbers/5551234", None),
        ("POST", "/numbers", {"number": "5551234"}),
        ("GET", "/settings", None),
        ("PATCH", "/settings", {"block_unknown": True}),
    ):
        assert (await ask(house, method, path, body, user="alice")).status == 403
    assert (await ask(house, "GET", "/settings")).json["block_unknown"] is False
