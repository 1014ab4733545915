"""Every operation of every installed module, over REST and GraphQL, for people: made from the declarations.

On a real store, with real tokens: of alice, whose is 1001; of bob, whose is 1002; 1003 is nobody's; root administers.
"""

from pathlib import Path

import pytest

from scopekeeper.api.modules import Modules, installed
from scopekeeper.sdk import ApiModule, Caller, Forbidden, Operation, Page, Paging, record
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.openapi import path_to
from tests.api.faces import Face, over_graphql, over_rest
from tests.api.promises import (
    Promise,
    finds_nothing_elsewhere,
    hands_nothing_over,
    is_for_systems_alone,
    reaches_everything,
    reaches_their_own,
)
from tests.api.world import Untried, table_of, world

MODULES = installed()
OPERATIONS = MODULES.operations
THEIRS = [operation for operation in OPERATIONS if not operation.system]


def told(operation: Operation) -> str:
    return f"{operation.method} {path_to(operation)}"


def names_its_owner(operation: Operation) -> bool:
    """Does its body say whose the record is?"""
    table, struct = table_of(operation, MODULES), Binding.of(operation).struct
    return table is not None and struct is not None and table.owner in struct.__struct_fields__


over_both = pytest.mark.parametrize("face", [over_rest, over_graphql], ids=["rest", "gql"])


@over_both
@pytest.mark.parametrize("operation", THEIRS, ids=told)
async def test_row_55_a_person_does_it_with_their_own_and_is_shown_nobody_elses(
    tmp_path: Path, operation: Operation, face: Face
) -> None:
    async with world(tmp_path) as there:
        await reaches_their_own(there, operation, face)


@over_both
@pytest.mark.parametrize("operation", [each for each in THEIRS if each.path_arguments], ids=told)
async def test_row_55_what_is_not_theirs_answers_as_if_it_were_not_there(
    tmp_path: Path, operation: Operation, face: Face
) -> None:
    async with world(tmp_path) as there:
        await finds_nothing_elsewhere(there, operation, face)


@over_both
@pytest.mark.parametrize("operation", [each for each in THEIRS if names_its_owner(each)], ids=told)
async def test_row_55_a_person_hands_nothing_over(tmp_path: Path, operation: Operation, face: Face) -> None:
    async with world(tmp_path) as there:
        await hands_nothing_over(there, operation, face)


@over_both
@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.system], ids=told)
async def test_row_55_what_concerns_the_whole_system_is_refused_to_people(
    tmp_path: Path, operation: Operation, face: Face
) -> None:
    async with world(tmp_path) as there:
        await is_for_systems_alone(there, operation, face)


@over_both
@pytest.mark.parametrize("operation", OPERATIONS, ids=told)
async def test_an_administrator_does_it_with_everybodys(tmp_path: Path, operation: Operation, face: Face) -> None:
    async with world(tmp_path) as there:
        await reaches_everything(there, operation, face)


@record
class Desk:
    """Where somebody sits."""

    desk: str
    sitter: str | None = None


def careless() -> Modules:
    """With a module whose author thought of nobody but themselves."""
    api = ApiModule("desks", title="Desks", read="See desks", write="Change desks")
    desks = api.table(Desk, key="desk", owner="sitter")

    @api.read("GET /", field="desks", of=desks)
    async def list_desks(caller: Caller, paging: Paging) -> Page[Desk]:
        """All desks, whoever asks."""
        return await caller.beyond(desks).page(paging)

    @api.read("GET /{desk}", field="desk", of=desks)
    async def get_desk(caller: Caller, desk: str) -> Desk:
        """One desk; and a refusal that tells that it is there."""
        found = await caller.beyond(desks).get(desk)
        if not caller.system and found.sitter != caller.user:
            raise Forbidden("It is somebody else's.")
        return found

    @api.write("PUT /{desk}/seat", field="setDesk", of=desks)
    async def set_desk(caller: Caller, desk: str, body: Desk) -> Desk:
        """Whatever is asked, for whomever."""
        return caller.rows(desks).put(Desk(desk, body.sitter))

    @api.read("GET /{desk}/floors/{floor}", field="floor", of=desks)
    async def get_floor(caller: Caller, desk: str, floor: str) -> Desk:
        """One desk, where it stood."""
        return await caller.rows(desks).get(desk)

    return Modules([*installed(), api])


@pytest.fixture
def desks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Operation]:
    """The operations of that module, which is installed beside those in the box."""
    modules = careless()
    monkeypatch.setattr("tests.building.modules_of", lambda settings: modules)
    return {each.name: each for each in modules.operations if each.module == "desks"}


@over_both
@pytest.mark.parametrize(
    ("name", "promise"), [("list_desks", reaches_their_own), ("get_desk", finds_nothing_elsewhere)]
)
async def test_a_module_that_shows_too_much_is_found_out(
    tmp_path: Path, desks: dict[str, Operation], face: Face, name: str, promise: Promise
) -> None:
    async with world(tmp_path) as there:
        with pytest.raises(AssertionError):
            await promise(there, desks[name], face)


@over_both
async def test_no_write_goes_too_far_whatever_its_author_wrote(
    tmp_path: Path, desks: dict[str, Operation], face: Face
) -> None:
    async with world(tmp_path) as there:
        await hands_nothing_over(there, desks["set_desk"], face)
        await finds_nothing_elsewhere(there, desks["set_desk"], face)


async def test_what_cannot_be_tried_says_so(tmp_path: Path, desks: dict[str, Operation]) -> None:
    async with world(tmp_path) as there:
        with pytest.raises(Untried, match="desks.get_floor: no table is keyed by 'floor'"):
            await reaches_their_own(there, desks["get_floor"], over_rest)
