"""authorization_code: what a person granted, redeemed once (RFC 6749 §4.1.3, RFC 7636 §4.6)."""

import pytest

from scopekeeper.oauth.errors import OAuthError, Replayed
from scopekeeper.oauth.granted import Code
from scopekeeper.oauth.grants.authorization_code import asked, decide
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, GrantType, TokenFormat
from scopekeeper.oauth.secrets import Kind, digest_of, row_of
from scopekeeper.oauth.token import Issue, TokenRequest
from tests.altered import replace
from tests.rules.granting import ALICE, SCOPE, code, redeeming, web
from tests.rules.makers import ISSUER, NOW, SUBJECTS, mint, request


def redeemed(
    code_: Code | None = None,
    request: TokenRequest | None = None,
    client: Client | None = None,
    user: User | None = ALICE,
) -> Issue:
    return decide(request or redeeming(), client or web(), code_ or code(), user, mint())


def refusal(
    code_: Code | None = None,
    request: TokenRequest | None = None,
    client: Client | None = None,
    user: User | None = ALICE,
) -> str:
    with pytest.raises(OAuthError) as refused:
        redeemed(code_, request, client, user)
    return refused.value.error


def test_a_code_buys_a_family_with_an_access_token_and_a_refresh_token() -> None:
    """RFC 6749 §4.1.4."""
    issue = redeemed()
    family, refresh = issue.grant, issue.refresh
    assert refresh is not None
    assert row_of(issue.access_token, Kind.ACCESS_TOKEN) == issue.token.id
    assert (row_of(issue.refresh_token, Kind.REFRESH_TOKEN), refresh.digest) == (
        refresh.id,
        digest_of(issue.refresh_token),
    )
    assert issue.token.family_id == refresh.family_id == family.id
    assert (issue.token.user, issue.token.user_id, issue.scope) == ("alice", 7, " ".join(SCOPE))
    assert (family.grant_type, family.session_id, family.offline) == (GrantType.AUTHORIZATION_CODE, 70, False)


def test_without_the_grant_refresh_token_there_is_none() -> None:
    issue = redeemed(client=web(grant_types=(GrantType.AUTHORIZATION_CODE,)))
    assert (issue.refresh, issue.refresh_token) == (None, "")


def test_openid_brings_the_claims_of_an_id_token() -> None:
    """With the nonce of the authorization request, and when and how the person signed in."""
    issue = redeemed(code(scope=("openid", *SCOPE), nonce="n-0S6"))
    assert issue.identity == {
        "sid": SUBJECTS.sid(web(), 70),
        "iss": ISSUER,
        "sub": "00000000007",
        "aud": "abc",
        "exp": NOW + 3_600,
        "iat": NOW,
        "auth_time": NOW - 50,
        "acr": "urn:scopekeeper:acr:password",
        "amr": ["pwd"],
        "nonce": "n-0S6",
    }
    assert redeemed().identity is None


def test_without_a_session_an_id_token_says_of_none() -> None:
    """OpenID Connect Back-Channel Logout §2.1: sid OPTIONAL."""
    issue = redeemed(code(scope=("openid", *SCOPE), session_id=None))
    assert issue.identity is not None
    assert "sid" not in issue.identity


def test_what_was_granted_claim_by_claim_stays_with_the_grant_and_stands_in_the_id_token_where_it_was_wanted() -> None:
    """Within the ceiling of this moment; and a claim never takes the place of what the id_token says itself."""
    claims = ("userinfo:email", "id_token:name", "id_token:sub", "id_token:phone_number")
    client = web(scope=("openid", "profile"))
    issue = redeemed(code(scope=("openid",), claims=claims, amr=("otp",)), client=client)
    assert (issue.grant.claims, issue.grant.amr) == (claims, ("otp",))
    assert issue.identity is not None
    assert (issue.identity["name"], issue.identity["sub"]) == ("alice", "00000000007")
    assert issue.identity["amr"] == ["otp"]
    assert {"email", "phone_number", "acr"}.isdisjoint(issue.identity)


@pytest.mark.parametrize(
    "changes", [{"client_id": "other"}, {"generation": 1}], ids=["another's", "before it was compromised"]
)
def test_row_12_a_code_is_worth_nothing_to_anybody_else(changes: dict[str, object]) -> None:
    """RFC 6749 §4.1.3: ensure that the authorization code was issued to the authenticated client."""
    assert refusal(client=web(**changes)) == "invalid_grant"
    assert refusal(code(family_id=3), client=web(**changes)) == "invalid_grant"


