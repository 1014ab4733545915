"""What is noted of calls, the same over both APIs: that they were let in, that they were refused, what they wrote."""

import pytest

from scopekeeper.api.noting import written
from scopekeeper.services.lists import SYSTEM, Kind
from scopekeeper.services.tally import Tally
from tests.api.house import Answer, House
from tests.api.house import asked as asked_of
from tests.api.office import Office
from tests.fixtures import NOON

FORWARD = "/callforward/users/1001"
CLIENT = "app1"


def noted(tally: Tally, client_id: str = CLIENT) -> dict[str, dict[str, int]]:
    """What was noted of the first application that asked, by kind."""
    told: dict[str, dict[str, int]] = {}
    for each in tally.taken(NOON):
        if each.client_id == client_id:
            told.setdefault(each.kind, {})[each.what] = each.times
    return told


async def rest(method: str, path: str, *scope: str, body: object = None, **headers: str) -> tuple[Answer, House]:
    house = House.furnished()
    return await house.ask(method, path, *scope, body=body, headers=headers), house


async def test_a_call_is_noted_with_the_scope_that_it_needed_and_whence_it_came() -> None:
    answer, house = await rest("GET", FORWARD, "rest")
    assert answer.status == 200
    assert noted(house.tally) == {
        Kind.CALLS: {"rest": 1},
        Kind.SCOPES: {"rest:callforward:read": 1},
        Kind.ADDRESSES: {"192.0.2.7": 1},
    }


async def test_a_document_is_one_call_with_every_scope_that_it_needed() -> None:
    office = Office.furnished()
    answer = await office.ask('{ room(name: "r1") { name } rooms { totalCount } bookings { totalCount } }')
    assert answer.status == 200
    told = noted(office.tally)
    assert told[Kind.CALLS] == {"gql": 1}
    assert told[Kind.SCOPES] == {"gql:rooms:read": 1, "gql:bookings:read": 1}


async def test_who_asks_for_the_schema_alone_needs_no_scope_and_calls_all_the_same() -> None:
    office = Office.furnished()
    await office.ask("{ __schema { queryType { name } } }")
    told = noted(office.tally)
    assert (told[Kind.CALLS], Kind.SCOPES in told) == ({"gql": 1}, False)


async def test_a_call_that_comes_to_nothing_was_let_in_all_the_same() -> None:
    answer, house = await rest("GET", "/callforward/users/9999", "rest")
    assert answer.status == 404
    assert noted(house.tally)[Kind.CALLS] == {"rest": 1}


async def test_a_denial_is_noted_with_what_was_missing_and_is_no_call() -> None:
    answer, house = await rest("PUT", FORWARD, "rest:callforward:read", body={"busy": "1"})
    assert answer.status == 403
    assert noted(house.tally) == {Kind.DENIALS: {"rest:callforward:write": 1}}


async def test_a_document_that_is_denied_is_noted_with_all_that_was_missing() -> None:
    office = Office.furnished()
    answer = await office.ask("{ rooms { totalCount } bookings { totalCount } }", "gql:rooms:write")
    assert answer.status == 403
    assert noted(office.tally) == {Kind.DENIALS: {"gql:bookings:read": 1, "gql:rooms:read": 1}}


async def test_a_condition_on_what_may_not_be_read_is_a_denial_too() -> None:
    answer, house = await rest("PUT", FORWARD, "rest:callforward:write", body={"busy": "1"}, **{"if-match": '"x"'})
    assert answer.status == 403
    assert noted(house.tally)[Kind.DENIALS] == {"rest:callforward:read": 1}


@pytest.mark.parametrize(
    ("method", "path", "body", "what"),
    [
        ("PUT", FORWARD, {"busy": "5551234"}, "callforward/1001"),
        ("PATCH", FORWARD, {"busy": "5551234"}, "callforward/1001"),
        ("DELETE", "/callforward/users/1003", None, "callforward/1003"),
        ("POST", "/extensions/", {"extension": "1009", "name": "Attic"}, "extensions/1009"),
        ("POST", "/admin/users", {"name": "carol"}, "admin/users"),
    ],
)
async def test_a_write_is_noted_with_module_and_key(method: str, path: str, body: object, what: str) -> None:
    answer, house = await rest(method, path, "rest", body=body)
    assert answer.status in (200, 201, 204), answer.body
    assert noted(house.tally)[Kind.WRITES] == {what: 1}


async def test_a_write_that_failed_wrote_nothing() -> None:
    answer, house = await rest("PUT", FORWARD, "rest", body={"busy": "no number"})
    assert answer.status == 422
    assert Kind.WRITES not in noted(house.tally)


async def test_each_mutation_of_a_document_is_noted() -> None:
    office = Office.furnished()
    answer = await office.ask('mutation { a: removeRoom(name: "r1") { name } b: removeRoom(name: "r2") { name } }')
    assert set(answer.data) == {"a", "b"}
    assert noted(office.tally)[Kind.WRITES] == {"rooms/r1": 1, "rooms/r2": 1}


async def test_of_the_system_only_calls_and_denials_are_noted() -> None:
    _, house = await rest("DELETE", FORWARD, "rest")
    assert noted(house.tally, SYSTEM) == {Kind.CALLS: {"rest": 1}}


async def test_who_presents_nothing_is_noted_nowhere() -> None:
    house = House.furnished()
    assert (await asked_of(house.app, "GET", f"/api/rest{FORWARD}")).status == 401
    assert house.tally.taken(NOON) == []


def test_what_was_written_has_its_resource_in_its_name() -> None:
    house = House()
    operation = next(each for each in house.modules.operations if each.field == "withdrawConsent")
    assert written(operation, {"user": "alice", "client_id": "abc"}, None) == "admin/consents/alice/abc"
