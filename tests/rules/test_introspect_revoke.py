"""Introspection (RFC 7662) and revocation (RFC 7009)."""

import pytest

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.introspect import INACTIVE, introspect
from scopekeeper.oauth.records import Client, Token
from scopekeeper.oauth.revoke import revocable
from tests.rules.makers import ISSUER, NOW, client, token

OTHER = client(client_id="other")
SERVER = client(client_id="server", resource_server=True)


def test_a_client_learns_what_its_own_token_is_worth() -> None:
    """RFC 7662 §2.2."""
    assert introspect(client(), token(), client(), ISSUER, NOW) == {
        "active": True,
        "scope": "rest:callforward:read",
        "client_id": "abc",
        "token_type": "Bearer",
        "exp": NOW + 3_590,
        "iat": NOW - 10,
        "sub": "abc",
        "aud": f"{ISSUER}/api",
        "iss": ISSUER,
        "jti": "00000000009",
    }


def test_row_42_others_tokens_are_a_resource_servers_business_alone() -> None:
    assert introspect(OTHER, token(), client(), ISSUER, NOW) == INACTIVE
    assert introspect(SERVER, token(), client(), ISSUER, NOW)["active"] is True


@pytest.mark.parametrize(
    ("known", "owner"),
    [
        (None, None),
        (token(expires_at=NOW), client()),
        (token(revoked_at=NOW - 5), client()),
        (token(), client(enabled=False)),
        (token(), client(generation=1)),
        (token(), None),
    ],
    ids=["unknown", "expired", "revoked", "application disabled", "application compromised", "application removed"],
)
def test_row_42_an_inactive_token_says_nothing_else(known: Token | None, owner: Client | None) -> None:
    assert introspect(SERVER, known, owner, ISSUER, NOW) == {"active": False}


def test_the_scope_told_is_what_the_guard_would_honour() -> None:
    narrowed = client(scope=("rest:callforward:read",))
    assert (
        introspect(narrowed, token(scope=("rest:callforward",)), narrowed, ISSUER, NOW)["scope"]
        == "rest:callforward:read"
    )


def test_in_a_persons_name_sub_is_the_person() -> None:
    assert introspect(client(), token(user="alice"), client(), ISSUER, NOW)["sub"] == "alice"


def test_a_client_revokes_its_own_token() -> None:
    assert revocable(client(), token()) == token()


def test_what_is_unknown_or_dead_is_no_error() -> None:
    """RFC 7009 §2.2: invalid tokens do not cause an error response."""
    assert revocable(client(), None) is None
    assert revocable(client(), token(revoked_at=NOW)) is None


def test_row_22_another_clients_token_is_refused() -> None:
    """RFC 7009 §2.1: the request is refused and the client is informed of the error."""
    with pytest.raises(OAuthError) as refused:
        revocable(OTHER, token())
    assert refused.value.error == "invalid_grant"
