"""Extensions: who may see, add, change and remove them."""

import pytest

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
