"""Filters: the grammar of RFC 7644 §3.4.2.2, what it may ask, and what it finds."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.api.scim.attributes import ATTRIBUTES, Attribute, Place, Type
from scopekeeper.api.scim.faults import Fault
from scopekeeper.api.scim.filters import (
    DEEPEST,
    LONGEST,
    MOST_TERMS,
    OPERATORS,
    And,
    Comparison,
    Filter,
    Not,
    Or,
    Present,
    Within,
    filter_of,
)
from scopekeeper.api.scim.narrowing import Key, asked_of, keys_of
from scopekeeper.api.scim.resources import resource_of
from scopekeeper.oauth.people import User
from scopekeeper.services.lists import UsersAsked, folded
from scopekeeper.store.folding import sought_of_user

ISSUER: Final = "http://127.0.0.1:8000"
BARBARA: Final = User(
    7,
    "bjensen",
    None,
    1_300_000_000,
    "Bjensen@Example.com",
    full_name="Barbara Jensen",
    family_name="O'Malley",
    updated_at=1_305_261_754,
    external_id="E-701",
)
RESOURCE: Final = resource_of(BARBARA, ISSUER)


def kind_of(refused: Callable[[], object]) -> str | None:
    with pytest.raises(Fault) as fault:
        refused()
    return fault.value.kind


def read_or_refused(text: str) -> Filter | Fault:
    try:
        return filter_of(text)
    except Fault as fault:
        return fault


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "bjensen"',
        'userName Eq "BJENSEN"',
        'name.familyName co "O\'Malley"',
        'userName sw "J"',
        'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"',
        "title pr",
        'meta.lastModified gt "2011-05-13T04:42:34Z"',
        'meta.lastModified ge "2011-05-13T04:42:34Z"',
        'meta.lastModified lt "2011-05-13T04:42:34Z"',
        'meta.lastModified le "2011-05-13T04:42:34Z"',
        'title pr and userType eq "Employee"',
        'title pr or userType eq "Intern"',
        'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
        'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
        'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
        'userType eq "Employee" and (emails.type eq "work")',
        'userType eq "Employee" and emails[type eq "work" and value co "@example.com"]',
        'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
    ],
)
def test_every_example_of_the_document_can_be_read(text: str) -> None:
    """RFC 7644 §3.4.2.2, figure 3 (`userName sw "J"` and its siblings)."""
    assert filter_of(str(filter_of(text))) == filter_of(text)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ('userName eq "BJensen"', True),
        ('USERNAME EQ "bjensen"', True),
        ('externalId eq "E-701"', True),
        ('externalId eq "e-701"', False),
        ('userName ne "bjensen"', False),
        ('userName ne "alice"', True),
        ('name.familyName co "o\'m"', True),
        ('name.familyName sw "O\'"', True),
        ('name.familyName ew "LEY"', True),
        ('name.familyName ew "LEYS"', False),
        ('userName gt "alice"', True),
        ('userName ge "bjensen"', True),
        ('userName lt "bjensen"', False),
        ('userName le "bjensen"', True),
        ("name.givenName pr", False),
        ("name pr", True),
        ("emails pr", True),
        ("phoneNumbers pr", False),
        ("name.givenName eq null", True),
        ("name.givenName ne null", False),
        ('name.givenName ne "x"', True),
        ('name.givenName eq "x"', False),
        ("active eq true", True),
        ("active eq False", False),
        ("active ne false", True),
        ('emails eq "bjensen@example.com"', True),
        ('emails.type eq "WORK"', True),
        ('emails[type eq "work" and value sw "bjensen@"]', True),
        ('emails[type eq "home" and value sw "bjensen@"]', False),
        ('emails[type eq "work"].value eq "bjensen@example.com"', True),
        ('emails[type eq "home"].value eq "bjensen@example.com"', False),
        ('emails[not (type eq "home")]', True),
        ('ims[type eq "xmpp"]', False),
        ('ims[type eq "xmpp"].value eq "x"', False),
        ('emails.display eq "x"', False),
        ("title pr", False),
        ("title eq null", True),
        ('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "x"', False),
        ('meta.lastModified eq "2011-05-13T06:42:34+02:00"', True),
        ('meta.lastModified ge "2011-05-13T04:42:34"', True),
        ('meta.lastModified gt "2011-05-13T04:42:34Z"', False),
        ('meta.lastModified lt "2011-05-13T04:42:35Z"', True),
        ('meta.lastModified sw "2011-05"', True),
        ('schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"', True),
        ('meta.resourceType eq "User"', True),
        ('userName eq "a" or userName eq "bjensen" and active eq false', False),
        ('(userName eq "a" or userName eq "bjensen") and active eq true', True),
        ('not (userName eq "a") and not(active eq false)', True),
        ('userName eq "bj\\u0065nsen"', True),
        ('name.formatted co "\\"" or name.formatted co "barbara"', True),
    ],
)
def test_a_filter_finds_what_it_says(text: str, *, matches: bool) -> None:
    """RFC 7644 §3.4.2.2: operators and names in any case, `and` before `or`, values by their attribute's caseExact."""
    assert filter_of(text).matches(RESOURCE) is matches


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "userName",
        "userName eq",
        'userName "x"',
        'eq "x"',
        "userName eq x",
        "userName eq 'x'",
        'userName eq "x',
        'userName is "x"',
        'userName eq "x" userName eq "y"',
        'userName eq "x" and',
        'userName eq "x" and and userName eq "y"',
        '(userName eq "x"',
        'userName eq "x")',
        "()",
        'not userName eq "x"',
        'emails[type eq "work"',
        "emails[]",
        'emails[type eq "work"].',
        'emails[emails[type eq "work"]]',
        'userName[value eq "x"]',
        'name[givenName eq "x"]',
        'emails.value[value eq "x"]',
        'nosuch eq "x"',
        'name.nosuch eq "x"',
        'userName.x eq "x"',
        "userName. pr",
        'name eq "x"',
        'addresses eq "x"',
        "userName eq 7",
        "userName eq true",
        "userName co null",
        'active eq "true"',
        "active gt true",
        'meta.created gt "yesterday"',
        "meta.created eq 7",
        'password eq "x"',
        "password pr",
        'userName eq "\\ud800"',
        'userName eq "\x00"',
        "userName eq -",
        "userName eq 01",
        "userName eq \N{LEFT DOUBLE QUOTATION MARK}x\N{RIGHT DOUBLE QUOTATION MARK}",
        "userName eq x; drop table users",
    ],
)
def test_what_cannot_be_read_or_asked_is_an_invalid_filter(text: str) -> None:
    """RFC 7644 §3.12. What is never returned is not found out by asking either."""
    assert kind_of(lambda: filter_of(text)) == "invalidFilter"