def test_row_11_a_code_redeemed_before_is_a_replay_however_late() -> None:
    """RFC 6749 §4.1.2: MUST NOT be used more than once, and what it bought SHOULD be revoked."""
    spent = code(family_id=3, expires_at=NOW - 1_000)
    for sent in (redeeming(), redeeming(code_verifier="wrong"), redeeming(redirect_uri="https://evil.example/")):
        with pytest.raises(Replayed) as replayed:
            redeemed(spent, sent)
        assert replayed.value.family_id == 3


def test_row_24_a_code_dies_at_its_time() -> None:
    """RFC 6749 §4.1.2."""
    assert redeemed(code(expires_at=NOW + 1))
    assert refusal(code(expires_at=NOW)) == "invalid_grant"


@pytest.mark.parametrize("sent", ["https://app.example/cb/", "https://app.example/cb?x=1", "HTTPS://app.example/cb"])
def test_row_12_the_redirect_uri_is_the_one_of_the_authorization_request(sent: str) -> None:
    """RFC 6749 §4.1.3: their values MUST be identical."""
    assert refusal(request=redeeming(redirect_uri=sent)) == "invalid_grant"


@pytest.mark.parametrize("verifier", ["a" * 43, "short", "a" * 200])
def test_row_12_16_the_verifier_is_the_one_that_the_challenge_came_from(verifier: str) -> None:
    """RFC 7636 §4.6, RFC 9700 §2.1.1, for confidential clients, too."""
    assert refusal(request=redeeming(code_verifier=verifier)) == "invalid_grant"
    without = request(GrantType.AUTHORIZATION_CODE, code="…", redirect_uri="https://app.example/cb")
    assert refusal(request=without) == "invalid_grant"
    assert refusal(code(code_challenge=None)) == "invalid_grant"
    assert redeemed(code(code_challenge=None), without)


@pytest.mark.parametrize(
    "user", [None, replace(ALICE, enabled=False), replace(ALICE, id=8)], ids=["gone", "disabled", "another"]
)
def test_row_26_the_account_is_looked_at_again(user: User | None) -> None:
    assert refusal(user=user) == "invalid_grant"


def test_a_grant_outlives_its_session_where_that_was_granted() -> None:
    assert not redeemed().grant.offline
    assert redeemed(code(scope=("offline_access", *SCOPE))).grant.offline
    assert redeemed(code(session_id=None)).grant.offline


def test_what_the_application_may_no_longer_have_is_not_given() -> None:
    narrowed = web(scope=("rest:callforward:read",))
    assert redeemed(client=narrowed).scope == "rest:callforward:read"
    assert refusal(client=web(scope=("gql",))) == "invalid_scope"


def test_code_and_redirect_uri_are_required_of_those_who_may_redeem() -> None:
    """RFC 6749 §4.1.3, §5.2."""
    told = {"code": "x", "redirect_uri": "https://app.example/cb"}
    assert asked(request(GrantType.AUTHORIZATION_CODE, **told), web()) == "x"
    for name in told:
        without = {each: value for each, value in told.items() if each != name}
        with pytest.raises(OAuthError, match=f"The {name} is missing") as refused:
            asked(request(GrantType.AUTHORIZATION_CODE, **without), web())
        assert refused.value.error == "invalid_request"
    with pytest.raises(OAuthError) as refused:
        asked(redeeming(), web(grant_types=(GrantType.CLIENT_CREDENTIALS,)))
    assert refused.value.error == "unauthorized_client"


def test_a_jwt_application_gets_claims_in_the_persons_name() -> None:
    """RFC 9068 §2.2: sub is the person."""
    issue = redeemed(client=web(token_format=TokenFormat.JWT))
    assert issue.claims is not None
    assert (issue.claims["sub"], issue.access_token) == ("00000000007", "")


def test_row_31_a_decision_that_is_printed_has_no_secret_in_it() -> None:
    issue = redeemed()
    assert issue.refresh_token[-38:] not in repr(issue)
    assert issue.access_token[-38:] not in repr(issue)
