"""client_credentials and the token that it gives (RFC 6749 §4.4, RFC 9068)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper import scopes
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.grants import GRANTS, client_credentials
from scopekeeper.oauth.records import ApplicationType, GrantType, TokenFormat, holds
from scopekeeper.oauth.secrets import Kind, digest_of, row_of
from tests.altered import replace
from tests.rules.makers import ISSUER, KNOWN, NOW, client, mint, request, token


def test_an_application_gets_a_token_with_the_scopes_it_asks_for() -> None:
    issue = client_credentials.decide(request(scope="rest:callforward:read"), client(), mint())
    assert issue.scope == "rest:callforward:read"
    assert row_of(issue.access_token, Kind.ACCESS_TOKEN) == issue.token.id == 42
    assert issue.token.digest == digest_of(issue.access_token)
    assert (issue.token.issued_at, issue.token.expires_at, issue.expires_in) == (NOW, NOW + 3_600, 3_600)
    assert issue.token.user is None


def test_without_scope_it_gets_all_it_may_have_except_identity() -> None:
    """RFC 6749 §3.3: the default is the application's ceiling, and the answer says so."""
    issue = client_credentials.decide(request(), client(scope=("rest:callforward:read", "openid", "gql")), mint())
    assert issue.scope == "rest:callforward:read gql"


def test_scopes_are_answered_as_they_were_written() -> None:
    asked = "rest:callforward:write rest:callforward:read"
    assert client_credentials.decide(request(scope=asked), client(scope=("rest",)), mint()).scope == asked


@pytest.mark.parametrize(
    "asked", ["rest", "gql", "rest:callforward", "rest:unknown", "openid", "rest:callforward:read openid", '"', " "]
)
def test_row_41_more_than_the_ceiling_or_unknown_or_identity_is_invalid_scope(asked: str) -> None:
    with pytest.raises(OAuthError) as refused:
        client_credentials.decide(request(scope=asked), client(), mint())
    assert (refused.value.error, refused.value.status) == ("invalid_scope", 400)


@pytest.mark.parametrize("ceiling", [(), ("openid",), ("rest:gone",)])
def test_row_41_an_empty_ceiling_is_not_everything(ceiling: tuple[str, ...]) -> None:
    with pytest.raises(OAuthError) as refused:
        client_credentials.decide(request(), client(scope=ceiling), mint())
    assert refused.value.error == "invalid_scope"


def test_only_applications_registered_for_it_may_use_it() -> None:
    """RFC 6749 §4.4: MUST only be used by confidential clients; §5.2 unauthorized_client."""
    web = client(type=ApplicationType.WEB, grant_types=(GrantType.AUTHORIZATION_CODE,))
    public = client(type=ApplicationType.SPA, grant_types=(GrantType.CLIENT_CREDENTIALS,))
    for each in (web, public):
        with pytest.raises(OAuthError) as refused:
            client_credentials.decide(request(), each, mint())
        assert refused.value.error == "unauthorized_client"


def test_a_jwt_application_gets_claims_to_sign() -> None:
    """RFC 9068 §2.2."""
    issue = client_credentials.decide(request(), client(token_format=TokenFormat.JWT), mint())
    assert issue.access_token == ""
    assert issue.claims == {
        "iss": ISSUER,
        "aud": f"{ISSUER}/api",
        "sub": "abc",
        "client_id": "abc",
        "scope": "rest:callforward:read rest:callforward:write",
        "iat": NOW,
        "exp": NOW + 3_600,
        "jti": "0000000000g",
    }


def test_an_application_may_have_its_own_lifetime() -> None:
    issue = client_credentials.decide(request(), client(access_token_lifetime=60), mint())
    assert issue.token.expires_at == NOW + 60


def test_a_token_carries_the_generation_it_was_issued_in() -> None:
    assert client_credentials.decide(request(), client(generation=3), mint()).token.generation == 3


@given(
    st.lists(st.sampled_from(sorted(KNOWN - {"openid", "email"})), max_size=5),
    st.lists(st.sampled_from(sorted(KNOWN)), max_size=5),
)
def test_whatever_is_asked_the_token_never_reaches_beyond_the_ceiling(asked: list[str], ceiling: list[str]) -> None:
    try:
        issue = client_credentials.decide(request(scope=" ".join(asked)), client(scope=tuple(ceiling)), mint())
    except OAuthError as refused:
        assert refused.error == "invalid_scope"  # noqa: PT017 - either outcome is sound, this one has this name
    else:
        assert not scopes.missing(ceiling, issue.token.scope)
        assert set(issue.token.scope) == set(asked)


def test_row_24_a_token_holds_until_its_last_second_is_over() -> None:
    """RFC 6749 §5.1 expires_in, enforced at use and not only by the sweeper (row 24)."""
    held = token()
    assert holds(held, client(), held.expires_at - 1)
    assert not holds(held, client(), held.expires_at)


@pytest.mark.parametrize(
    "changes",
    [{"enabled": False}, {"generation": 1}, {"client_id": "other"}],
    ids=["disabled", "compromised", "other's"],
)
def test_a_token_dies_with_what_it_stands_on(changes: dict[str, object]) -> None:
    assert not holds(token(), client(**changes), NOW)


def test_a_revoked_token_does_not_hold() -> None:
    assert not holds(replace(token(), revoked_at=NOW - 1), client(), NOW)


def test_row_31_a_decision_that_is_printed_has_no_secret_in_it() -> None:
    issue = client_credentials.decide(request(), client(), mint())
    assert issue.access_token not in repr(issue)
    assert "e" * 32 not in repr(mint())


def test_every_grant_in_the_table_is_named_as_its_rfc_names_it() -> None:
    assert set(GRANTS) <= {grant.value for grant in GrantType}
