"""Call forwarding: defaults, writing, and the loops that must not be."""

from itertools import pairwise

import pytest

from scopekeeper.modules.callforward import LONGEST_CHAIN, Forward
from scopekeeper.modules.extensions import Extension
from tests.api.house import Answer, House

READ, WRITE = "rest:callforward:read", "rest:callforward:write"
NOWHERE = {"unconditional": None, "busy": None, "unavailable": None, "ring_timer": 0}


async def get(house: House, extension: str, user: str | None = None) -> Answer:
    return await house.ask("GET", f"/callforward/users/{extension}", READ, user=user)


async def put(house: House, extension: str, *scope: str, user: str | None = None, **body: object) -> Answer:
    return await put_body(house, extension, body, *scope, user=user)


async def put_body(house: House, extension: str, body: object, *scope: str, user: str | None = None) -> Answer:
    return await house.ask("PUT", f"/callforward/users/{extension}", *(scope or (READ, WRITE)), user=user, body=body)


async def stored(house: House) -> list[str]:
    items = (await house.ask("GET", "/callforward/users", READ)).json["items"]
    return [each["extension"] for each in items]


def detail(answer: Answer) -> str:
    assert answer.status == 422, answer.body
    return str(answer.json["detail"])


async def test_an_extension_without_forwards_reads_as_nowhere_before_and_after() -> None:
    house = House.furnished()
    assert (await get(house, "1001")).json == {"extension": "1001", **NOWHERE}
    await put(house, "1001", unconditional="5551234")
    assert (await house.ask("DELETE", "/callforward/users/1001", WRITE)).status == 204
    assert (await get(house, "1001")).json == {"extension": "1001", **NOWHERE}


async def test_an_extension_that_does_not_exist_is_not_found_by_any_method() -> None:
    house = House.furnished()
    for method, body in (("GET", None), ("PUT", {}), ("PATCH", {}), ("DELETE", None)):
        answer = await house.ask(method, "/callforward/users/9999", READ, WRITE, body=body)
        assert answer.status == 404


async def test_put_replaces_all_and_patch_changes_what_is_given() -> None:
    house = House.furnished()
    await put(house, "1001", unconditional="+15551234", ring_timer=20)
    patched = await house.ask("PATCH", "/callforward/users/1001", READ, WRITE, body={"busy": "*97", "ring_timer": None})
    assert patched.json == {"extension": "1001", **NOWHERE, "unconditional": "+15551234", "busy": "*97"}
    assert (await put(house, "1001", ring_timer=-1)).json == {"extension": "1001", **NOWHERE, "ring_timer": -1}


async def test_only_forwards_that_say_something_are_kept() -> None:
    house = House.furnished()
    assert await stored(house) == ["1003"]
    await put(house, "1001", busy="1")
    assert await stored(house) == ["1001", "1003"]
    await put(house, "1001")
    await house.ask("PATCH", "/callforward/users/1003", WRITE, body={"busy": None})
    await house.ask("PATCH", "/callforward/users/1002", WRITE, body={})
    assert await stored(house) == []


async def test_clearing_what_is_clear_is_done_already() -> None:
    house = House.furnished()
    for _ in range(2):
        assert (await house.ask("DELETE", "/callforward/users/1001", WRITE)).status == 204


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("unconditional", "5551234", 200),
        ("unconditional", "+*#0", 200),
        ("unconditional", "1" * 32, 200),
        ("busy", "1" * 33, 422),
        ("busy", "", 422),
        ("busy", "+", 422),
        ("busy", "555-1234", 422),
        ("unavailable", "1\n", 422),
        ("unavailable", 5551234, 422),
        ("ring_timer", -1, 200),
        ("ring_timer", 120, 200),
        ("ring_timer", 121, 422),
        ("ring_timer", -2, 422),
        ("ring_timer", "20", 422),
        ("ring_timer", True, 422),
        ("ring_timer", None, 422),
    ],
)
async def test_each_field_has_its_form(field: str, value: object, status: int) -> None:
    answer = await put_body(House.furnished(), "1001", {field: value})
    assert answer.status == status
    if status == 422:
        assert [error["path"] for error in answer.json["errors"]] == [field]


@pytest.mark.parametrize("field", ["unconditional", "busy", "unavailable"])
async def test_nobody_forwards_to_themselves(field: str) -> None:
    answer = await put_body(House.furnished(), "1001", {field: "1001"})
    assert detail(answer).endswith("1001 → 1001.")
    assert answer.json["errors"][0]["path"] == field


async def test_a_loop_is_refused_and_named() -> None:
    house = House.furnished()
    await put(house, "1001", unconditional="1002")
    await put(house, "1002", unconditional="1003")
    assert "1003 → 1001 → 1002 → 1003" in detail(await put(house, "1003", unconditional="1001"))
    assert (await put(house, "1003", busy="1001")).status == 200
    assert (await put(house, "1003", unconditional="5551234")).status == 200


