"""What operations answer over GraphQL, and how their outcomes are told."""

import pytest
from structlog.testing import capture_logs

from scopekeeper.services.ports import Unavailable
from tests.api.office import MODULES, Booking, Office, Room
from tests.fixtures_data import DictData


class Away(DictData):
    """Data whose database cannot be asked just now."""

    async def exists(self, table: str, key: str, whose: str | None) -> int | None:
        raise Unavailable


async def test_a_read_answers_what_was_selected_in_the_words_of_graphql() -> None:
    office = Office.furnished()
    answer = await office.ask(
        '{ room(name: "r1") { name floor kind openedAt volume items { itemName amount } keeper { itemName } } }'
    )
    assert answer.data["room"] == {
        "name": "r1",
        "floor": 1,
        "kind": "WORK",
        "openedAt": "2026-03-01T12:00:00Z",
        "volume": 2**40,
        "items": [{"itemName": "table", "amount": 1}],
        "keeper": {"itemName": "table"},
    }


async def test_what_is_written_is_read_back() -> None:
    office = Office.furnished()
    body = {
        "floor": -3,
        "kind": "TALK",
        "openedAt": "2026-05-01T08:30:00Z",
        "volume": 2**62,
        "items": [{"itemName": "lamp", "amount": 2}, {"itemName": "chair", "amount": 1}],
        "keeper": {"itemName": "cat", "amount": 1},
    }
    shown = "name floor kind openedAt volume items { itemName amount } keeper { itemName amount }"
    write = f'mutation($body: RoomChangeInput!) {{ setRoom(name: "r2", body: $body) {{ {shown} }} }}'
    expected = {"name": "r2", **body}
    assert (await office.ask(write, variables={"body": body})).data == {"setRoom": expected}
    assert (await office.ask(f'{{ room(name: "r2") {{ {shown} }} }}')).data == {"room": expected}


async def test_a_patch_changes_the_fields_given_and_null_clears() -> None:
    office = Office.furnished()
    query = 'mutation { updateRoom(name: "r1", body: {openedAt: null, floor: 9}) { floor openedAt kind } }'
    assert (await office.ask(query)).data == {"updateRoom": {"floor": 9, "openedAt": None, "kind": "WORK"}}


async def test_a_put_takes_defaults_for_what_is_left_out() -> None:
    office = Office.furnished()
    query = 'mutation { setRoom(name: "r1", body: {}) { floor kind openedAt items { amount } } }'
    assert (await office.ask(query)).data["setRoom"] == {"floor": 0, "kind": "TALK", "openedAt": None, "items": []}


async def test_a_key_may_be_repeated_in_a_body_but_not_differ() -> None:
    office = Office.furnished()
    query = 'mutation { book(ticket: "t7", body: {ticket: "%s", room: "r1", holder: "eve"}) { ticket } }'
    assert (await office.ask(query % "t7")).data == {"book": {"ticket": "t7"}}
    assert (await office.ask(query % "t8")).code == "INVALID"


async def test_a_page_begins_behind_its_cursor() -> None:
    office = Office.furnished()
    seen: list[str] = []
    after: str | None = None
    query = """
        query($after: String) {
            rooms(first: 3, after: $after) {
                edges { cursor node { name } }
                nodes { name }
                pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
            }
        }
    """
    for page in range(3):
        rooms = (await office.ask(query, variables={"after": after})).data["rooms"]
        assert [edge["node"] for edge in rooms["edges"]] == rooms["nodes"]
        assert rooms["pageInfo"] == {
            "hasNextPage": page < 2,
            "hasPreviousPage": page > 0,
            "startCursor": rooms["edges"][0]["cursor"],
            "endCursor": rooms["edges"][-1]["cursor"],
        }
        seen += [node["name"] for node in rooms["nodes"]]
        after = rooms["pageInfo"]["endCursor"]
    assert seen == [f"r{number}" for number in range(1, 8)]


async def test_an_empty_page_has_no_cursors() -> None:
    page_info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    rooms = (await Office().ask(f"{{ rooms {{ edges {{ cursor }} {page_info} totalCount }} }}")).data["rooms"]
    assert rooms["edges"] == []
    assert rooms["totalCount"] == 0
    assert set(rooms["pageInfo"].values()) == {False, None}


