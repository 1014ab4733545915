"""Voicemail: how a mailbox takes messages, and its PIN, which is set, asked about, and never shown."""

import asyncio
from typing import Any

import pytest

from scopekeeper.settings import Database
from tests.api.house import Answer, House
from tests.modules.answers import refused
from tests.modules.stored import stored

READ, WRITE, CHECK = "rest:voicemail:read", "rest:voicemail:write", "rest:voicemail:write:pin"
DEFAULTS: dict[str, Any] = {
    "enabled": True,
    "name": None,
    "email": None,
    "pager": None,
    "attach": False,
    "say_caller": False,
    "say_envelope": False,
    "delete_sent": False,
    "has_pin": False,
}
EVERYTHING: dict[str, Any] = {
    "enabled": False,
    "name": "Reception",
    "email": "alice@example.com",
    "pager": "5551234@pager.example",
    "attach": True,
    "say_caller": True,
    "say_envelope": True,
    "delete_sent": True,
}


async def get(house: House, extension: str = "1001", user: str | None = None) -> Answer:
    return await house.ask("GET", f"/voicemail/mailboxes/{extension}", READ, user=user)


async def patch(house: House, extension: str = "1001", user: str | None = None, **body: Any) -> Answer:
    return await house.ask("PATCH", f"/voicemail/mailboxes/{extension}", READ, WRITE, user=user, body=body)


async def check(
    house: House, pin: object, extension: str = "1001", scope: str = CHECK, user: str | None = None
) -> Answer:
    path = f"/voicemail/mailboxes/{extension}/pin-check"
    return await house.ask("POST", path, scope, user=user, body={"pin": pin})


async def matches(house: House, pin: str, extension: str = "1001") -> bool:
    answer = await check(house, pin, extension)
    assert (answer.status, answer.json["extension"], answer.json["retry_after"]) == (201, extension, None)
    right: bool = answer.json["matches"]
    return right


async def listed(house: House, user: str | None = None) -> list[str]:
    items = (await house.ask("GET", "/voicemail/mailboxes", READ, user=user)).json["items"]
    return [each["extension"] for each in items]


async def test_every_extension_has_a_mailbox_and_one_is_kept_where_something_is_said() -> None:
    house = House.furnished()
    assert (await get(house)).json == {"extension": "1001", **DEFAULTS}
    assert await listed(house) == []
    await patch(house, say_caller=True)
    assert await listed(house) == ["1001"]
    await patch(house, say_caller=None)
    assert await listed(house) == []
    assert (await get(house, "1999")).status == 404


async def test_what_is_written_is_read_back_and_null_clears_it() -> None:
    house = House.furnished()
    written = await patch(house, **EVERYTHING)
    assert written.json == {"extension": "1001", **DEFAULTS, **EVERYTHING}
    assert (await get(house)).json == written.json
    assert (await patch(house, enabled=True)).json == written.json | {"enabled": True}
    cleared: dict[str, Any] = dict.fromkeys(EVERYTHING)
    assert (await patch(house, **cleared)).json == {"extension": "1001", **DEFAULTS}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "alice"),
        ("email", "alice@example.com\r\nBcc: bob@example.com"),
        ("email", "alice,bob@example.com"),
        ("email", "<alice>@example.com"),
        ("pager", "@example.com"),
        ("pager", "alice;delete=yes@example.com"),
        ("name", "a\nb"),
        ("enabled", "yes"),
        ("has_pin", True),
        ("digest", "x"),
    ],
)
async def test_each_field_has_its_form(field: str, value: Any) -> None:
    """Of addresses: one, of the letters that stand in it unquoted (RFC 5322 §3.2.3)."""
    refused(await patch(House.furnished(), **{field: value}), field)


