"""Extensions: who may see, add, change and remove them."""

import pytest

from scopekeeper.modules.extensions import Extension
from tests.api.house import House

EXTENSIONS = ("rest:extensions",)
NEW = {"extension": "1004", "name": "Night shift", "owner": "bob", "email": "bob@example.com"}


async def test_what_was_written_is_read_back() -> None:
    house = House.furnished()
    assert (await house.ask("POST", "/extensions/", *EXTENSIONS, body=NEW)).json == NEW
    assert (await house.ask("GET", "/extensions/1004", *EXTENSIONS)).json == NEW


async def test_a_person_sees_their_own_alone() -> None:
    house = House.furnished()
    listed = await house.ask("GET", "/extensions/", *EXTENSIONS, user="alice")
    assert [each["extension"] for each in listed.json["items"]] == ["1001", "1002"]
    assert (await house.ask("GET", "/extensions/1003", *EXTENSIONS, user="alice")).status == 404
    assert (await house.ask("GET", "/extensions/1003", *EXTENSIONS, user="bob")).status == 200


async def test_what_is_nobodys_no_person_sees() -> None:
    house = House.furnished()
    await house.ask("POST", "/extensions/", *EXTENSIONS, body={**NEW, "owner": None})
    assert (await house.ask("GET", "/extensions/1004", *EXTENSIONS, user="alice")).status == 404


async def test_a_person_changes_their_own_but_not_whose_it_is() -> None:
    house = House.furnished()
    renamed = await house.ask("PATCH", "/extensions/1001", *EXTENSIONS, user="alice", body={"name": "Desk"})
    assert (renamed.status, renamed.json["name"]) == (200, "Desk")
    kept = await house.ask("PATCH", "/extensions/1001", *EXTENSIONS, user="alice", body={"owner": "alice"})
    assert kept.status == 200
    for owner in ("bob", None):
        given = await house.ask("PATCH", "/extensions/1001", *EXTENSIONS, user="alice", body={"owner": owner})
        assert given.status == 403
    assert (await house.ask("PATCH", "/extensions/1003", *EXTENSIONS, user="alice", body={"name": "x"})).status == 404


async def test_an_application_says_whose_an_extension_is() -> None:
    house = House.furnished()
    answer = await house.ask("PATCH", "/extensions/1001", *EXTENSIONS, body={"owner": "bob"})
    assert answer.json["owner"] == "bob"
    assert (await house.ask("GET", "/extensions/1001", *EXTENSIONS, user="alice")).status == 404


async def test_no_person_adds_or_removes() -> None:
    house = House.furnished()
    assert (await house.ask("POST", "/extensions/", *EXTENSIONS, user="bob", body=NEW)).status == 403
    assert (await house.ask("DELETE", "/extensions/1001", *EXTENSIONS, user="alice")).status == 403


async def test_removing_an_extension_clears_its_forwards() -> None:
    house = House.furnished()
    answer = await house.ask("DELETE", "/extensions/1003", *EXTENSIONS)
    assert (answer.status, answer.headers["scopekeeper-removed"]) == (204, "callforward;count=1")
    assert (await house.ask("GET", "/callforward/users/1003", "rest")).status == 404
    await house.ask("POST", "/extensions/", *EXTENSIONS, body={**NEW, "extension": "1003"})
    assert (await house.ask("GET", "/callforward/users/1003", "rest")).json["busy"] is None


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("extension", "1" * 32, 201),
        ("extension", "1" * 33, 422),
        ("extension", "+1", 422),
        ("name", "Zoë’s desk ☎", 201),
        ("name", "x" * 100, 201),
        ("name", "tab\there", 422),
        ("name", "line\u2028here", 422),
        ("owner", "two words", 422),
        ("owner", "", 422),
        ("email", "a@b", 201),
        ("email", "a@b@c", 422),
        ("email", "a b@c.org", 422),
        ("email", "@c.org", 422),
        ("email", "x" * 65 + "@c.org", 422),
    ],
)
async def test_each_field_has_its_form(field: str, value: str, status: int) -> None:
    answer = await House.furnished().ask("POST", "/extensions/", *EXTENSIONS, body={**NEW, field: value})
    assert answer.status == status
    if status == 422:
        assert [error["path"] for error in answer.json["errors"]] == [field]


async def listed(house: House, query: str = "", user: str | None = None) -> list[str]:
    answer = await house.ask("GET", f"/extensions/{query}", *EXTENSIONS, user=user)
    assert answer.status == 200, answer.body
    return [each["extension"] for each in answer.json["items"]]


async def test_a_list_is_of_one_owner_or_of_numbers_that_begin_so() -> None:
    house = House.furnished()
    house.data.keep(Extension("2001", "Attic", "bob"), Extension("210", "Cellar"))
    assert await listed(house, "?owner=bob") == ["1003", "2001"]
    assert await listed(house, "?begins=2") == ["2001", "210"]
    assert await listed(house, "?begins=2&owner=bob") == ["2001"]
    assert await listed(house, "?owner=nobody") == []
    for query in ("?begins=%25", "?begins=%2B1", "?owner=two%20words"):
        assert (await house.ask("GET", f"/extensions/{query}", *EXTENSIONS)).status == 422


async def test_a_person_who_asks_for_another_owner_sees_nothing() -> None:
    house = House.furnished()
    assert await listed(house, "?owner=bob", user="alice") == []
    assert await listed(house, "?owner=alice&begins=1002", user="alice") == ["1002"]


