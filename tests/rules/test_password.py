"""password: the grant of the past, where it was switched on (RFC 6749 §4.3, RFC 9700 §2.4)."""

import pytest

from scopekeeper.oauth.authentication import MFA_RUNG, PASSWORD_RUNG
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.grants.password import asked, decide
from scopekeeper.oauth.records import GrantType
from tests.rules.granting import ALICE, web
from tests.rules.makers import NOW, mint, request

SENT = {"username": "alice", "password": "correct horse"}


def test_who_is_proven_grants_at_this_moment_and_without_a_session() -> None:
    """RFC 6749 §4.3.3."""
    issue = decide(request(GrantType.PASSWORD, scope="rest:callforward:read"), web(), ALICE, mint(), more=False)
    family = issue.grant
    assert (family.user_id, family.auth_time, family.session_id, family.offline) == (7, NOW, None, True)
    assert (issue.scope, issue.token.user, family.grant_type) == ("rest:callforward:read", "alice", GrantType.PASSWORD)
    assert issue.refresh is not None


def test_without_scope_it_is_the_ceiling_less_the_identity_scopes() -> None:
    """RFC 6749 §3.3, §4.3.2."""
    assert decide(request(GrantType.PASSWORD), web(), ALICE, mint(), more=False).scope == "rest:callforward"
    assert decide(request(GrantType.PASSWORD, scope="openid"), web(), ALICE, mint(), more=False).identity is not None


@pytest.mark.parametrize("scope", ["gql", "rest", "rest:unknown", " "])
def test_row_41_more_than_the_ceiling_is_refused(scope: str) -> None:
    with pytest.raises(OAuthError) as refused:
        decide(request(GrantType.PASSWORD, scope=scope), web(), ALICE, mint(), more=False)
    assert refused.value.error == "invalid_scope"


def test_name_and_password_are_required_of_applications_with_the_switch() -> None:
    """RFC 6749 §4.3.2, §5.2; RFC 9700 §2.4: otherwise it is not to be used."""
    assert asked(request(GrantType.PASSWORD, **SENT), web()) == ("alice", "correct horse")
    for name in SENT:
        without = {each: value for each, value in SENT.items() if each != name}
        with pytest.raises(OAuthError, match=f"The {name} is missing") as refused:
            asked(request(GrantType.PASSWORD, **without), web())
        assert refused.value.error == "invalid_request"
    with pytest.raises(OAuthError) as refused:
        asked(request(GrantType.PASSWORD, **SENT), web(grant_types=(GrantType.AUTHORIZATION_CODE,)))
    assert refused.value.error == "unauthorized_client"


def test_row_52_whoever_needs_more_than_a_password_is_refused_and_hears_what_to_do() -> None:
    """RFC 9700 §2.4: the grant is not designed to work with two-factor authentication."""
    sent = request(GrantType.PASSWORD, scope="rest:callforward:read")
    for client, more in ((web(), True), (web(required_acr=MFA_RUNG), False)):
        with pytest.raises(OAuthError, match="second factor") as refused:
            decide(sent, client, ALICE, mint(), more=more)
        assert refused.value.error == "invalid_grant"
        assert "authorization code grant" in refused.value.description
    assert decide(sent, web(required_acr=PASSWORD_RUNG), ALICE, mint(), more=False).scope == "rest:callforward:read"