async def test_no_message_is_deleted_that_was_sent_nowhere() -> None:
    house = House.furnished()
    nowhere: list[dict[str, Any]] = [{}, {"attach": True}, {"email": "alice@example.com"}]
    for sent in nowhere:
        refused(await patch(house, delete_sent=True, **sent), "delete_sent")
    assert (await patch(house, delete_sent=True, attach=True, email="alice@example.com")).status == 200
    for cleared in ("attach", "email"):
        emptied: dict[str, Any] = {cleared: None}
        refused(await patch(house, **emptied), "delete_sent")


async def test_a_person_changes_their_own_and_nobody_elses() -> None:
    house = House.furnished()
    assert (await patch(house, "1001", "alice", pin="8350")).json["has_pin"] is True
    assert (await patch(house, "1003", "alice", pin="8350")).status == 404
    assert (await get(house, "1003", "alice")).status == 404
    assert await listed(house, "alice") == ["1001"]
    assert await listed(house, "bob") == []


async def test_a_pin_is_set_asked_about_changed_and_cleared() -> None:
    house = House.furnished()
    assert not await matches(house, "8350")
    assert (await patch(house, pin="8350")).json["has_pin"] is True
    assert (await get(house)).json == {"extension": "1001", **DEFAULTS, "has_pin": True}
    assert await matches(house, "8350")
    assert not await matches(house, "8351")
    assert not await matches(house, "8350", "1002")
    await patch(house, pin="0946138275")
    assert await matches(house, "0946138275")
    assert not await matches(house, "8350")
    await patch(house, say_caller=True)
    assert await matches(house, "0946138275")
    assert (await patch(house, pin=None)).json["has_pin"] is False
    assert not await matches(house, "0946138275")
    assert (await patch(house, pin=None)).status == 200


async def test_a_mailbox_that_has_a_pin_and_nothing_else_is_listed() -> None:
    house = House.furnished()
    await patch(house, pin="8350")
    assert await listed(house) == ["1001"]
    await patch(house, pin=None)
    assert await listed(house) == []


@pytest.mark.parametrize(
    ("pin", "reason"),
    [
        ("1001", "The extension's own number is no PIN"),
        ("7777", "One digit alone is no PIN"),
        ("0000000000", "One digit alone is no PIN"),
        ("1234", "A run such as 1234"),
        ("78901", "A run such as 1234"),
        ("6543210", "A run such as 1234"),
        ("2109", "A run such as 1234"),
        ("835", "Expected `str`"),
        ("83508350835", "Expected `str`"),
        ("83 50", "Expected `str`"),
        ("\uff18\uff13\uff15\uff10", "Expected `str`"),
        ("8350\n", "Expected `str`"),
        ("", "Expected `str`"),
        (8350, "Expected `str"),
    ],
)
async def test_a_pin_that_is_tried_first_or_is_none_is_refused_and_not_repeated(pin: object, reason: str) -> None:
    house = House.furnished()
    answer = await patch(house, pin=pin)
    told = refused(answer, "pin")
    assert told.startswith(reason)
    assert str(pin).strip() == "" or str(pin) not in told.replace("such as 1234 or 4321", "")
    assert (await get(house)).json["has_pin"] is False


@pytest.mark.parametrize("pin", ["1002", "1235", "1357", "7778", "9021", "10010"])
async def test_other_pins_are_taken(pin: str) -> None:
    assert (await patch(House.furnished(), pin=pin)).json["has_pin"] is True


async def test_who_may_write_and_not_read_sets_a_pin_and_learns_nothing() -> None:
    house = House.furnished()
    answer = await house.ask("PATCH", "/voicemail/mailboxes/1001", WRITE, body={"pin": "8350"})
    assert (answer.status, answer.body) == (204, b"")
    assert await matches(house, "8350")


async def test_the_tag_tells_whether_there_is_a_pin_and_nothing_of_it() -> None:
    house = House.furnished()
    none = (await get(house)).headers["etag"]
    tags = {(await patch(house, pin=pin)).headers["etag"] for pin in ("8350", "8350", "0946138275")}
    assert len(tags | {none}) == 2
    assert (await get(house)).headers["etag"] in tags


