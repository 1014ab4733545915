"""Introspection (RFC 7662) and revocation (RFC 7009)."""

import pytest

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.introspect import INACTIVE, introspect, introspect_refresh
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, Token
from scopekeeper.oauth.revoke import revocable, revocable_family
from tests.altered import replace
from tests.rules.granting import ALICE, family, refresh, web
from tests.rules.makers import ISSUER, NOW, SUBJECTS, client, token

OTHER = client(client_id="other")
SERVER = client(client_id="server", resource_server=True)


def test_a_client_learns_what_its_own_token_is_worth() -> None:
    """RFC 7662 §2.2."""
    assert introspect(client(), token(), client(), None, ISSUER, NOW, SUBJECTS) == {
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
    assert introspect(OTHER, token(), client(), None, ISSUER, NOW, SUBJECTS) == INACTIVE
    assert introspect(SERVER, token(), client(), None, ISSUER, NOW, SUBJECTS)["active"] is True


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
    assert introspect(SERVER, known, owner, None, ISSUER, NOW, SUBJECTS) == {"active": False}


def test_the_scope_told_is_what_the_guard_would_honour() -> None:
    narrowed = client(scope=("rest:callforward:read",))
    assert (
        introspect(narrowed, token(scope=("rest:callforward",)), narrowed, None, ISSUER, NOW, SUBJECTS)["scope"]
        == "rest:callforward:read"
    )


def test_in_a_persons_name_sub_is_the_person() -> None:
    """RFC 7662 §2.2: sub, and username for people to read."""
    told = introspect(client(), token(user="alice", user_id=7), client(), ALICE, ISSUER, NOW, SUBJECTS)
    assert (told["sub"], told["username"]) == ("00000000007", "alice")


def test_when_and_how_a_person_signed_in_is_told_with_the_grant() -> None:
    """RFC 9470 §6.2, RFC 7662 §2.2."""
    theirs = token(user="alice", user_id=7, family_id=50)
    signed = family(auth_time=NOW - 300)
    told = introspect(client(), theirs, client(), ALICE, ISSUER, NOW, SUBJECTS, family=signed)
    assert (told["auth_time"], told["acr"], told["amr"]) == (NOW - 300, "urn:scopekeeper:acr:password", ["pwd"])
    weak = introspect(client(), theirs, client(), ALICE, ISSUER, NOW, SUBJECTS, family=family(amr=("otp",)))
    assert "acr" not in weak
    dead = introspect(client(), replace(theirs, revoked_at=NOW), client(), ALICE, ISSUER, NOW, SUBJECTS, family=signed)
    assert dead == INACTIVE


@pytest.mark.parametrize(
    "user", [None, replace(ALICE, enabled=False), replace(ALICE, id=8)], ids=["gone", "disabled", "another"]
)
def test_row_26_42_a_persons_token_is_worth_nothing_without_that_person(user: User | None) -> None:
    assert introspect(SERVER, token(user="alice", user_id=7), client(), user, ISSUER, NOW, SUBJECTS) == INACTIVE


def test_a_client_learns_what_its_own_refresh_token_is_worth() -> None:
    """RFC 7662 §2.2: no token_type, for it is no access token, and no audience."""
    assert introspect_refresh(web(), refresh(), family(), ALICE, ISSUER, NOW, SUBJECTS) == {
        "active": True,
        "scope": "rest:callforward:read rest:callforward:write",
        "client_id": "abc",
        "exp": NOW + 3_600,
        "iat": NOW - 40,
        "sub": "00000000007",
        "iss": ISSUER,
        "username": "alice",
    }


@pytest.mark.parametrize(
    ("presented", "of", "caller", "user"),
    [
        ({"spent_at": NOW}, {}, {}, ALICE),
        ({"expires_at": NOW}, {}, {}, ALICE),
        ({}, {"revoked_at": NOW}, {}, ALICE),
        ({}, {"expires_at": NOW}, {}, ALICE),
        ({}, {}, {}, None),
        ({}, {}, {"generation": 1}, ALICE),
        ({}, {}, {"client_id": "other"}, ALICE),
        ({}, {}, {"client_id": "server", "resource_server": True}, ALICE),
    ],
    ids=["spent", "idle", "revoked", "at its end", "no account", "compromised", "another's", "a resource server"],
)
def test_row_22_42_a_refresh_token_is_its_own_clients_business_while_it_holds(
    presented: dict[str, object], of: dict[str, object], caller: dict[str, object], user: User | None
) -> None:
    told = introspect_refresh(web(**caller), refresh(**presented), family(**of), user, ISSUER, NOW, SUBJECTS)
    assert told == {"active": False}


def test_a_client_revokes_its_own_token() -> None:
    assert revocable(client(), token()) == token()


def test_what_is_unknown_or_dead_is_no_error() -> None:
    """RFC 7009 §2.2: invalid tokens do not cause an error response."""
    assert revocable(client(), None) is None
    assert revocable(client(), token(revoked_at=NOW)) is None


def test_row_22_another_clients_token_is_refused() -> None:
    """RFC 7009 §2.1: the request is refused and the client is informed of the error."""
    for revoked in (lambda: revocable(OTHER, token()), lambda: revocable_family(OTHER, family())):
        with pytest.raises(OAuthError) as refused:
            revoked()
        assert refused.value.error == "invalid_grant"


def test_with_a_refresh_token_its_family_is_given_back() -> None:
    """RFC 7009 §2.1; what is dead already is no error (§2.2)."""
    assert revocable_family(web(), family()) == family()
    assert revocable_family(web(), family(revoked_at=NOW)) is None
