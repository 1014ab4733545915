"""Texts made ready to run, and kept within bounds."""

import pytest

from scopekeeper.surface.graphql import schema_of
from scopekeeper.surface.plans import Plans, Unfit
from tests.api.office import MODULES

SCHEMA = schema_of(MODULES.operations)
ROOM = '{ room(name: "a") { name } }'


def unfit(text: str) -> Unfit:
    with pytest.raises(Unfit) as found:
        Plans(SCHEMA).of(text)
    return found.value


def test_a_text_is_made_ready_once() -> None:
    plans = Plans(SCHEMA)
    assert plans.of(ROOM) is plans.of(ROOM)
    assert plans.of(ROOM).needs(None) is plans.of(ROOM).needs(None)


def test_texts_that_differ_at_all_are_two_plans() -> None:
    plans = Plans(SCHEMA)
    assert plans.of(ROOM) is not plans.of(ROOM + " ")
    assert plans.of('{ room(name: "A") { name } }') is not plans.of(ROOM)


def test_row_57_the_least_recently_used_go_when_there_are_too_many() -> None:
    plans = Plans(SCHEMA, most=3)
    first = plans.of(ROOM)
    for number in range(10):
        plans.of(f'{{ room(name: "{number}") {{ name }} }}')
        assert plans.of(ROOM) is first
    assert len(plans) == 3


def test_row_57_the_texts_kept_are_bounded_in_length_too() -> None:
    plans = Plans(SCHEMA, characters=100)
    for number in range(10):
        plans.of(f'{{ room(name: "{number:030}") {{ name }} }}')
    assert len(plans) == 1
    plans.of(f'{{ room(name: "{"9" * 200}") {{ name }} }}')
    assert len(plans) == 0
    kept = plans.of(ROOM)
    assert plans.of(ROOM) is kept


def test_a_text_that_cannot_run_is_not_kept() -> None:
    plans = Plans(SCHEMA)
    for text in ("{", "{ nothing }", "{ a" * 20):
        with pytest.raises(Unfit):
            plans.of(text)
    assert len(plans) == 0


def test_each_way_of_being_unfit_has_its_code() -> None:
    assert unfit("{ room").code == "GRAPHQL_PARSE_FAILED"
    assert unfit("{ nothing }").code == "GRAPHQL_VALIDATION_FAILED"
    assert unfit("{a" * 16 + "}" * 16).code == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "text",
    [
        '{ rooom(name: "a") { name } }',
        '{ room(nam: "a") { name } }',
        '{ room(name: "a") { nam } }',
        "{ rooms(kind: TAL) { totalCount } }",
        '{ room(name: "a") { ... on Rom { name } } }',
        'mutation { addRoom(body: {nam: "a"}) { name } }',
        '{ room(name: "a") @skp(if: true) { name } }',
        '{ room(name: "a") { ...f } }',
    ],
)
def test_nothing_is_suggested_to_those_who_guess(text: str) -> None:
    assert not any("Did you mean" in error.message for error in unfit(text).errors)


def test_errors_are_told_in_bounds() -> None:
    assert len(unfit("{" + " ".join(f"a{number}" for number in range(20)) + "}").errors) <= 11
