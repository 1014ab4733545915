"""The `claims` parameter: what it asks for, what cannot be read, and that nothing is told beyond what was granted."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.claims_request import (
    MOST_VALUES,
    NO_CLAIMS,
    PLACES,
    SCOPE_OF,
    MalformedClaims,
    Wanted,
    beyond,
    claims_request_of,
    names_in,
    told_at,
)
from scopekeeper.scopes import IDENTITY

NAMES = st.sampled_from([*SCOPE_OF, "sub", "acr", "nickname", "http://example.info/claims/groups"])
ASKED = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "essential": st.booleans(),
        "value": st.text(max_size=5) | st.integers() | st.none(),
        "values": st.lists(st.text(max_size=5), max_size=4),
        "purpose": st.text(max_size=5),
    },
)
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "userinfo": st.none() | st.dictionaries(NAMES, ASKED, max_size=6),
        "id_token": st.none() | st.dictionaries(NAMES, ASKED, max_size=6),
        "verified_claims": st.dictionaries(NAMES, ASKED, max_size=2),
    },
)
CEILINGS = st.sets(st.sampled_from(IDENTITY))


@given(REQUESTS, CEILINGS)
def test_what_is_remembered_is_what_was_asked_for_is_known_and_lies_within_the_ceiling(
    asked: dict[str, Any], ceiling: set[str]
) -> None:
    names = claims_request_of(json.dumps(asked)).names(ceiling)
    wanted = {f"{place}:{name}" for place in PLACES for name in asked.get(place) or ()}
    assert set(names) == {each for each in wanted if SCOPE_OF.get(each.partition(":")[2]) in ceiling}
    assert len(set(names)) == len(names)
    assert all(" " not in each for each in names), "they are kept between spaces"


@given(REQUESTS, CEILINGS, CEILINGS)
def test_what_is_told_is_cut_to_the_ceiling_as_it_is_by_then(
    asked: dict[str, Any], before: set[str], now: set[str]
) -> None:
    names = claims_request_of(json.dumps(asked)).names(before)
    for place in PLACES:
        told = told_at(place, names, now)
        assert all(SCOPE_OF[name] in before & now and name in (asked.get(place) or ()) for name in told)
        assert told <= told_at(place, names, before)
    assert set(beyond(names_in(names), before)) == set()


@given(st.text(max_size=200))
def test_any_text_is_a_request_or_malformed(text: str) -> None:
    try:
        names = claims_request_of(text).names(IDENTITY)
    except MalformedClaims:
        return
    assert set(names_in(names)) <= set(SCOPE_OF)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "[]", "null", '"userinfo"', "7", '{"userinfo": []}', '{"userinfo": "email"}', '{"id_token": true}',
        '{"userinfo": {"email": true}}', '{"userinfo": {"email": "x"}}', '{"userinfo": {"email": []}}',
        '{"userinfo": {"email": {"essential": "true"}}}', '{"userinfo": {"email": {"essential": null}}}',
        '{"id_token": {"acr": {"values": "a b"}}}', '{"id_token": {"acr": {"values": {}}}}', '{"userinfo": {}} x',
        '{"userinfo": {"x": NaN}}', '{"userinfo": {}, "userinfo": {"email": null}}',
        '{"id_token": {"sub": null, "sub": {"value": "x"}}}', "{" * 20_000, '{"a":' * 20_000,
        json.dumps({"id_token": {"acr": {"values": ["x"] * (MOST_VALUES + 1)}}}),
    ],
)  # fmt: skip
def test_row_32_what_cannot_be_read_is_malformed(text: str) -> None:
    """OpenID Connect Core §5.5: a JSON object; of each place an object; of each claim null or an object."""
    with pytest.raises(MalformedClaims):
        claims_request_of(text)


def test_without_the_parameter_nothing_is_asked_for() -> None:
    assert claims_request_of(None) == NO_CLAIMS == claims_request_of("{}")
    assert (NO_CLAIMS.names(IDENTITY), NO_CLAIMS.subjects, NO_CLAIMS.acrs) == ((), None, ())


def test_a_claim_is_asked_for_plainly_as_essential_or_with_values() -> None:
    """OpenID Connect Core §5.5.1: null, essential, value, values."""
    asked = claims_request_of(
        '{"userinfo": {"email": null, "name": {"essential": true}},'
        ' "id_token": {"locale": {"value": "de"}, "zoneinfo": {"values": ["a", "b"]}}}'
    )
    assert asked.userinfo == {"email": Wanted(), "name": Wanted(essential=True)}
    assert asked.id_token == {"locale": Wanted(values=("de",)), "zoneinfo": Wanted(values=("a", "b"))}


@pytest.mark.parametrize(
    ("asked", "subjects"),
    [
        ({"id_token": {"sub": {"value": "a"}}}, {"a"}),
        ({"userinfo": {"sub": {"values": ["a", "b"]}}}, {"a", "b"}),
        ({"userinfo": {"sub": {"values": ["a", "b"]}}, "id_token": {"sub": {"value": "b"}}}, {"b"}),
        ({"userinfo": {"sub": {"value": "a"}}, "id_token": {"sub": {"value": "b"}}}, set()),
        ({"id_token": {"sub": {"value": 7}}}, set()),
        ({"id_token": {"sub": {"essential": True}}}, None),
        ({"id_token": {"sub": None}}, None),
    ],
)
def test_who_is_meant_is_told_by_sub(asked: dict[str, Any], subjects: set[str] | None) -> None:
    """OpenID Connect Core §5.5.1: whoever is asked for at both places is meant by both."""
    assert claims_request_of(json.dumps(asked)).subjects == subjects


@pytest.mark.parametrize(
    ("acr", "acrs"),
    [
        ({"essential": True, "values": ["a", "b"]}, ("a", "b")),
        ({"essential": True, "value": "a"}, ("a",)),
        ({"essential": True}, ()),
        ({"values": ["a"]}, ()),
        (None, ()),
    ],
)
def test_an_acr_binds_where_it_is_essential_and_named(acr: Any, acrs: tuple[str, ...]) -> None:
    """OpenID Connect Core §5.5.1.1."""
    assert claims_request_of(json.dumps({"id_token": {"acr": acr}})).acrs == acrs
    assert claims_request_of(json.dumps({"userinfo": {"acr": acr}})).acrs == ()


@pytest.mark.parametrize(
    ("acr", "acr_values"),
    [
        (None, ()),
        ({"values": ["a", "b"]}, ("a", "b")),
        ({"value": "a"}, ("a",)),
        ({"essential": True, "values": ["a"]}, ()),
    ],
)
def test_an_acr_that_is_voluntary_is_a_wish(acr: Any, acr_values: tuple[str, ...]) -> None:
    """OpenID Connect Core §5.5.1.1."""
    assert claims_request_of(json.dumps({"id_token": {"acr": acr}})).acr_values == acr_values
