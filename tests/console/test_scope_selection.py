"""Selections as they are pasted (RFC 6749 §3.3), and what each scope opens."""

import pytest

from scopekeeper.api.modules import installed
from scopekeeper.console.scopes.opening import Openings, route_of
from scopekeeper.console.scopes.picker import MOST_BOXES, Picker
from scopekeeper.pages.selection import Selection, selection_of
from scopekeeper.scopes import expand

MODULES = installed()
CATALOGUE = MODULES.catalogue
OPENINGS = Openings.of(MODULES.operations)


@pytest.mark.parametrize(
    "text",
    ["rest gql", "rest, gql", "rest\ngql\n", '["rest","gql"]', "rest rest gql", "'rest' 'gql'", " rest\t gql; "],
)
def test_a_list_is_read_however_it_is_written(text: str) -> None:
    assert selection_of([text], CATALOGUE) == Selection(("rest", "gql"))


def test_what_is_no_scope_is_kept_apart_and_bounded() -> None:
    selection = selection_of(["gql REST", *(f"x{number}" for number in range(100)), "y" * 1_000], CATALOGUE)
    assert selection.scopes == ("gql",)
    assert selection.unknown[:2] == ("REST", "x0")
    assert len(selection.unknown) == 20


def test_a_selection_is_shorter_by_its_parents_or_not_at_all() -> None:
    both = selection_of(["rest:callforward:read rest:callforward:write"], CATALOGUE)
    assert both.shorter(CATALOGUE) == ("rest:callforward",)
    assert selection_of(["rest:callforward"], CATALOGUE).shorter(CATALOGUE) is None
    assert both.text == "rest:callforward:read rest:callforward:write"


def test_a_scope_opens_what_it_expands_to() -> None:
    for entry in CATALOGUE:
        opened = {each.scope("gql" if entry.api == "gql" else "rest") for each in OPENINGS[entry.scope]}
        assert opened == expand([entry.scope], CATALOGUE)
    assert OPENINGS["openid"] == ()


def test_what_a_scope_adds_to_others_is_what_those_do_not_open() -> None:
    added = OPENINGS.within("rest:callforward", frozenset({"rest:callforward:read", "gql"}))
    assert {each.access for each in added} == {"write"}
    assert "PUT /callforward/users/{extension}" in map(route_of, added)
    assert OPENINGS.within("rest:callforward:read", frozenset({"rest"})) == []


def test_a_picker_has_every_scope_by_module() -> None:
    picker = Picker.of(CATALOGUE, MODULES.operations)
    assert sorted(entry.scope for _, entries in picker.modules for entry in entries) == sorted(
        entry.scope for entry in CATALOGUE
    )
    assert next(iter(picker.modules))[0] == "Everything"
    assert len(CATALOGUE) <= MOST_BOXES
