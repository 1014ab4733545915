"""refresh_token: going on with what was granted (RFC 6749 §6), every token used once (RFC 9700 §4.14.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper import scopes
from scopekeeper.oauth.errors import OAuthError, Replayed
from scopekeeper.oauth.granted import Family, RefreshToken
from scopekeeper.oauth.grants.refresh_token import Source, asked, decide, graced
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.secrets import Kind, row_of
from scopekeeper.oauth.token import Issue
from tests.altered import replace
from tests.rules.granting import ALICE, SCOPE, family, refresh, web
from tests.rules.makers import KNOWN, NOW, mint, request

SPENT = refresh(spent_at=NOW - 5, successor=6)
SUCCESSOR = refresh(id=6, sealed=b"sealed")


def source(presented: RefreshToken | None = None, of: Family | None = None, user: User | None = ALICE) -> Source:
    return presented or refresh(), of or family(), user


def refreshed(given: Source | None = None, client: Client | None = None, **parameters: str) -> Issue:
    return decide(request(GrantType.REFRESH_TOKEN, **parameters), client or web(), given or source(), mint())


def refusal(given: Source | None = None, client: Client | None = None, **parameters: str) -> str:
    with pytest.raises(OAuthError) as refused:
        refreshed(given, client, **parameters)
    return refused.value.error


def test_a_refresh_token_buys_an_access_token_and_its_successor() -> None:
    """RFC 6749 §6, RFC 9700 §4.14.2."""
    issue = refreshed()
    assert issue.refresh is not None
    assert (issue.refresh.family_id, issue.token.family_id) == (3, 3)
    assert row_of(issue.refresh_token, Kind.REFRESH_TOKEN) == issue.refresh.id == 43
    assert (issue.scope, issue.grant) == (" ".join(SCOPE), family())


def test_a_public_client_rotates_too() -> None:
    """RFC 9700 §2.2.2."""
    spa = web(secrets=(), grant_types=(GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN))
    assert refreshed(client=spa).refresh is not None


def test_row_24_the_scope_may_be_narrower_for_once_and_never_wider() -> None:
    """RFC 6749 §6: MUST NOT include any scope not originally granted; omitted, it is the same."""
    assert refreshed(scope="rest:callforward:read").scope == "rest:callforward:read"
    assert refreshed(scope="rest:callforward:read").grant.scope == SCOPE
    for wider in ("rest", "rest:callforward", "gql", "openid", "rest:callforward:read gql", "rest:unknown", '"', " "):
        assert refusal(scope=wider) == "invalid_scope"
    assert refusal(source(of=family(scope=("rest",))), web(scope=("rest",)), scope="rest:unknown") == "invalid_scope"


@given(st.lists(st.sampled_from(sorted(KNOWN)), max_size=4), st.lists(st.sampled_from(sorted(KNOWN)), max_size=4))
def test_row_24_whatever_is_asked_the_scope_never_grows(granted: list[str], wanted: list[str]) -> None:
    ceiling = ("rest:callforward", "openid", "gql")
    try:
        issue = refreshed(source(of=family(scope=tuple(granted))), web(scope=ceiling), scope=" ".join(wanted))
    except OAuthError as refused:
        assert refused.error == "invalid_scope"  # noqa: PT017 - either outcome is sound, this one has this name
    else:
        assert not scopes.missing(granted, issue.token.scope)
        assert not scopes.missing(ceiling, issue.token.scope)


def test_a_narrowed_application_gets_what_is_left() -> None:
    assert refreshed(client=web(scope=("rest:callforward:read", "gql"))).scope == "rest:callforward:read"
    assert refusal(client=web(scope=("gql",))) == "invalid_scope"


def test_openid_brings_an_id_token_again_without_the_nonce() -> None:
    granted = source(of=family(scope=("openid", *SCOPE)))
    issue = refreshed(granted)
    assert issue.identity is not None
    assert (issue.identity["auth_time"], issue.identity["iat"]) == (NOW - 50, NOW)
    assert "nonce" not in issue.identity
    assert refreshed(granted, scope="rest:callforward:read").identity is None


@pytest.mark.parametrize(
    "given_",
    [
        source(of=family(client_id="other")),
        source(of=family(generation=1)),
        source(of=family(revoked_at=NOW - 1)),
        source(of=family(expires_at=NOW)),
        source(user=None),
        source(user=replace(ALICE, enabled=False)),
        source(user=replace(ALICE, id=8)),
        source(refresh(expires_at=NOW)),
    ],
    ids=["another's", "compromised", "revoked", "at its end", "no account", "disabled", "another account", "idle"],
)
def test_row_22_24_26_what_does_not_hold_buys_nothing_and_is_no_replay(given_: Source) -> None:
    assert refusal(given_) == "invalid_grant"


def test_row_20_a_spent_token_is_a_replay_even_when_it_is_too_old() -> None:
    """RFC 9700 §4.14.2."""
    for spent in (SPENT, replace(SPENT, expires_at=NOW - 1)):
        with pytest.raises(Replayed) as replayed:
            refreshed(source(spent))
        assert replayed.value.family_id == 3


def test_within_the_grace_its_answer_may_be_told_again() -> None:
    assert graced(web(), source(SPENT), SUCCESSOR, mint()) == b"sealed"
    assert graced(web(), source(replace(SPENT, spent_at=NOW - 10)), SUCCESSOR, mint()) == b"sealed"


@pytest.mark.parametrize(
    ("spent", "successor", "grace"),
    [
        (replace(SPENT, spent_at=NOW - 11), SUCCESSOR, 10),
        (SPENT, replace(SUCCESSOR, sealed=None), 10),
        (SPENT, None, 10),
        (replace(SPENT, spent_at=NOW), SUCCESSOR, 0),
        (refresh(), None, 10),
    ],
    ids=["over", "the successor was used", "the successor is gone", "switched off", "not spent"],
)
def test_row_20_after_it_the_family_dies(spent: RefreshToken, successor: RefreshToken | None, grace: int) -> None:
    with pytest.raises(Replayed):
        graced(web(), source(spent), successor, mint(refresh_grace=grace))


@pytest.mark.parametrize(
    ("of", "client"), [({"revoked_at": NOW - 1}, {}), ({}, {"client_id": "other"})], ids=["revoked", "another's"]
)
def test_row_20_22_what_was_revoked_or_is_anothers_is_never_graced(
    of: dict[str, object], client: dict[str, object]
) -> None:
    with pytest.raises(OAuthError) as refused:
        graced(web(**client), source(SPENT, family(**of)), SUCCESSOR, mint())
    assert refused.value.error == "invalid_grant"


def test_the_successor_is_idle_for_so_long_and_never_outlives_the_family() -> None:
    """RFC 9700 §4.14.2: refresh tokens SHOULD expire if unused for some time."""
    idle = decide(request(GrantType.REFRESH_TOKEN), web(), source(), mint(refresh_token_idle=100)).refresh
    assert idle is not None
    assert idle.expires_at == NOW + 100
    last = refreshed(source(of=family(expires_at=NOW + 60))).refresh
    assert last is not None
    assert last.expires_at == NOW + 60


def test_the_token_is_required_of_those_who_may_refresh() -> None:
    """RFC 6749 §6, §5.2."""
    with pytest.raises(OAuthError, match="refresh_token is missing") as refused:
        asked(request(GrantType.REFRESH_TOKEN), web())
    assert refused.value.error == "invalid_request"
    with pytest.raises(OAuthError) as refused:
        asked(request(GrantType.REFRESH_TOKEN, refresh_token="x"), web(grant_types=(GrantType.AUTHORIZATION_CODE,)))
    assert refused.value.error == "unauthorized_client"