async def test_all_are_counted_only_when_somebody_asks() -> None:
    office = Office.furnished()
    await office.ask("{ rooms { nodes { name } } }")
    assert "count" not in office.data.trips
    answer = await office.ask("{ rooms(first: 1, kind: TALK) { totalCount } }")
    assert answer.data == {"rooms": {"totalCount": 3}}
    assert office.data.trips.count("count") == 1


@pytest.mark.parametrize("first", [0, -1, 501, 2**31 - 1])
async def test_row_56_a_page_has_one_to_500_items(first: int) -> None:
    answer = await Office().ask(f"{{ rooms(first: {first}) {{ totalCount }} }}")
    assert (answer.status, answer.code, answer.error["extensions"]["field"]) == (200, "INVALID", "first")


async def test_row_56_a_cursor_that_was_not_given_here_is_invalid() -> None:
    answer = await Office().ask('{ rooms(after: "r1") { totalCount } }')
    assert (answer.code, answer.error["extensions"]["field"]) == ("INVALID", "after")


async def test_what_is_not_there_is_null_with_a_code_and_the_rest_stands() -> None:
    office = Office.furnished()
    answer = await office.ask('{ a: room(name: "r1") { name } b: room(name: "nowhere") { name } }')
    assert answer.status == 200
    assert answer.json["data"] == {"a": {"name": "r1"}, "b": None}
    assert (answer.code, answer.error["path"]) == ("NOT_FOUND", ["b"])


async def test_an_invalid_value_is_named_in_the_words_of_graphql() -> None:
    office = Office.furnished()
    answer = await office.ask('mutation { setRoom(name: "r1", body: {items: [{itemName: ""}]}) { name } }')
    assert answer.code == "INVALID"
    assert answer.error["extensions"]["field"] == "items[0].itemName"
    answer = await office.ask('mutation { updateRoom(name: "r1", body: {floor: 13}) { name } }')
    assert answer.error["extensions"]["field"] == "$.floorNumber[0].isLucky"


async def test_what_cannot_be_cleared_is_invalid() -> None:
    office = Office.furnished()
    answer = await office.ask('mutation { updateRoom(name: "r1", body: {name: null}) { name } }')
    assert (answer.status, answer.code) == (200, "INVALID")


async def test_a_clash_has_its_code() -> None:
    office = Office.furnished()
    assert (await office.ask('mutation { addRoom(body: {name: "r1"}) { name } }')).code == "CONFLICT"


@pytest.mark.parametrize(
    "variables", [{}, {"name": None}, {"name": 5}, {"name": ["a"]}, {"name": {"deep": []}}, {"nam": "a"}]
)
async def test_variables_that_do_not_fit_are_told_and_nothing_runs(variables: dict[str, object]) -> None:
    office = Office()
    answer = await office.ask("query($name: String!) { room(name: $name) { name } }", variables=variables)
    assert (answer.status, answer.code) == (200, "INVALID")
    assert "data" not in answer.json
    assert not office.data.trips


async def test_mutations_run_one_after_the_other_each_a_unit_of_work_of_its_own() -> None:
    office = Office.furnished()
    query = """
        mutation {
            a: addRoom(body: {name: "new"}) { name }
            b: addRoom(body: {name: "new"}) { name }
            c: updateRoom(name: "new", body: {floor: 4}) { floor }
        }
    """
    answer = await office.ask(query)
    assert answer.json["data"] == {"a": {"name": "new"}, "b": None, "c": {"floor": 4}}
    assert answer.code == "CONFLICT"
    assert (await office.ask('{ room(name: "new") { floor } }')).data == {"room": {"floor": 4}}


async def test_what_a_write_took_along_is_reported_as_a_count() -> None:
    office = Office.furnished()
    answer = await office.ask('mutation { removeRoom(name: "r1") { name } }', "gql:rooms:write")
    assert answer.json == {
        "data": {"removeRoom": {"name": "r1"}},
        "extensions": {"removed": [{"module": "bookings", "count": 2}]},
    }


async def test_what_a_write_took_along_is_named_to_those_who_may_read_it() -> None:
    office = Office.furnished()
    scopes = ("gql:rooms:write", "gql:bookings:read")
    answer = await office.ask('mutation { removeRoom(name: "r1") { name } }', *scopes)
    assert answer.json["extensions"] == {"removed": [{"module": "bookings", "count": 2, "keys": ["t1", "t2"]}]}