async def test_a_loop_is_refused_when_it_is_closed_by_a_patch() -> None:
    house = House.furnished()
    await put(house, "1001", unconditional="1002")
    answer = await house.ask("PATCH", "/callforward/users/1002", READ, WRITE, body={"unconditional": "1001"})
    assert "1002 → 1001 → 1002" in detail(answer)


async def test_whoever_may_not_see_the_forwards_of_others_is_told_only_what_they_sent() -> None:
    house = House.furnished()
    await put(house, "1001", unconditional="1002")
    await put(house, "1002", unconditional="1003")
    for answer in (
        await put(house, "1003", WRITE, unconditional="1001"),
        await put(house, "1003", READ, WRITE, user="bob", unconditional="1001"),
    ):
        assert "1003 → 1001 → … → 1003" in detail(answer)
        assert "1002" not in detail(answer)


async def test_they_are_not_told_either_how_long_the_loop_is() -> None:
    house = House.furnished()
    await put(house, "1001", unconditional="1003")
    answer = await put(house, "1003", WRITE, unconditional="1001")
    assert "1003 → 1001 → … → 1003" in detail(answer)


async def test_a_chain_is_followed_only_so_far() -> None:
    house = House.furnished()
    numbers = [str(2_000 + place) for place in range(LONGEST_CHAIN + 2)]
    house.data.keep(*[Extension(number, "A phone") for number in numbers])
    house.data.keep(*[Forward(one, unconditional=other) for one, other in pairwise(numbers[1:])])
    assert "more than 100 times" in detail(await put(house, numbers[0], unconditional=numbers[1]))
    assert (await put(house, numbers[0], unconditional=numbers[2])).status == 200


async def test_a_person_forwards_their_own_and_nobody_elses() -> None:
    house = House.furnished()
    assert (await put(house, "1001", user="alice", unconditional="1003")).status == 200
    assert (await put(house, "1003", user="alice", unconditional="1001")).status == 404
    assert (await get(house, "1003", user="alice")).status == 404
    listed = await house.ask("GET", "/callforward/users", READ, user="alice")
    assert [each["extension"] for each in listed.json["items"]] == ["1001"]


async def test_the_ring_timer_alone_is_set_and_all_else_stays() -> None:
    house = House.furnished()
    path = "/callforward/users/1003/ringtimer"
    assert (await house.ask("GET", path, READ)).json == {"extension": "1003", "ring_timer": 0}
    answer = await house.ask("PUT", path, READ, WRITE, body={"ring_timer": 45})
    assert (answer.status, answer.json) == (200, {"extension": "1003", "ring_timer": 45})
    assert (await get(house, "1003")).json == {"extension": "1003", **NOWHERE, "busy": "5551234", "ring_timer": 45}


async def test_a_ring_timer_at_its_default_leaves_no_row() -> None:
    house = House.furnished()
    for body, kept in (({"ring_timer": 30}, ["1001", "1003"]), ({}, ["1003"]), ({"ring_timer": 0}, ["1003"])):
        assert (await house.ask("PUT", "/callforward/users/1001/ringtimer", WRITE, body=body)).status == 204
        assert await stored(house) == kept


@pytest.mark.parametrize("body", [{"ring_timer": None}, {"ring_timer": 121}, {"ring_timer": -2}, {"busy": "1"}])
async def test_a_ring_timer_has_its_form(body: object) -> None:
    house = House.furnished()
    assert (await house.ask("PUT", "/callforward/users/1003/ringtimer", WRITE, body=body)).status == 422
    assert (await get(house, "1003")).json["ring_timer"] == 0


async def test_whoever_may_set_the_ring_timer_alone_sees_and_sets_nothing_else() -> None:
    house = House.furnished()
    scopes = [f"{scope}:ringtimer" for scope in (READ, WRITE)]
    path = "/callforward/users/1001"
    assert (await house.ask("PUT", f"{path}/ringtimer", *scopes, body={"ring_timer": 9})).json["ring_timer"] == 9
    assert (await house.ask("GET", f"{path}/ringtimer", *scopes)).status == 200
    for method, body in (("GET", None), ("PUT", {}), ("PATCH", {}), ("DELETE", None)):
        assert (await house.ask(method, path, *scopes, body=body)).status == 403


async def test_the_ring_timer_is_in_words_of_its_own() -> None:
    catalogue = House.furnished().modules.catalogue
    for api in ("rest", "gql"):
        told = catalogue[f"{api}:callforward:write:ringtimer"].description
        assert told == "Change how long telephones ring before calls go on"


async def test_those_are_found_from_whom_calls_go_to_a_number() -> None:
    house = House.furnished()
    await put(house, "1001", unconditional="1003")
    await put(house, "1002", unavailable="1003", busy="+1003")

    async def found(to: str, user: str | None = None) -> list[str]:
        listed = await house.ask("GET", f"/callforward/users?to={to}", READ, user=user)
        return [each["extension"] for each in listed.json["items"]]

    assert await found("1003") == ["1001", "1002"]
    assert await found("5551234") == ["1003"]
    assert await found("%2B1003") == ["1002"]
    assert await found("100") == []
    assert await found("5551234", user="alice") == []
    assert (await house.ask("GET", "/callforward/users?to=nobody", READ)).status == 422
