"""Client authentication: who is asking is proven, or refused in the same words for every cause."""

import pytest

from scopekeeper.oauth.clients import Credentials, authenticate
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.records import ApplicationType, Client, GrantType
from scopekeeper.oauth.secrets import Kind, secret_of
from tests.rules.makers import NOW, SECRET, client, secret

BASIC = Credentials("client_secret_basic", "abc", SECRET)
UNKNOWN_ROW = secret_of(Kind.CLIENT_SECRET, 8, "s" * 32)
TOKEN = secret_of(Kind.ACCESS_TOKEN, 7, "s" * 32)
OTHER = secret_of(Kind.CLIENT_SECRET, 7, "x" * 32)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_the_right_secret_proves_the_client_by_either_method(method: str) -> None:
    proven = authenticate(Credentials(method, "abc", SECRET), client(), NOW)
    assert proven.client == client()
    assert proven.secret == secret()


REFUSED: list[tuple[str, Credentials, Client | None]] = [
    ("an unknown client", BASIC, None),
    ("a wrong secret of the right row", Credentials("client_secret_basic", "abc", OTHER), client()),
    ("a secret of an unknown row", Credentials("client_secret_basic", "abc", UNKNOWN_ROW), client()),
    ("garbage", Credentials("client_secret_basic", "abc", "garbage"), client()),
    ("an empty secret", Credentials("client_secret_basic", "abc", ""), client()),
    ("no secret from a confidential client", Credentials("none", "abc"), client()),
    ("an ended secret", BASIC, client(secrets=(secret(expires_at=NOW),))),
    ("a client without secrets", BASIC, client(secrets=())),
    ("a disabled client", BASIC, client(enabled=False)),
    ("a method that does not exist", Credentials("private_key_jwt", "abc", SECRET), client()),
    ("a token in place of a secret", Credentials("client_secret_post", "abc", TOKEN), client()),
]  # fmt: skip


@pytest.mark.parametrize(("why", "credentials", "known"), REFUSED, ids=[each[0] for each in REFUSED])
def test_row_27_everything_else_is_refused_in_the_same_words(
    why: str, credentials: Credentials, known: Client | None
) -> None:
    """RFC 6749 §5.2: invalid_client, 401."""
    with pytest.raises(OAuthError) as refused:
        authenticate(credentials, known, NOW)
    assert (refused.value.error, refused.value.status) == ("invalid_client", 401)
    assert refused.value.description == "Client authentication failed."
    assert refused.value.reason != refused.value.description


def test_both_secrets_work_until_the_overlap_ends() -> None:
    old = secret(expires_at=NOW + 1)
    assert authenticate(BASIC, client(secrets=(old,)), NOW).secret == old


def test_row_29_a_public_client_is_not_proven_by_a_secret_nor_a_confidential_one_without() -> None:
    public = client(type=ApplicationType.SPA, grant_types=(GrantType.AUTHORIZATION_CODE,), secrets=())
    assert authenticate(Credentials("none", "abc"), public, NOW).secret is None
    for credentials in (BASIC, Credentials("client_secret_post", "abc", "")):
        with pytest.raises(OAuthError):
            authenticate(credentials, public, NOW)


def test_row_31_nothing_that_is_printed_has_the_secret_in_it() -> None:
    assert SECRET not in repr(BASIC) + repr(client()) + repr(authenticate(BASIC, client(), NOW))
