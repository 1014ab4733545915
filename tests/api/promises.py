"""What people are promised of any operation. Each promise raises AssertionError where it is not kept."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from scopekeeper.sdk import Operation
from scopekeeper.surface.binding import Binding
from tests.api.faces import Face, Headers, Outcome
from tests.api.world import ABSENT, FRESH, KEYS, Whose, World, arguments_of, body_of, is_kept_by_the_house, table_of

CONDITIONS: Final[Sequence[Headers]] = (
    [("if-match", "*")],
    [("if-match", '"x"')],
    [("if-none-match", "*")],
)
"""What could tell by its answer that there is something."""

Promise = Callable[[World, Operation, Face], Awaitable[None]]


async def reaches_their_own(world: World, operation: Operation, face: Face) -> None:
    """Alice does it with what is hers, is shown nothing of anybody else's, and changes nothing of theirs."""
    keys, before = world.keys("alice"), await world.snapshot()
    arguments, body = arguments_of(operation, world, keys), body_of(operation, world, "alice", keys)
    outcome = await face(world, operation, world.tokens["alice"], arguments, body)
    assert outcome.kind == "done", outcome
    if operation.access == "read":
        shows = json.dumps(KEYS["alice"]) in outcome.text
        assert shows or adds_up(operation), f"nothing of alice's is shown: {outcome.text}"
        assert not any(json.dumps(KEYS[other]) in outcome.text for other in ("bob", None)), outcome.text
        counted = '"totalCount":' in outcome.text and not adds_up(operation)
        assert not counted or '"totalCount":1' in outcome.text.replace(" ", ""), outcome.text
    theirs = [others(rows) for rows in (before, await world.snapshot())]
    assert theirs[0] == theirs[1]


def adds_up(operation: Operation) -> bool:
    """Does it list what records come to, and none of them? Whose are added up, the tests of its module tell."""
    return operation.paged and not operation.key


def others(rows: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Those rows that are not alice's, nor made by her just now."""
    return {name: [row for row in found if row[0] not in (KEYS["alice"], FRESH)] for name, found in rows.items()}


async def finds_nothing_elsewhere(world: World, operation: Operation, face: Face) -> None:
    """What is bob's, and what is nobody's, answers alice as what is not there does; and nothing changes."""
    keys = {whose: world.keys(whose) for whose in KEYS}
    body = body_of(operation, world, "alice", keys["alice"])
    for headers in (*CONDITIONS, ()):
        before = await world.snapshot()

        async def found(keys: Mapping[str, str], headers: Headers = headers) -> Outcome:
            arguments = arguments_of(operation, world, keys)
            return await face(world, operation, world.tokens["alice"], arguments, body, headers)

        elsewhere = {other: await found(keys[other]) for other in ("bob", None)}
        assert {outcome.kind for outcome in elsewhere.values()} == {"missing"}, elsewhere
        assert await world.snapshot() == before
        nowhere = await found(dict.fromkeys(before, ABSENT))
        if nowhere.kind == "done" and operation.method == "PUT":
            continue  # it made a new row, of alice's: what is taken cannot look as if it were free
        told = {nowhere.text, *(outcome.text.replace(KEYS[other], ABSENT) for other, outcome in elsewhere.items())}
        assert len(told) == 1, f"it can be told from what is not there: {told}"


async def hands_nothing_over(world: World, operation: Operation, face: Face) -> None:
    """Alice cannot make bob's, or nobody's, what is hers."""
    keys, before = world.keys("alice"), await world.snapshot()
    arguments, body = arguments_of(operation, world, keys), body_of(operation, world, "alice", keys)
    assert body is not None
    for field, values in owning(operation, world).items():
        for value in values:
            outcome = await face(world, operation, world.tokens["alice"], arguments, body | {field: value})
            assert outcome.kind in ("missing", "forbidden"), f"{field}: {value!r} was taken: {outcome}"
    assert await world.snapshot() == before


def owning(operation: Operation, world: World) -> dict[str, list[Whose]]:
    """The body's fields that say whose the record is, with what would make it somebody else's."""
    table, struct = table_of(operation, world.modules), Binding.of(operation).struct
    if table is None or table.owner is None or struct is None:
        return {}
    if table.owner not in struct.__struct_fields__ or table.owner in {each.name for each in operation.path_arguments}:
        return {}
    if table.owner in table.refers:
        above = table.refers[table.owner][0]
        return {table.owner: [world.keys(other)[above] for other in ("bob", None)]}
    return {table.owner: ["bob", None]}


async def is_for_systems_alone(world: World, operation: Operation, face: Face) -> None:
    """No person does it, not even with what is theirs."""
    before = await world.snapshot()
    for whose in KEYS:
        keys = world.keys(whose)
        arguments, body = arguments_of(operation, world, keys), body_of(operation, world, "alice", keys)
        outcome = await face(world, operation, world.tokens["alice"], arguments, body)
        assert outcome.kind == "forbidden", outcome
    assert await world.snapshot() == before


async def reaches_everything(world: World, operation: Operation, face: Face) -> None:
    """An administrator does it with everybody's."""
    ours = is_kept_by_the_house(operation)
    for whose in KEYS if operation.path_arguments and not ours else ["alice"]:
        keys = world.keys(whose)
        arguments, body = arguments_of(operation, world, keys), body_of(operation, world, whose, keys)
        outcome = await face(world, operation, world.tokens["root"], arguments, body)
        assert outcome.kind == "done", outcome
        if operation.paged and not ours and not adds_up(operation):
            assert all(json.dumps(key) in outcome.text for key in KEYS.values()), outcome.text