async def test_the_read_scope_over_rest_is_none_over_graphql() -> None:
    office = Office.furnished()
    answer = await office.ask('mutation { removeRoom(name: "r1") { name } }', "gql:rooms:write", "rest:bookings:read")
    assert "keys" not in answer.json["extensions"]["removed"][0]


async def test_what_several_writes_took_along_is_told_together() -> None:
    office = Office.furnished()
    office.data.keep(Booking("t3", "r2", "eve"))
    answer = await office.ask('mutation { a: removeRoom(name: "r1") { name } b: removeRoom(name: "r2") { name } }')
    assert answer.json["extensions"] == {"removed": [{"module": "bookings", "count": 3, "keys": ["t1", "t2", "t3"]}]}


async def test_a_write_that_takes_nothing_along_reports_nothing() -> None:
    office = Office.furnished()
    assert "extensions" not in (await office.ask('mutation { removeRoom(name: "r2") { name } }')).json


async def test_row_55_a_person_reaches_their_own_and_not_the_systems() -> None:
    office = Office.furnished()
    assert (await office.ask("{ bookings { nodes { ticket } totalCount } }", user="alice")).data["bookings"] == {
        "nodes": [{"ticket": "t1"}],
        "totalCount": 1,
    }
    assert (await office.ask("{ rooms { totalCount } }", user="alice")).code == "FORBIDDEN"
    query = 'mutation { closeOffice(body: {itemName: "flood"}) { __typename } }'
    assert (await office.ask(query, user="alice")).code == "FORBIDDEN"
    assert (await office.ask(query)).data == {"closeOffice": {"__typename": "Item"}}


async def test_row_59_an_unexpected_error_is_told_without_a_word_of_it() -> None:
    office = Office.furnished()
    with capture_logs() as logged:
        answer = await office.ask('{ a: roomWindows(name: "r7") { name } }', state={"request_id": "req-7"})
    assert answer.status == 200
    assert answer.json["data"] == {"a": None}
    assert answer.error == {
        "message": "Internal error",
        "path": ["a"],
        "locations": [{"line": 1, "column": 3}],
        "extensions": {"code": "INTERNAL", "requestId": "req-7"},
    }
    assert b"secret of the trade" not in answer.body
    [line] = logged
    assert (line["request_id"], line["log_level"]) == ("req-7", "error")
    assert isinstance(line["exc_info"], ZeroDivisionError)


async def test_an_unexpected_error_needs_no_request_id() -> None:
    office = Office.furnished()
    with capture_logs():
        answer = await office.ask('{ roomWindows(name: "r7") { name } }')
    assert answer.error["extensions"] == {"code": "INTERNAL"}


async def test_an_answer_that_does_not_fit_its_type_is_our_error_and_not_the_callers() -> None:
    office = Office.furnished()
    office.data.keep(Room("vast", volume=2**70))
    with capture_logs() as logged:
        answer = await office.ask('{ room(name: "vast") { name volume } }')
    assert (answer.code, answer.error["message"]) == ("INTERNAL", "Internal error")
    assert len(logged) == 1


async def test_an_argument_left_without_a_value_is_the_callers_error() -> None:
    query = "query($kind: Kind = TALK, $floor: Int! = 3) { rooms(kind: $kind, first: $floor) { totalCount } }"
    assert (await Office().ask(query, variables={"kind": None})).data == {"rooms": {"totalCount": 0}}
    query = 'query($name: String = "a") { room(name: $name) { name } }'
    answer = await Office().ask(query, variables={"name": None})
    assert (answer.status, answer.code) == (200, "INVALID")


async def test_a_database_that_is_away_is_told_as_such() -> None:
    office = Office(data=Away(MODULES.tables))
    assert (await office.ask('{ room(name: "r1") { name } }')).code == "UNAVAILABLE"


async def test_skip_and_include_do_what_they_say() -> None:
    office = Office.furnished()
    query = "query($yes: Boolean!) { rooms(first: 1) { nodes { name @skip(if: $yes) floor @include(if: $yes) } } }"
    assert (await office.ask(query, variables={"yes": True})).data == {"rooms": {"nodes": [{"floor": 1}]}}
    assert (await office.ask(query, variables={"yes": False})).data == {"rooms": {"nodes": [{"name": "r1"}]}}
