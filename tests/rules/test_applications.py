"""What may be registered: types, grants, scopes and the checks of a registration."""

from typing import Any

import pytest

from scopekeeper.oauth.applications import Changes, Draft, Unfit, changed, registered
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, TokenFormat
from tests.altered import replace

KNOWN = frozenset({"rest", "rest:callforward", "rest:callforward:read", "gql", "openid"})
NATIVE = ApplicationType.NATIVE


def _registered(type: ApplicationType = ApplicationType.M2M, **more: Any) -> Client:
    return registered(Draft(**{"name": "Night shift", "type": type, **more}), "abc", 1_000, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("type", "grants", "confidential"),
    [
        (ApplicationType.WEB, {"authorization_code", "refresh_token"}, True),
        (ApplicationType.SPA, {"authorization_code"}, False),
        (NATIVE, {"authorization_code", "urn:ietf:params:oauth:grant-type:device_code", "refresh_token"}, False),
        (ApplicationType.M2M, {"client_credentials"}, True),
    ],
)
def test_each_type_has_its_own_grants(type: ApplicationType, grants: set[str], confidential: bool) -> None:
    client = _registered(type)
    assert set(client.grant_types) == grants
    assert client.confidential is confidential


@pytest.mark.parametrize(
    ("type", "grant"),
    [("web", "client_credentials"), ("web", "device_code"), ("spa", "implicit"), ("spa", "refresh_token"),
     ("native", "password")],
)  # fmt: skip
def test_a_grant_that_the_type_may_have_is_switched_on_by_name(type: str, grant: str) -> None:
    assert len(_registered(ApplicationType(type), grants=(grant,)).grant_types) > len(
        _registered(ApplicationType(type)).grant_types
    )


@pytest.mark.parametrize(
    ("type", "grant"),
    [("m2m", "password"), ("m2m", "authorization_code"), ("spa", "client_credentials"), ("spa", "password"),
     ("web", "implicit"), ("native", "implicit"), ("native", "client_credentials"), ("web", "nonsense")],
)  # fmt: skip
def test_a_grant_that_the_type_cannot_have_is_refused(type: str, grant: str) -> None:
    with pytest.raises(Unfit) as refused:
        _registered(ApplicationType(type), grants=(grant,))
    assert refused.value.field == "grant"


def test_repeating_a_default_grant_is_fine() -> None:
    assert _registered(grants=("client_credentials",)).grant_types == (GrantType.CLIENT_CREDENTIALS,)


def test_password_makes_a_native_application_confidential() -> None:
    """Once the password grant is on, a secret is demanded for every grant."""
    assert _registered(NATIVE, grants=("password",)).confidential


def test_row_41_no_scopes_given_means_none() -> None:
    assert _registered().scope == ()


def test_scopes_are_kept_as_written() -> None:
    assert _registered(scope="rest:callforward:read rest").scope == ("rest:callforward:read", "rest")


@pytest.mark.parametrize("scope", ["rest:nonsense", "rest:callforward:read rest:x", "REST", 'rest"'])
def test_an_unknown_or_malformed_scope_is_refused_never_dropped(scope: str) -> None:
    with pytest.raises(Unfit) as refused:
        _registered(scope=scope)
    assert refused.value.field == "scope"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("name", "x" * 101), ("name", "a\nb"), ("description", "a\0b"), ("website", "javascript:alert(1)"),
     ("website", "http://example.com"), ("redirect_uris", ("http://example.com/cb",)), ("signing_alg", "none"),
     ("signing_alg", "Ed25519"), ("id_token_signed_response_alg", "none"), ("id_token_signed_response_alg", "EdDSA"),
     ("id_token_signed_response_alg", "HS256"), ("id_token_signed_response_alg", ""),
     ("userinfo_signed_response_alg", "none"), ("userinfo_signed_response_alg", ""),
     ("post_logout_redirect_uris", ("https://a.example/#",)), ("backchannel_logout_uri", "ftp://a.example"),
     ("backchannel_logout_uri", ""),
     ("access_token_lifetime", 0), ("access_token_lifetime", 10**9), ("owner", ""), ("pkce_required", False),
     ("code_lifetime", 0), ("code_lifetime", 601), ("redirect_uris", ("https://a.example/cb",) * 51)],
)  # fmt: skip
def test_what_cannot_stand_is_refused_by_an_edit_as_by_a_registration(field: str, value: object) -> None:
    more: dict[str, Any] = {field: value}
    with pytest.raises(Unfit):
        _registered(**more)
    with pytest.raises(Unfit):
        changed(_registered(), Changes(**more), 2_000, KNOWN.__contains__)


@pytest.mark.parametrize(
    "uri", ["http://example.com/out", "https://a.example/#", "https://u@a.example/", "javascript:x"]
)
def test_row_9_addresses_of_logout_are_held_to_the_rules_of_redirects(uri: str) -> None:
    for field in ({"post_logout_redirect_uris": (uri,)}, {"backchannel_logout_uri": uri}):
        with pytest.raises(Unfit):
            _registered(**field)


def test_only_a_web_application_can_do_without_pkce() -> None:
    assert not _registered(ApplicationType.WEB, pkce_required=False).pkce_required


def test_an_edit_changes_what_is_named_and_leaves_the_rest() -> None:
    old = _registered(scope="rest", description="nights")
    new = changed(old, Changes(scope="rest:callforward", token_format=TokenFormat.JWT), 2_000, KNOWN.__contains__)
    assert new == replace(
        old, scope=("rest:callforward",), token_format=TokenFormat.JWT, updated_at=2_000, revision=old.revision + 1
    )


def test_row_44_an_edit_of_grants_is_held_against_the_type() -> None:
    with pytest.raises(Unfit):
        changed(_registered(), Changes(grants=("password",)), 2_000, KNOWN.__contains__)
