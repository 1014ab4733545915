"""A rehearsal says what would be issued (RFC 6749 §5.1, RFC 7662 §2.2, RFC 9068 §2.2), and opens nothing."""

import pytest

from scopekeeper.oauth.applications import TYPES
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Grantor
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, TokenFormat
from scopekeeper.oauth.rehearsal import HIDDEN, Rehearsal, grant_of, rehearsed
from scopekeeper.oauth.secrets import Kind, row_of
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.oauth.token import Lifetimes
from tests.altered import replace

NOW = 1_800_000_000
ISSUER = "https://id.example"
SUBJECTS = Subjects(bytes(32))
ALICE = User(7, "alice", None, 0)


def client_of(type: ApplicationType, scope: str, **more: object) -> Client:
    made = Client("c" * 22, type, "Phone book", tuple(scope.split()), TYPES[type].defaults, NOW)
    return replace(made, **more)


def of(client: Client, scope: str) -> Rehearsal:
    grantor = Grantor(ALICE.id, ALICE.name, NOW - 60, 9)
    return rehearsed(client, scope, ALICE, grantor, NOW, ISSUER, Lifetimes(3_600), client.scope.__contains__, SUBJECTS)


def test_a_person_grants_where_the_application_asks_people() -> None:
    made = of(client_of(ApplicationType.WEB, "openid rest"), "openid rest")
    assert made.grant_type is GrantType.AUTHORIZATION_CODE
    assert list(made.response) == ["access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token"]
    assert made.introspection["username"] == "alice"
    assert made.identity is not None
    assert made.identity["auth_time"] == NOW - 60


def test_an_application_that_asks_nobody_gets_tokens_for_itself() -> None:
    client = client_of(ApplicationType.M2M, "rest")
    made = of(client, "rest")
    assert made.grant_type is GrantType.CLIENT_CREDENTIALS
    assert list(made.response) == ["access_token", "token_type", "expires_in", "scope"]
    assert made.introspection["sub"] == client.client_id
    assert made.identity is None


@pytest.mark.parametrize("format", list(TokenFormat))
@pytest.mark.parametrize("type", list(ApplicationType))
def test_no_secret_of_any_kind_is_in_it(type: ApplicationType, format: TokenFormat) -> None:
    made = of(client_of(type, "rest gql", token_format=format), "rest gql")
    for each in (made.response, made.claims or {}, made.identity or {}, made.introspection):
        assert all(row_of(str(value), kind) is None for value in each.values() for kind in Kind)
    assert str(made.response["access_token"]).endswith(HIDDEN)
    assert made.introspection["jti"] == HIDDEN


def test_a_jwt_has_claims_and_an_opaque_token_none() -> None:
    client = client_of(ApplicationType.SPA, "rest", token_format=TokenFormat.JWT)
    claims = of(client, "rest").claims
    assert claims is not None
    assert (claims["aud"], claims["exp"], claims["jti"]) == (f"{ISSUER}/api", NOW + 3_600, HIDDEN)
    assert of(replace(client, token_format=TokenFormat.OPAQUE), "rest").claims is None


@pytest.mark.parametrize("scope", ["", "gql", "openid"])
def test_what_the_token_endpoint_refuses_is_refused(scope: str) -> None:
    with pytest.raises(OAuthError) as refused:
        of(client_of(ApplicationType.M2M, "rest openid"), scope)
    assert refused.value.error == "invalid_scope"


def test_whatever_asks_a_person_comes_first() -> None:
    assert grant_of(client_of(ApplicationType.NATIVE, "rest")) is GrantType.AUTHORIZATION_CODE
    password = (GrantType.PASSWORD, GrantType.CLIENT_CREDENTIALS)
    assert grant_of(client_of(ApplicationType.NATIVE, "rest", grant_types=password)) is GrantType.PASSWORD
