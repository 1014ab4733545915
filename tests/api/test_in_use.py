"""What cannot be removed because others name it: who they are is told, as far as whoever asks may know."""

from dataclasses import field
from typing import Annotated, Any

import pytest

from scopekeeper.api.graphql.endpoint import GraphqlEndpoint
from scopekeeper.api.modules import Modules
from scopekeeper.api.perform import Performer
from scopekeeper.sdk import ApiModule, Caller, DeclarationError, Meta, Ref, record
from scopekeeper.surface.graphql import schema_of
from tests.api.house import Answer, House, asked

Number = Annotated[str, Meta(pattern="^[0-9]+$", examples=["1"]), Ref("phones")]


@record
class Phone:
    """A telephone."""

    number: str
    owner: str | None = None


@record
class Group:
    """A group of telephones: nobody's."""

    name: str
    members: list[Number] = field(default_factory=list)


@record
class Follow:
    """Whom a telephone's calls follow."""

    number: Number
    members: list[Number] = field(default_factory=list)


@record
class FollowChange:
    """Whom a telephone's calls shall follow."""

    members: list[Number]


phones = ApiModule("phones", title="Phones", read="See", write="Change")
groups = ApiModule("groups", title="Groups", read="See", write="Change")
follows = ApiModule("follows", title="Follows", read="See", write="Change")
all_phones = phones.table(Phone, key="number", owner="owner")
all_groups = groups.table(Group, key="name")
all_follows = follows.table(Follow, key="number", owner="number", refers={"number": ("phones", "cascade")})


@phones.read("GET /{number}", field="phone", of=all_phones)
async def get_phone(caller: Caller, number: str) -> Phone:
    """One telephone."""
    return await caller.rows(all_phones).get(number)


@phones.write("DELETE /{number}", field="removePhone", of=all_phones)
async def remove_phone(caller: Caller, number: str) -> Phone:
    """Remove a telephone."""
    gone = await caller.rows(all_phones).get(number)
    caller.rows(all_phones).remove(number)
    return gone


@groups.write("POST /", field="addGroup", system=True)
async def add_group(caller: Caller, body: Group) -> Group:
    """Add a group."""
    return await caller.rows(all_groups).add(body)


@follows.write("PUT /{number}", field="setFollow", of="number")
async def set_follow(caller: Caller, number: str, body: FollowChange) -> Follow:
    """Say whom calls follow."""
    return caller.rows(all_follows).put(Follow(number, body.members))


@groups.read("GET /owners/{number}", field="ownerOf", system=True)
async def owner_of(caller: Caller, number: str) -> Phone:
    """Whose a telephone is."""
    return Phone(number, await caller.owner_of("phones", number))


@follows.read("GET /owners/{number}", field="askOwner", of="number")
async def ask_owner(caller: Caller, number: str) -> Phone:
    """Whose a telephone is, asked in anybody's name."""
    return Phone(number, await caller.owner_of("phones", number))


@follows.read("GET /elsewhere/{number}", field="askElsewhere", of="number")
async def ask_elsewhere(caller: Caller, number: str) -> Phone:
    """Whose something is that no module keeps."""
    return Phone(number, await caller.owner_of("elsewhere", number))


MODULES = Modules([phones, groups, follows])


@pytest.fixture
def house() -> House:
    """Alice has two telephones and bob one. The first is named by two groups and by what follows the others."""
    house = House(modules=MODULES)
    house.data.keep(Phone("1", "alice"), Phone("2", "alice"), Phone("3", "bob"), Phone("4"))
    house.data.keep(
        Group("a", ["1"]), Group("b", ["2", "1"]), Follow("2", ["1"]), Follow("3", ["1"]), Follow("1", ["1"])
    )
    return house


async def refused(house: House, *scope: str, user: str | None = None) -> tuple[str, dict[str, tuple[int, list[str]]]]:
    """What whoever removes the first telephone hears: the words; and of each module how many, and which."""
    answer = await house.ask("DELETE", "/phones/1", *scope, user=user)
    assert (answer.status, answer.json["title"]) == (409, "In use")
    holders = {each["module"]: (each["count"], each["keys"]) for each in answer.json["holders"]}
    return answer.json["detail"], holders


async def test_who_may_read_them_all_is_told_who_they_are(house: House) -> None:
    assert await refused(house, "rest") == (
        "1 is in use: follows 2, 3; groups a, b.",
        {"follows": (2, ["2", "3"]), "groups": (2, ["a", "b"])},
    )