async def test_a_list_is_in_the_order_of_numbers_or_of_names() -> None:
    house = House.furnished()
    assert await listed(house, "?order=desc") == ["1003", "1002", "1001"]
    assert await listed(house, "?sort=name") == ["1002", "1001", "1003"]
    assert await listed(house, "?sort=name&order=desc") == ["1003", "1001", "1002"]
    assert (await house.ask("GET", "/extensions/?sort=email", *EXTENSIONS)).status == 422


async def test_pages_follow_one_another_in_the_order_of_names() -> None:
    house = House.furnished()
    house.data.keep(Extension("1004", "Kitchen"), Extension("1005", "Kitchen"))
    found, path = [], "/extensions/?sort=name&limit=2"
    while path:
        answer = await house.ask("GET", path, *EXTENSIONS)
        found += [each["extension"] for each in answer.json["items"]]
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("</api/rest")
    assert found == ["1002", "1004", "1005", "1001", "1003"]


async def test_what_other_modules_keep_stays_when_an_extension_is_changed() -> None:
    house = House.furnished()
    settings = {
        "/callforward/users/1003": {"busy": "5551234", "ring_timer": 20},
        "/callwaiting/users/1003": {"enabled": True},
        "/donotdisturb/users/1003": {"enabled": True},
    }
    for path, body in settings.items():
        assert (await house.ask("PUT", path, "rest", body=body)).status == 200
    before = [(await house.ask("GET", path, "rest")).json for path in settings]
    for change in ({"name": "Attic"}, {"owner": "alice", "email": "a@b"}, {"owner": None, "email": None}):
        assert (await house.ask("PATCH", "/extensions/1003", *EXTENSIONS, body=change)).status == 200
    assert [(await house.ask("GET", path, "rest")).json for path in settings] == before


async def add_range(house: House, **body: object) -> tuple[int, dict[str, object]]:
    answer = await house.ask("POST", "/extensions/ranges", *EXTENSIONS, body=body)
    return answer.status, answer.json


async def test_a_range_is_added_with_names_after_a_pattern() -> None:
    house = House.furnished()
    told = await add_range(house, first="2001", count=3, name="Phone {extension}", owner="bob")
    assert told == (201, {"first": "2001", "last": "2003", "count": 3})
    assert await listed(house, "?begins=2") == ["2001", "2002", "2003"]
    found = (await house.ask("GET", "/extensions/2002", *EXTENSIONS)).json
    assert found == {"extension": "2002", "name": "Phone 2002", "owner": "bob", "email": None}


async def test_without_a_pattern_the_number_is_the_name() -> None:
    house = House.furnished()
    assert (await add_range(house, first="007", count=1))[0] == 201
    assert (await house.ask("GET", "/extensions/007", *EXTENSIONS)).json["name"] == "007"


async def test_only_the_number_is_put_into_a_name() -> None:
    house = House.furnished()
    name = "{0} {extension.x} {{extension}} %s"
    assert (await add_range(house, first="2001", count=1, name=name))[0] == 201
    found = (await house.ask("GET", "/extensions/2001", *EXTENSIONS)).json
    assert found["name"] == "{0} {extension.x} {2001} %s"


async def test_of_a_range_all_are_added_or_none_and_those_in_the_way_are_named() -> None:
    house = House.furnished()
    await add_range(house, first="0999", count=1)
    status, told = await add_range(house, first="0998", count=10)
    assert (status, told["detail"]) == (409, "0999, 1001, 1002, 1003 exist already: none was added.")
    assert await listed(house, "?begins=0") == ["0999"]
    house.data.keep(*[Extension(str(number), "A phone") for number in range(2001, 2011)])
    _, told = await add_range(house, first="2000", count=100)
    assert told["detail"] == "2001, 2002, 2003, 2004, 2005 and 5 more exist already: none was added."


async def test_as_many_as_a_thousand_are_added_at_once() -> None:
    house = House.furnished()
    assert await add_range(house, first="2000", count=1000) == (201, {"first": "2000", "last": "2999", "count": 1000})
    assert (await add_range(house, first="4000", count=1001))[0] == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first", "+1"),
        ("first", ""),
        ("first", 2001),
        ("count", 0),
        ("count", -1),
        ("count", "10"),
        ("name", ""),
        ("name", "line\nhere"),
        ("name", "x" * 101),
        ("name", "x" * 70 + "{extension}"),
        ("owner", "two words"),
        ("email", "alice@example.com"),
    ],
)
async def test_each_field_of_a_range_has_its_form(field: str, value: object) -> None:
    house = House.furnished()
    status, told = await add_range(house, **{"first": "2" * 32, "count": 10, field: value})
    errors = told["errors"]
    assert isinstance(errors, list)
    assert (status, [each["path"] for each in errors]) == (422, [field])


async def test_a_range_does_not_run_into_longer_numbers() -> None:
    house = House.furnished()
    assert (await add_range(house, first="95", count=5))[0] == 201
    status, told = await add_range(house, first="995", count=6)
    assert (status, told["detail"]) == (422, "count: Of 3 digits, there are only 5 numbers from 995 on.")


async def test_no_person_adds_a_range() -> None:
    house = House.furnished()
    answer = await house.ask("POST", "/extensions/ranges", *EXTENSIONS, user="alice", body={"first": "1", "count": 1})
    assert answer.status == 403


async def test_whoever_may_only_write_is_told_what_was_added() -> None:
    house = House.furnished()
    body = {"first": "2001", "count": 2}
    answer = await house.ask("POST", "/extensions/ranges", "rest:extensions:write", body=body)
    assert (answer.status, answer.json) == (201, {"first": "2001", "last": "2002", "count": 2})
