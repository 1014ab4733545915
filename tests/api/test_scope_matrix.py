"""Every operation of every installed module, over REST, against every scope: made from the declarations."""

import pytest

from scopekeeper.scopes import APIS, covers
from scopekeeper.sdk import Operation
from scopekeeper.surface.openapi import path_to
from tests.api.administration import KEPT
from tests.api.house import MODULES, Answer, House

OPERATIONS = MODULES.operations
LEAVES = sorted(scope for scope in MODULES.catalogue.leaves)
EVERYTHING = [entry.scope for entry in MODULES.catalogue]


def told(operation: Operation) -> str:
    return f"{operation.method} {path_to(operation)}"


every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=told)
every_write = pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.access == "write"], ids=told)


async def ask(
    operation: Operation, *scope: str, user: str | None = None, key: str = "1001", house: House | None = None
) -> Answer:
    """Ask for the operation with a body that means nothing: whoever is let in gets further than the guard."""
    path = path_to(operation).format_map({each.name: KEPT.get(each.name, key) for each in operation.path_arguments})
    body: object = {} if operation.body is not None else None
    return await (house or House.furnished()).ask(operation.method, path, *scope, user=user, body=body)


def turned_away(answer: Answer) -> bool:
    """Was it the guard that refused? What an operation refuses to give, it refuses without a challenge."""
    return answer.status == 403 and "www-authenticate" in answer.headers


@every_operation
async def test_exactly_its_scope_is_admitted(operation: Operation) -> None:
    answer = await ask(operation, operation.scope("rest"))
    assert answer.status in (200, 201, 204, 404, 422) or (answer.status == 403 and not turned_away(answer))


@every_operation
async def test_every_scope_that_covers_it_is_admitted_and_every_other_is_refused(operation: Operation) -> None:
    needed, house = operation.scope("rest"), House.furnished()
    for scope in EVERYTHING:
        answer = await ask(operation, scope, house=house)
        assert turned_away(answer) != covers({scope}, needed), scope
        if turned_away(answer):
            assert (
                f'error="insufficient_scope", error_description="The access token lacks the scope {needed}."'
                in (answer.headers["www-authenticate"])
            )
            assert answer.headers["www-authenticate"].endswith(f', scope="{needed}"')


@every_operation
async def test_row_41_all_other_scopes_together_are_not_enough(operation: Operation) -> None:
    needed = operation.scope("rest")
    others = [scope for scope in LEAVES if not covers({scope}, needed)]
    answer = await ask(operation, *others)
    assert answer.status == 403
    assert answer.headers["www-authenticate"].endswith(f', scope="{needed}"')


@every_operation
async def test_without_a_token_nobody_is_admitted(operation: Operation) -> None:
    answer = await ask(operation)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="scopekeeper"')


@every_operation
async def test_row_55_a_person_reaches_only_their_own(operation: Operation) -> None:
    answer = await ask(operation, "rest", user="alice", key="1003")
    if operation.system:
        assert answer.status == 403
        assert "www-authenticate" not in answer.headers
    elif operation.path_arguments:
        assert answer.status == 404
    else:
        assert "1003" not in answer.body.decode()


@every_write
def test_a_write_needs_a_write_scope(operation: Operation) -> None:
    assert operation.method != "GET"
    for api in APIS:
        assert operation.scope(api).split(":")[2] == "write"


@every_write
async def test_no_write_is_admitted_by_reading(operation: Operation) -> None:
    answer = await ask(operation, *[scope for scope in LEAVES if ":read" in scope])
    assert answer.status == 403