async def test_of_a_module_that_may_not_be_read_there_is_a_count_alone(house: House) -> None:
    assert await refused(house, "rest:phones", "rest:groups:read", "rest:follows:write") == (
        "1 is in use: 2 in follows; groups a, b.",
        {"follows": (2, []), "groups": (2, ["a", "b"])},
    )
    assert await refused(house, "rest:phones") == (
        "1 is in use: 2 in follows; 2 in groups.",
        {"follows": (2, []), "groups": (2, [])},
    )


async def test_a_person_is_told_the_keys_that_are_theirs_and_no_others(house: House) -> None:
    assert await refused(house, "rest", user="alice") == (
        "1 is in use: follows 2 and 1 more; 2 in groups.",
        {"follows": (2, ["2"]), "groups": (2, [])},
    )


async def test_of_many_some_are_named(house: House) -> None:
    house.data.keep(*(Group(f"g{number:03}", ["4"]) for number in range(25)))
    answer = await house.ask("DELETE", "/phones/4", "rest")
    assert answer.json["detail"].endswith("g018, g019 and 5 more.")
    assert [(each["count"], len(each["keys"])) for each in answer.json["holders"]] == [(25, 20)]


async def test_over_graphql_it_is_told_in_the_extensions(house: House) -> None:
    endpoint = GraphqlEndpoint(schema_of(MODULES.operations), house.guard, Performer(house.data))
    token = house.doorman.token("gql:phones", "gql:groups")
    headers = [("content-type", "application/json"), ("authorization", f"Bearer {token}")]
    body = b'{"query": "mutation { removePhone(number: \\"1\\") { number } }"}'
    answer: Answer = await asked(endpoint, "POST", "/api/graphql", body, headers)
    [error] = answer.json["errors"]
    assert error["message"] == "1 is in use: 2 in follows; groups a, b."
    assert error["extensions"] == {
        "code": "IN_USE",
        "holders": [
            {"module": "follows", "count": 2, "keys": []},
            {"module": "groups", "count": 2, "keys": ["a", "b"]},
        ],
    }


async def test_what_is_named_no_more_is_removed_and_its_own_goes_along(house: House) -> None:
    house.data.keep(Group("a"), Group("b", ["2"]), Follow("2"), Follow("3", ["3"]))
    answer = await house.ask("DELETE", "/phones/1", "rest")
    assert (answer.status, answer.headers["scopekeeper-removed"]) == (204, "follows;count=1")


@pytest.mark.parametrize(
    ("path", "body", "user", "where"),
    [
        ("/groups/", {"name": "c", "members": ["1", "404"]}, None, "members[1]"),
        ("/follows/2", {"members": ["404"]}, "alice", "members[0]"),
        ("/follows/2", {"members": ["1", "3"]}, "alice", "members[1]"),
    ],
)
async def test_what_is_named_and_not_there_or_not_theirs_is_refused_where_it_is_named(
    house: House, path: str, body: dict[str, Any], user: str | None, where: str
) -> None:
    method = "POST" if path == "/groups/" else "PUT"
    answer = await house.ask(method, path, "rest", user=user, body=body)
    members = body["members"]
    detail = f"There is no {members[-1]!r} here."
    assert (answer.status, answer.json["errors"]) == (422, [{"path": where, "detail": detail}])


async def test_whose_something_is_is_told_to_who_acts_for_the_whole_system(house: House) -> None:
    for number, owner in (("1", "alice"), ("4", None), ("404", None)):
        assert (await house.ask("GET", f"/groups/owners/{number}", "rest")).json["owner"] == owner
    assert (await house.ask("GET", "/follows/owners/1", "rest", user="alice")).status == 403
    assert (await house.ask("GET", "/follows/elsewhere/1", "rest")).json["owner"] is None


def test_what_names_rows_of_a_table_that_there_is_not_stops_the_start() -> None:
    with pytest.raises(DeclarationError, match=r"'groups' names by 'members\[\]' rows of the table 'phones', which no"):
        Modules([groups])
    assert Modules([groups], switched_off=["phones"]).tables == (all_groups,)


def test_what_names_rows_is_a_string() -> None:
    lamps = ApiModule("lamps", title="Lamps", read="See", write="Change")

    @record
    class Lamp:
        """A lamp."""

        name: str
        twin: Annotated[int, Ref("lamps")] = 0

    lamps.table(Lamp, key="name")
    with pytest.raises(DeclarationError, match="'lamps': twin names a row, so it must be a string"):
        Modules([lamps])