async def test_a_pin_is_set_only_on_the_mailbox_that_was_seen() -> None:
    house = House.furnished()
    path, tag = "/voicemail/mailboxes/1001", (await get(house)).headers["etag"]
    await patch(house, say_caller=True)
    for condition, status in ((tag, 412), ((await get(house)).headers["etag"], 200)):
        answer = await house.ask("PATCH", path, READ, WRITE, body={"pin": "8350"}, headers={"if-match": condition})
        assert answer.status == status
        assert await matches(house, "8350") is (status == 200)


async def test_only_the_telephone_system_asks_by_a_scope_of_its_own() -> None:
    house = House.furnished()
    await patch(house, pin="8350")
    for scope in (CHECK, WRITE, "rest:voicemail", "rest"):
        assert (await check(house, "8350", scope=scope)).json["matches"] is True
        assert (await check(house, "8350", scope=scope, user="alice")).status == 403
    for scope in (READ, "rest:extensions", "gql", "rest:callforward:write"):
        assert (await check(house, "8350", scope=scope)).status == 403
    answer = await house.ask("PATCH", "/voicemail/mailboxes/1001", CHECK, body={"pin": None})
    assert answer.status == 403


async def test_an_answer_about_a_pin_is_kept_nowhere() -> None:
    house = House.furnished()
    answer = await check(house, "8350")
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    assert answer.json == {"extension": "1001", "matches": False, "retry_after": None}


@pytest.mark.parametrize("pin", ["", "a", "1" * 33, "8350\n", 8350, None])
async def test_what_cannot_be_dialled_is_not_looked_at(pin: object) -> None:
    refused(await check(House.furnished(), pin), "pin")


async def test_there_is_nothing_to_ask_about_an_extension_that_does_not_exist() -> None:
    assert (await check(House.furnished(), "8350", "1999")).status == 404


@pytest.mark.parametrize("there_is_one", [True, False])
async def test_after_ten_wrong_ones_two_a_minute_are_looked_at_and_others_are_not_concerned(there_is_one: bool) -> None:
    house = House.furnished()
    if there_is_one:
        await patch(house, pin="8350")
    await patch(house, "1002", pin="8350")
    for _ in range(5):
        assert await matches(house, "8350") is there_is_one
    for guess in range(10 if there_is_one else 5):
        assert not await matches(house, f"{9020 + guess}")
    for pin in ("8350", "9999"):
        answer = await check(house, pin)
        assert answer.json == {"extension": "1001", "matches": False, "retry_after": 30}
    assert await matches(house, "8350", "1002")


async def test_of_many_guesses_at_once_ten_are_looked_at() -> None:
    house = House.furnished()
    await patch(house, pin="8350")
    answers = await asyncio.gather(*(check(house, f"{9020 + guess}") for guess in range(40)))
    assert sum(answer.json["retry_after"] is None for answer in answers) == 10
    assert not any(answer.json["matches"] for answer in answers)


async def test_a_pin_goes_with_its_extension(database: Database) -> None:
    async with stored(database) as house:
        await patch(house, "1003", pin="8350")
        assert (await house.ask("DELETE", "/extensions/1003", "rest")).status == 204
        again = {"extension": "1003", "name": "Workshop"}
        assert (await house.ask("POST", "/extensions/", "rest", body=again)).status == 201
        assert (await get(house, "1003")).json == {"extension": "1003", **DEFAULTS}
        assert not await matches(house, "8350", "1003")


async def test_of_two_that_set_and_clear_a_pin_at_once_both_are_told_the_truth(database: Database) -> None:
    async with stored(database) as house:
        for _ in range(10):
            await asyncio.gather(patch(house, pin="8350"), patch(house, pin=None), patch(house, say_caller=True))
            has_pin = (await get(house)).json["has_pin"]
            assert await matches(house, "8350") is has_pin
            await patch(house, pin=None)
