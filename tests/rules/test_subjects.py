"""Who a person is to an application: one and the same for ever, nobody else, and nobody whom others know."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.applications import Changes, Draft, Unfit, changed, registered
from scopekeeper.oauth.claims import subject_of
from scopekeeper.oauth.records import ApplicationType, Client, SubjectType
from scopekeeper.oauth.secrets import LARGEST_ID
from scopekeeper.oauth.subjects import Subjects, sector_of, strangers_to
from tests.altered import replace
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


@given(PEOPLE, HOSTS, HOSTS, HOSTS)
def test_a_sector_identifier_stands_for_all_hosts(person: int, sector: str, one: str, other: str) -> None:
    """OpenID Connect Core §8.1: then it is the host of that URI, whatever the redirect URIs are."""
    uri = f"https://{sector}:8443/sector.json?of={one}"
    client = pairwise(one, other, sector_identifier_uri=uri)
    assert sector_of(client) == sector
    assert sector_of(web(redirect_uris=(), sector_identifier_uri=uri)) == sector
    assert sector_of(web(redirect_uris=("com.example.app:/cb",), sector_identifier_uri=uri.upper())) == sector
    assert SUBJECTS.of(client, person) == SUBJECTS.of(pairwise(sector), person)


def test_pairwise_with_several_hosts_takes_a_sector_identifier() -> None:
    """OpenID Connect Registration §5."""
    draft = Draft(
        "Phone book",
        ApplicationType.NATIVE,
        redirect_uris=("https://app.example/cb", "https://other.example/cb", "com.example.app:/cb"),
        subject_type=SubjectType.PAIRWISE,
        sector_identifier_uri="https://sector.example/uris.json",
    )
    client = registered(draft, "abc", NOW, KNOWN.__contains__)
    assert sector_of(client) == "sector.example"
    with pytest.raises(Unfit, match="one and the same host"):
        changed(client, Changes(sector_identifier_uri=None), NOW, KNOWN.__contains__)


@pytest.mark.parametrize(
    "uri",
    ["", "sector.json", "ftp://a.example/", "https://u:p@a.example/", "https://a.example/#f", "https://127.1/x"],
)
def test_a_sector_identifier_is_an_address_that_can_be_read_in_one_way(uri: str) -> None:
    with pytest.raises(Unfit) as unfit:
        changed(web(), Changes(sector_identifier_uri=uri), NOW, KNOWN.__contains__)
    assert unfit.value.field == "sector_identifier_uri"


@given(st.lists(HOSTS), st.lists(HOSTS))
def test_a_document_speaks_for_exactly_the_addresses_that_it_names(named: list[str], used: list[str]) -> None:
    """OpenID Connect Registration §5: MUST be included in the elements of the array, as exact strings."""
    client = web(redirect_uris=tuple(f"https://{host}/cb" for host in used))
    document = [f"https://{host}/cb" for host in named]
    strangers = strangers_to(document, client)
    assert strangers == tuple(uri for uri in client.redirect_uris if uri not in document)
    assert strangers_to([f"{uri}/" for uri in client.redirect_uris], client) == client.redirect_uris


@pytest.mark.parametrize(
    "document",
    [None, True, 1, "https://app.example/cb", {}, {"https://app.example/cb": 1}, [1], [None], [[]], ["a", 1]],
)
def test_what_is_no_array_of_texts_speaks_for_nobody(document: object) -> None:
    assert strangers_to(document, web()) is None


@given(PEOPLE, PEOPLE, HOSTS)
def test_a_sid_is_the_same_for_as_long_as_the_session_and_another_for_each_application(
    one: int, other: int, host: str
) -> None:
    """OpenID Connect Back-Channel Logout §2.1, Front-Channel Logout §3: a string that identifies a session there."""
    client = web(client_id="one")
    here = SUBJECTS.sid(client, one)
    assert re.fullmatch(r"[0-9A-Za-z]{43}", here)
    assert SUBJECTS.sid(pairwise(host, client_id="one", generation=7), one) == here
    assert SUBJECTS.sid(web(client_id="two"), one) != here
    assert (SUBJECTS.sid(client, other) == here) is (one == other)


@given(PEOPLE, PEOPLE, HOSTS)
def test_a_sid_is_nobodys_subject(person: int, session: int, host: str) -> None:
    client = pairwise(host, client_id=host)
    assert SUBJECTS.sid(client, session) not in (SUBJECTS.of(client, person), SUBJECTS.of(client, session))
    assert SUBJECTS.sid(client, session) != Subjects(bytes(32)).sid(client, session)


def test_row_31_a_key_that_is_printed_shows_nothing() -> None:
    assert repr(SUBJECTS) == "Subjects()"