def test_row_57_a_filter_is_bounded_in_length_in_depth_and_in_terms() -> None:
    deep = "(" * DEEPEST + "active pr" + ")" * DEEPEST
    assert filter_of(deep) == Present(Place("active"))
    assert kind_of(lambda: filter_of(f"({deep})")) == "invalidFilter"
    assert kind_of(lambda: filter_of("not (" * 5_000)) == "invalidFilter"
    many = " or ".join(["active pr"] * MOST_TERMS)
    assert filter_of(many)
    assert kind_of(lambda: filter_of(f"{many} or active pr")) == "invalidFilter"
    longest = 'userName eq "' + "x" * (LONGEST - 14) + '"'
    assert filter_of(longest)
    assert kind_of(lambda: filter_of(f"{longest} ")) == "invalidFilter"


@pytest.mark.parametrize(
    ("text", "compared"),
    [("É", "é"), ("E\N{COMBINING ACUTE ACCENT}", "é"), ("ß", "ss"), ("\N{LATIN SMALL LETTER LONG S}", "s")],
)
def test_text_is_compared_as_the_store_looks_for_it(text: str, compared: str) -> None:
    """Else what lists are narrowed by would leave out what matches: the very same word is asked of both."""
    user = replace(BARBARA, full_name=text)
    assert filter_of(f'name.formatted eq "{compared}"').matches(resource_of(user, ISSUER))
    assert folded(text) == compared
    assert compared in sought_of_user(user)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('userName eq "x"', [Key(Place("userName"), "x")]),
        ('active eq true and externalId eq "x"', [Key(Place("externalId"), "x")]),
        ('id eq "x" or userName eq "y"', [Key(Place("id"), "x"), Key(Place("userName"), "y")]),
        ('id eq "x" or active eq true', None),
        ('not (id eq "x")', None),
        ('id ne "x"', None),
        ('id sw "x"', None),
    ],
)
def test_by_a_key_one_account_is_looked_at(text: str, keys: list[Key] | None) -> None:
    assert keys_of(filter_of(text)) == keys


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("active eq false", UsersAsked(enabled=False)),
        ('emails.value eq "x@y.z" and active eq true', UsersAsked(text="x@y.z", enabled=True)),
        ('emails[type eq "work"].value co "y.z"', UsersAsked(text="y.z")),
        ('userName sw "ab" and name.formatted co "abc"', UsersAsked(text="abc")),
        ('userName sw "ab" or active eq true', UsersAsked()),
        ('not (userName sw "ab")', UsersAsked()),
        ('userName ne "ab"', UsersAsked()),
        ('name.givenName co "ab"', UsersAsked()),
        ('emails.type eq "work"', UsersAsked()),
        ('userName co "\\u0000"', UsersAsked()),
    ],
)
def test_what_a_list_can_be_narrowed_by_narrows_it(text: str, asked: UsersAsked) -> None:
    assert asked_of(filter_of(text)) == asked


TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def _places(attribute: Attribute) -> list[Place]:
    if attribute.type is Type.COMPLEX:
        return [Place(attribute.name, sub.name) for sub in attribute.subs]
    return [Place(attribute.name)]


ASKABLE: Final = [place for each in ATTRIBUTES.values() if each.returned != "never" for place in _places(each)]
CHOOSABLE: Final = [each for each in ATTRIBUTES.values() if each.multi_valued and each.subs]


def _comparisons(place: Place) -> st.SearchStrategy[Filter]:
    of = place.attribute
    null = st.builds(Comparison, st.just(place), st.sampled_from(["eq", "ne"]), st.none())
    if of.type is Type.BOOLEAN:
        some = st.builds(Comparison, st.just(place), st.sampled_from(["eq", "ne"]), st.booleans())
    else:
        values = st.datetimes().map(lambda at: at.isoformat() + "Z") if of.type is Type.DATE_TIME else TEXT
        some = st.builds(Comparison, st.just(place), st.sampled_from(OPERATORS), values)
    return st.one_of(null, some, st.just(Present(place)))


def _joined(of: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(of, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, of), st.builds(And, several), st.builds(Or, several))


def _trees(places: list[Place]) -> st.SearchStrategy[Filter]:
    return st.recursive(st.sampled_from(places).flatmap(_comparisons), _joined, max_leaves=6)


CHOSEN: Final = st.sampled_from(CHOOSABLE).flatmap(
    lambda each: st.builds(Within, st.just(Place(each.name)), _trees(_places(each)))
)
FILTERS: Final = st.recursive(st.one_of(st.sampled_from(ASKABLE).flatmap(_comparisons), CHOSEN), _joined, max_leaves=8)
WORDS: Final = st.sampled_from(
    ["userName", "emails", "emails.value", "[", "]", "(", ")", "not", "and", "or", "eq", "pr", "co", '"x"', "1e9", "."]
)


@given(FILTERS)
def test_what_is_written_of_a_filter_is_that_filter(filter: Filter) -> None:
    """RFC 7644 §3.4.2.2."""
    text = str(filter)
    read = read_or_refused(text)
    if isinstance(read, Fault):  # hypothesis builds larger ones than may be sent
        assert read.kind == "invalidFilter"
        assert len(text) > LONGEST or text.count("(") + text.count("[") > DEEPEST or len(text.split()) > MOST_TERMS
    else:
        assert read == filter


@given(st.one_of(TEXT, st.lists(WORDS, max_size=20).map(" ".join), st.binary(max_size=30).map(repr)))
def test_whatever_is_sent_is_a_filter_or_an_invalid_one(text: str) -> None:
    found = read_or_refused(text)
    if isinstance(found, Fault):
        assert (found.status, found.kind) == (400, "invalidFilter")
    else:
        assert found.matches(RESOURCE) in (True, False)


PEOPLE: Final = st.builds(
    User,
    st.just(7),
    st.sampled_from(["alice", "bjensen", "ab", "a.b@c"]),
    st.none(),
    st.just(0),
    email=st.none() | st.sampled_from(["Alice@Example.com", "b@c.de", "\N{LATIN SMALL LETTER E WITH ACUTE}@x.y"]),
    full_name=st.none() | TEXT.filter(bool),
    enabled=st.booleans(),
    external_id=st.none() | st.sampled_from(["x", "alice"]),
)
PIECES: Final = st.sampled_from(["alice", "AB", "example", "@c", "\N{LATIN CAPITAL LETTER E WITH ACUTE}", "b", "x"])


def _narrowable(place: Place) -> st.SearchStrategy[Any]:
    if place.attribute.type is Type.BOOLEAN:
        return st.builds(Comparison, st.just(place), st.just("eq"), st.booleans())
    return st.builds(Comparison, st.just(place), st.sampled_from(["eq", "co", "sw", "ew"]), PIECES)


NARROWABLE: Final = st.sampled_from(
    [Place("userName"), Place("emails", "value"), Place("displayName"), Place("active"), Place("externalId")]
).flatmap(_narrowable)


@given(PEOPLE, st.recursive(NARROWABLE, _joined, max_leaves=5))
def test_whom_a_filter_finds_the_narrowed_list_has_too(user: User, filter: Filter) -> None:
    if not filter.matches(resource_of(user, ISSUER)):
        return
    asked, keys = asked_of(filter), keys_of(filter)
    assert folded(asked.text) in sought_of_user(user)
    assert asked.enabled in (None, user.enabled)
    values = {Place("userName"): user.name, Place("externalId"): user.external_id}
    assert keys is None or any((values.get(key.place) or "").lower() == key.value.lower() for key in keys)
