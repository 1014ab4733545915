"""device_code: what a device hears when it asks (RFC 8628 §3.4, §3.5)."""

import pytest

from scopekeeper.oauth.errors import OAuthError, Replayed
from scopekeeper.oauth.granted import Grantor
from scopekeeper.oauth.grants.device_code import approved_by, asked, decide, waits
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import GrantType
from tests.rules.granting import ALICE, SCOPE, device, web
from tests.rules.makers import NOW, mint, request

GRANTOR = Grantor(7, "alice", NOW - 50, 70)


def test_an_approved_device_buys_what_the_person_granted() -> None:
    """RFC 8628 §3.5: a success response as RFC 6749 §5.1 has it."""
    assert approved_by(web(), device(), NOW) == GRANTOR
    issue = decide(request(GrantType.DEVICE_CODE), web(), device(), GRANTOR, ALICE, mint())
    assert (issue.scope, issue.token.user, issue.grant.session_id) == (" ".join(SCOPE), "alice", 70)
    assert issue.grant.grant_type is GrantType.DEVICE_CODE
    assert issue.refresh is not None


def test_as_long_as_nobody_has_decided_it_waits() -> None:
    """RFC 8628 §3.5: authorization_pending, slow_down."""
    assert approved_by(web(), device(approved=None), NOW) is None
    assert approved_by(web(), device(approved=None, user_id=None), NOW) is None
    assert [waits(in_time=each).error for each in (True, False)] == ["authorization_pending", "slow_down"]
    assert not any(waits(in_time=each).guess for each in (True, False))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"approved": False}, "access_denied"),
        ({"expires_at": NOW}, "expired_token"),
        ({"approved": None, "expires_at": NOW}, "expired_token"),
        ({"client_id": "other"}, "invalid_grant"),
        ({"generation": 1}, "invalid_grant"),
        ({"client_id": "other", "family_id": 3}, "invalid_grant"),
    ],
)
def test_row_12_each_end_has_its_error(changes: dict[str, object], error: str) -> None:
    """RFC 8628 §3.5: access_denied, expired_token; the rest as RFC 6749 §5.2."""
    with pytest.raises(OAuthError) as refused:
        approved_by(web(), device(**changes), NOW)
    assert refused.value.error == error


def test_row_15_redeemed_twice_is_a_replay() -> None:
    with pytest.raises(Replayed) as replayed:
        approved_by(web(), device(family_id=3), NOW)
    assert replayed.value.family_id == 3


@pytest.mark.parametrize("user", [None, User(8, "alice", None, NOW)], ids=["gone", "another"])
def test_row_26_the_account_is_looked_at_again(user: User | None) -> None:
    with pytest.raises(OAuthError) as refused:
        decide(request(GrantType.DEVICE_CODE), web(), device(), GRANTOR, user, mint())
    assert refused.value.error == "invalid_grant"


def test_the_device_code_is_required_of_those_who_may_redeem_one() -> None:
    """RFC 8628 §3.4."""
    with pytest.raises(OAuthError, match="device_code is missing") as refused:
        asked(request(GrantType.DEVICE_CODE), web())
    assert refused.value.error == "invalid_request"
    with pytest.raises(OAuthError) as refused:
        asked(request(GrantType.DEVICE_CODE, device_code="x"), web(grant_types=(GrantType.REFRESH_TOKEN,)))
    assert refused.value.error == "unauthorized_client"
