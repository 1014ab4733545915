"""Who a person is to an application: one and the same for ever, nobody else, and nobody whom others know."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.applications import Changes, Draft, Unfit, changed, registered
from scopekeeper.oauth.claims import subject_of
from scopekeeper.oauth.records import ApplicationType, Client, SubjectType
from scopekeeper.oauth.secrets import LARGEST_ID
from scopekeeper.oauth.subjects import Subjects, sector_of
from tests.rules.granting import web
from tests.rules.makers import KNOWN, NOW

SUBJECTS = Subjects(bytes(range(32)))
PEOPLE = st.integers(0, LARGEST_ID)
HOSTS = st.from_regex(r"[a-z]{1,8}\.example", fullmatch=True)


def pairwise(*hosts: str, **more: object) -> Client:
    uris = tuple(f"https://{host}/cb{number}" for number, host in enumerate(hosts))
    return web(redirect_uris=uris, subject_type=SubjectType.PAIRWISE, **more)


@given(PEOPLE, HOSTS, HOSTS)
def test_a_person_is_the_same_within_a_sector_and_another_in_every_other(person: int, one: str, other: str) -> None:
    """OpenID Connect Core §8.1: never the same for two sectors."""
    here = SUBJECTS.of(pairwise(one), person)
    assert SUBJECTS.of(pairwise(one, one, client_id="another", generation=7), person) == here
    assert (SUBJECTS.of(pairwise(other), person) == here) is (one == other)
    assert re.fullmatch(r"[0-9A-Za-z]{43}", here)


@given(PEOPLE, PEOPLE, HOSTS)
def test_two_people_are_never_one(one: int, other: int, host: str) -> None:
    """OpenID Connect Core §2, §8: locally unique, of either type, and of both together."""
    for client in (pairwise(host), web()):
        assert (SUBJECTS.of(client, one) == SUBJECTS.of(client, other)) is (one == other)
    assert SUBJECTS.of(pairwise(host), one) != SUBJECTS.of(web(), other)


@given(PEOPLE, HOSTS, st.binary(min_size=32, max_size=32))
def test_without_the_key_nobody_goes_from_a_person_to_a_subject_or_back(person: int, host: str, key: bytes) -> None:
    """OpenID Connect Core §8.1: MUST NOT be reversible by any party other than the provider."""
    guessed = Subjects(key).of(pairwise(host), person)
    assert (guessed == SUBJECTS.of(pairwise(host), person)) is (key == SUBJECTS.key)
    assert subject_of(person) not in SUBJECTS.of(pairwise(host), person)


def test_the_public_subject_is_what_it_always_was() -> None:
    assert SUBJECTS.of(web(), 7) == subject_of(7)


@pytest.mark.parametrize(
    ("uris", "sector"),
    [
        (["https://app.example/cb"], "app.example"),
        (["https://APP.example:8443/a", "https://app.example/b"], "app.example"),
        (["http://127.0.0.1/cb", "http://127.0.0.1:7000/cb"], "127.0.0.1"),
        ([], None),
        (["https://app.example/cb", "https://other.example/cb"], None),
        (["https://app.example/cb", "https://www.app.example/cb"], None),
        (["com.example.app:/cb"], None),
        (["com.example.app:/cb", "https://app.example/cb"], None),
    ],
)
def test_the_sector_is_the_one_host_of_the_redirect_uris(uris: list[str], sector: str | None) -> None:
    """OpenID Connect Core §8.1: of several hosts none is chosen."""
    assert sector_of(web(redirect_uris=tuple(uris))) == sector
    draft = Draft("Phone book", ApplicationType.NATIVE, redirect_uris=tuple(uris), subject_type=SubjectType.PAIRWISE)
    if sector is not None and all(uri.islower() for uri in uris):
        assert registered(draft, "abc", NOW, KNOWN.__contains__).subject_type is SubjectType.PAIRWISE
    elif sector is None:
        with pytest.raises(Unfit) as unfit:
            registered(draft, "abc", NOW, KNOWN.__contains__)
        assert unfit.value.field == "subject_type"
        registered(replace(draft, subject_type=SubjectType.PUBLIC), "abc", NOW, KNOWN.__contains__)


def test_an_edit_that_would_leave_it_without_a_sector_is_refused() -> None:
    """OpenID Connect Registration §5: several hosts take a sector_identifier_uri."""
    client = pairwise("app.example", scope=("openid",))
    more = (*client.redirect_uris, "https://other.example/cb")
    for changes in (Changes(redirect_uris=more), Changes(redirect_uris=())):
        with pytest.raises(Unfit, match="one and the same host"):
            changed(client, changes, NOW, KNOWN.__contains__)
    assert changed(client, Changes(subject_type=SubjectType.PUBLIC), NOW, KNOWN.__contains__)


def test_row_31_a_key_that_is_printed_shows_nothing() -> None:
    assert repr(SUBJECTS) == "Subjects()"
