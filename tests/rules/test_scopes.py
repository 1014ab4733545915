"""The grammar and the algebra of scopes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper import scopes
from scopekeeper.scopes import Catalogue, Declared, MalformedScope, Scope

_MODULES = ("callforward", "extensions", "cdr", "voicemail")
_RESOURCES = (None, "ringtimer", "pin")

_declared = st.builds(
    Declared,
    api=st.sampled_from(scopes.APIS),
    module=st.sampled_from(_MODULES),
    title=st.just("Title"),
    access=st.sampled_from(scopes.ACCESSES),
    resource=st.sampled_from(_RESOURCES),
    description=st.just("Words"),
)
catalogues = st.lists(_declared, min_size=1, max_size=20).map(Catalogue.of)
names = st.builds(
    lambda api, module, access, resource: str(
        Scope(api, module, access if module else None, resource if module and access else None)
    ),
    st.sampled_from(scopes.APIS),
    st.sampled_from((None, *_MODULES)),
    st.sampled_from((None, *scopes.ACCESSES)),
    st.sampled_from(_RESOURCES),
)
sets = st.frozensets(names, max_size=8)


@pytest.mark.parametrize(
    "text", ["rest", "gql", "rest:callforward", "gql:callforward:read", "rest:voicemail:write:pin"]
)
def test_a_scope_that_is_written_right_is_read_and_written_the_same(text: str) -> None:
    assert str(scopes.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "REST",
     "rest:", ":rest", "rest:callforward:", "rest:callforward:delete", "rest:Callforward", "rest:call forward",
     "rest:callforward:read:", "rest:callforward:read:a:b", "soap", "rest:callforward:read\n", "rest:9x", "rest:é"],
)  # fmt: skip
def test_anything_else_is_no_scope(text: str) -> None:
    with pytest.raises(MalformedScope):
        scopes.parse(text)


def test_a_list_keeps_its_order_and_names_each_scope_once() -> None:
    assert scopes.words("rest:b  rest:a rest:b") == ("rest:b", "rest:a")


@pytest.mark.parametrize("text", ["rest\tgql", 'rest "gql"', "rest\\", "rest\0", "rést", "rest\ngql"])
def test_a_list_with_characters_no_scope_may_have_is_refused(text: str) -> None:
    """RFC 6749 §3.3: scope-token is %x21 / %x23-5B / %x5D-7E."""
    with pytest.raises(MalformedScope):
        scopes.words(text)


def test_a_list_beyond_all_measure_is_refused() -> None:
    with pytest.raises(MalformedScope):
        scopes.words(" ".join(f"rest:m{n}" for n in range(scopes.grammar.MOST_SCOPES + 1)))
    with pytest.raises(MalformedScope):
        scopes.words("r" * (scopes.grammar.LONGEST_LIST + 1))


def test_a_scope_covers_what_is_below_it_and_nothing_beside_it() -> None:
    assert scopes.covers({"rest:callforward"}, "rest:callforward:read:ringtimer")
    assert not scopes.covers({"rest:callforward:read:ringtimer"}, "rest:callforward:read")
    assert not scopes.covers({"rest:callforward"}, "gql:callforward:read")
    assert not scopes.covers({"rest:call"}, "rest:callforward")


def test_write_does_not_cover_read() -> None:
    assert not scopes.covers({"rest:callforward:write"}, "rest:callforward:read")


@given(names)
def test_covering_is_reflexive(name: str) -> None:
    assert scopes.covers({name}, name)


@given(names, names, names)
def test_covering_is_transitive(a: str, b: str, c: str) -> None:
    if scopes.covers({a}, b) and scopes.covers({b}, c):
        assert scopes.covers({a}, c)


@given(sets, sets, names)
def test_covering_is_monotone(held: frozenset[str], more: frozenset[str], needed: str) -> None:
    if scopes.covers(held, needed):
        assert scopes.covers(held | more, needed)


@given(sets, sets, names)
def test_cutting_allows_what_both_allow_and_nothing_else(
    held: frozenset[str], ceiling: frozenset[str], needed: str
) -> None:
    both = scopes.covers(held, needed) and scopes.covers(ceiling, needed)
    assert scopes.covers(scopes.cut(held, ceiling), needed) == both


@given(catalogues, sets)
def test_collapsing_reaches_exactly_as_far_as_before(catalogue: Catalogue, held: frozenset[str]) -> None:
    reach = scopes.expand(held, catalogue)
    assert scopes.expand(scopes.collapse(reach, catalogue), catalogue) == reach


@given(catalogues, sets)
def test_collapsing_and_expanding_undo_one_another(catalogue: Catalogue, held: frozenset[str]) -> None:
    collapsed = scopes.collapse(scopes.expand(held, catalogue), catalogue)
    assert scopes.collapse(scopes.expand(collapsed, catalogue), catalogue) == collapsed


@given(catalogues, sets)
def test_collapsing_never_takes_more_words(catalogue: Catalogue, held: frozenset[str]) -> None:
    known = {each for each in held if each in catalogue}
    assert len(scopes.collapse(known, catalogue)) <= len(known)


@given(catalogues, sets)
def test_what_collapsing_names_is_never_wider_than_what_was_chosen(catalogue: Catalogue, held: frozenset[str]) -> None:
    """A parent that opens operations of its own is not made up of its children."""
    known = {each for each in held if each in catalogue}
    for leaf in catalogue.leaves:
        assert scopes.covers(scopes.collapse(known, catalogue), leaf) == scopes.covers(known, leaf)


@given(sets)
def test_the_least_cover_allows_all_needs_and_has_nothing_to_spare(needs: frozenset[str]) -> None:
    least = scopes.least_cover(needs)
    assert not scopes.missing(least, needs)
    assert set(least) <= needs
    for scope in least:
        assert scopes.missing(set(least) - {scope}, needs)


@given(catalogues)
def test_the_catalogue_has_every_parent_of_every_operation(catalogue: Catalogue) -> None:
    for leaf in catalogue.leaves:
        assert all(scope in catalogue for scope in scopes.lineage(leaf))
    assert len({entry.scope for entry in catalogue}) == len(catalogue)
    assert all(entry.description for entry in catalogue)


def test_roots_have_no_module_and_identity_scopes_are_openid() -> None:
    catalogue = Catalogue.of([Declared("rest", "cdr", "Call Records", "read", None, "See calls")])
    assert catalogue["rest"].module is None
    assert catalogue["rest:cdr:read"].description == "See calls"
    assert {entry.scope for entry in catalogue if entry.api == "openid"} == set(scopes.IDENTITY)
