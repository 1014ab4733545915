"""The rules of a relying party: metadata, requests, answers, keys, id_tokens, and who may be taken for whom."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scopekeeper.oauth.applications import Unfit
from scopekeeper.oauth.people import User
from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.relying import Mistrusted
from scopekeeper.oauth.relying.answer import Declined, code_in, error_of
from scopekeeper.oauth.relying.id_token import (
    ALGS,
    SKEW,
    Expected,
    Head,
    Told,
    UnknownKey,
    at_hash_of,
    head_of,
    key_for,
    keys_in,
    told_in,
)
from scopekeeper.oauth.relying.linking import linked_by_email, same_address
from scopekeeper.oauth.relying.provider import Provider, auth_method_of, metadata_url_of, provider_of
from scopekeeper.oauth.relying.registration import (
    UpstreamChanges,
    UpstreamDraft,
    changed_upstream,
    secret_of_text,
    upstream_of,
)
from scopekeeper.oauth.relying.request import authorization_url, redirect_uri_of
from scopekeeper.oauth.upstreams import Identity, Upstream
from tests.altered import replace

NOW = 1_800_000_000
ISSUER = "https://id.example.com/tenant"
UPSTREAM = Upstream(1, "work", "Example Inc.", ISSUER, "us", NOW)
METADATA: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize?tenant=1",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "response_types_supported": ["code", "id_token"],
    "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
}
PROVIDER = provider_of(METADATA, ISSUER)
EXPECTED = Expected(ISSUER, "us", "n-0S6", "RS256", "at", NOW, anew=False)
CLAIMS: dict[str, Any] = {"iss": ISSUER, "sub": "1", "aud": "us", "exp": NOW + 60, "iat": NOW, "nonce": "n-0S6"}
RSA: dict[str, Any] = {"kty": "RSA", "kid": "a", "n": "A" * 342, "e": "AQAB"}


@pytest.mark.parametrize(
    ("issuer", "there"),
    [
        ("https://id.example.com", "https://id.example.com/.well-known/openid-configuration"),
        ("https://id.example.com/", "https://id.example.com/.well-known/openid-configuration"),
        (ISSUER, f"{ISSUER}/.well-known/openid-configuration"),
    ],
)
def test_metadata_are_at_the_well_known_path_behind_the_issuer(issuer: str, there: str) -> None:
    assert metadata_url_of(issuer) == there


def test_a_provider_is_what_its_metadata_say_and_what_they_leave_out_is_as_the_standard_has_it() -> None:
    found = provider_of(METADATA, ISSUER)
    assert found == Provider(
        ISSUER,
        f"{ISSUER}/authorize?tenant=1",
        f"{ISSUER}/token",
        f"{ISSUER}/jwks",
        None,
        frozenset({"RS256"}),
        frozenset({"client_secret_basic"}),
        names_itself=False,
    )
    least = {name: METADATA[name] for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")}
    assert provider_of(least, ISSUER) == PROVIDER
    assert provider_of({**METADATA, "authorization_response_iss_parameter_supported": True}, ISSUER).names_itself


@pytest.mark.parametrize(
    "altered",
    [
        {"issuer": "https://id.example.com"},
        {"issuer": f"{ISSUER}/"},
        {"issuer": ISSUER.upper()},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "http://id.example.com/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://id.example.com/authorize#there"},
        {"token_endpoint": "http://id.example.com/token"},
        {"token_endpoint": "https://id.example.com@evil.example/token"},
        {"token_endpoint": 5},
        {"jwks_uri": "file:///etc/passwd"},
        {"userinfo_endpoint": "http://id.example.com/userinfo"},
        {"response_types_supported": ["id_token"]},
        {"response_types_supported": "code"},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    ],
)
def test_row_39_metadata_that_lead_elsewhere_or_are_not_its_own_are_not_believed(altered: dict[str, Any]) -> None:
    with pytest.raises(Mistrusted):
        provider_of(METADATA | altered, ISSUER)


@pytest.mark.parametrize("document", [None, [], "text", 5])
def test_what_is_no_object_describes_nobody(document: object) -> None:
    with pytest.raises(Mistrusted):
        provider_of(document, ISSUER)


def test_we_prove_who_we_are_in_a_way_that_the_provider_takes() -> None:
    """RFC 6749 §2.3.1."""
    proven = replace(UPSTREAM, sealed=b"sealed")
    assert auth_method_of(PROVIDER, UPSTREAM) == "none"
    assert auth_method_of(PROVIDER, proven) == "client_secret_basic"
    with pytest.raises(Mistrusted):
        auth_method_of(replace(PROVIDER, auth_methods=frozenset({"private_key_jwt"})), proven)


def test_a_request_keeps_the_query_of_the_endpoint_and_says_what_binds_the_answer() -> None:
    """RFC 7636 §4.3; the query of an endpoint is retained (RFC 6749 §3.1)."""
    url = authorization_url(
        PROVIDER, UPSTREAM, "https://us/login/from/work", state="st", nonce="no", verifier="v" * 43, anew=False
    )
    asked = {name: value for name, [value] in parse_qs(urlsplit(url).query, strict_parsing=True).items()}
    assert url.startswith(f"{ISSUER}/authorize?tenant=1&")
    assert asked == {
        "tenant": "1",
        "response_type": "code",
        "client_id": "us",
        "redirect_uri": "https://us/login/from/work",
        "scope": "openid email",
        "state": "st",
        "nonce": "no",
        "code_challenge": challenge_of("v" * 43),
        "code_challenge_method": "S256",
    }
    assert redirect_uri_of("https://us", "work") == "https://us/login/from/work"


def test_row_53_who_answers_is_looked_at_before_what_is_answered() -> None:
    """RFC 9207 §2.4."""
    names_itself = replace(PROVIDER, names_itself=True)
    assert code_in({"code": "c"}, PROVIDER) == "c"
    assert code_in({"code": "c", "iss": ISSUER}, names_itself) == "c"
    for answer, provider in (
        ({"code": "c"}, names_itself),
        ({"code": "c", "iss": f"{ISSUER}/"}, PROVIDER),
        ({"error": "access_denied", "iss": "https://evil.example"}, PROVIDER),
        ({"error": "access_denied"}, names_itself),
        ({"code": "c", "error": "server_error"}, PROVIDER),
        ({}, PROVIDER),
    ):
        with pytest.raises(Mistrusted):
            code_in(answer, provider)
    with pytest.raises(Declined):
        code_in({"error": "access_denied", "iss": ISSUER}, names_itself)


def test_what_a_provider_wrote_gets_into_no_log() -> None:
    """RFC 6749 §5.2."""
    assert error_of("temporarily_unavailable") == "temporarily_unavailable"
    for odd in ("a\nb", "Ünfug", "x" * 61, "", 5, None):
        assert error_of(odd) == "an error of its own"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": ["us"]},
        {"aud": ["us"], "azp": "us"},
        {"aud": ["us", "another"], "azp": "us"},
        {"exp": NOW - SKEW + 1},
        {"iat": NOW + SKEW},
        {"iat": NOW - SKEW},
        {"iat": NOW + 0.5},
        {"nbf": NOW + SKEW},
        {"at_hash": at_hash_of("at", "RS256")},
    ],
)
def test_an_id_token_that_fits_tells_whom_it_means(claims: dict[str, Any]) -> None:
    """OpenID Connect Core §3.1.3.7."""
    assert told_in(CLAIMS | claims, EXPECTED, NOW) == Told("1")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": f"{ISSUER}/"},
        {"aud": "another"},
        {"aud": []},
        {"aud": ["us", "another"]},
        {"aud": ["us", "another"], "azp": "another"},
        {"azp": "another"},
        {"exp": NOW - SKEW},
        {"exp": True},
        {"exp": str(NOW + 60)},
        {"iat": NOW + SKEW + 1},
        {"iat": NOW - SKEW - 1},
        {"nbf": NOW + SKEW + 1},
        {"nonce": "n-0S7"},
        {"nonce": 5},
        {"at_hash": at_hash_of("another", "RS256")},
        {"at_hash": at_hash_of("at", "RS512")},
        {"at_hash": None},
        {"sub": "a\nb"},
    ],
)
def test_row_34_an_id_token_that_does_not_fit_tells_of_nobody(claims: dict[str, Any]) -> None:
    """OpenID Connect Core §3.1.3.7; hash and nonce are looked at whatever the id_token says of them."""
    with pytest.raises(Mistrusted):
        told_in(CLAIMS | claims, EXPECTED, NOW)


def test_at_hash_is_that_of_the_standards_own_example() -> None:
    """OpenID Connect Core appendix A.4."""
    assert at_hash_of("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"


def test_who_has_to_sign_in_anew_has_done_so_since_they_were_sent() -> None:
    anew = replace(EXPECTED, anew=True)
    assert told_in(CLAIMS | {"auth_time": NOW - SKEW}, anew, NOW) == Told("1")
    for claims in ({}, {"auth_time": NOW - SKEW - 1}, {"auth_time": "now"}):
        with pytest.raises(Mistrusted):
            told_in(CLAIMS | claims, anew, NOW)


@pytest.mark.parametrize(
    ("claims", "verified"),
    [
        ({"email_verified": True}, True),
        ({}, False),
        ({"email_verified": "true"}, False),
        ({"email_verified": 1}, False),
    ],
)
def test_row_53_an_address_is_verified_where_that_is_said_as_a_boolean(claims: dict[str, Any], verified: bool) -> None:
    told = told_in(CLAIMS | {"email": "a@example.com"} | claims, EXPECTED, NOW)
    assert told == Told("1", "a@example.com", verified)


@pytest.mark.parametrize("email", ["", 5, None, "a@example.com\n", "x" * 255])
def test_what_can_be_no_address_is_none(email: object) -> None:
    assert told_in(CLAIMS | {"email": email, "email_verified": True}, EXPECTED, NOW) == Told("1")


def _head(text: str) -> str:
    from base64 import urlsafe_b64encode

    return f"{urlsafe_b64encode(text.encode()).rstrip(b'=').decode()}.e30.c2ln"


def test_the_header_says_which_key_and_which_algorithm_and_nothing_else() -> None:
    """RFC 8725 §3.1."""
    assert head_of(_head('{"alg":"RS256","kid":"a","typ":"JWT"}'), {"RS256"}) == Head("RS256", "a")
    assert head_of(_head('{"alg":"RS256","jwk":{},"x5u":"https://evil.example"}'), {"RS256"}) == Head("RS256", None)


@pytest.mark.parametrize(
    "text",
    [
        '{"alg":"none"}',
        '{"alg":"NONE"}',
        '{"alg":"HS256"}',
        '{"alg":"ES256"}',
        '{"alg":["RS256"]}',
        '{"kid":"a"}',
        '{"alg":"RS256","crit":["exp"]}',
        '{"alg":"RS256","typ":"at+jwt"}',
        '{"alg":"RS256","typ":"logout+jwt"}',
        '{"alg":"RS256","kid":5}',
        '["RS256"]',
        "no JSON",
        "[" * 5_000,
    ],
)
def test_row_33_a_header_that_is_not_believed_is_no_header(text: str) -> None:
    """RFC 7515 §4.1.11, RFC 8725 §3.1, RFC 8725 §3.11."""
    with pytest.raises(Mistrusted):
        head_of(_head(text), {"RS256", "HS256", "none"})


@pytest.mark.parametrize("id_token", ["", ".", "a.b", "a.b.c.d", "x" * 20_000, "é.é.é"])
def test_what_is_no_signed_jwt_is_none(id_token: str) -> None:
    with pytest.raises(Mistrusted):
        head_of(id_token, ALGS)


def test_the_key_is_the_one_that_is_named_and_of_the_kind_that_the_algorithm_takes() -> None:
    """RFC 7517 §4.2, RFC 7518 §3.3, RFC 9864 §2.2."""
    ec = {"kty": "EC", "crv": "P-256", "kid": "a", "x": "x", "y": "y"}
    ed = {"kty": "OKP", "crv": "Ed25519", "kid": "e", "x": "x", "alg": "EdDSA"}
    assert key_for(Head("RS256", "a"), (RSA, ec)) is RSA
    assert key_for(Head("ES256", "a"), (RSA, ec)) is ec
    assert key_for(Head("Ed25519", "e"), (ed,)) is ed
    assert key_for(Head("RS256", None), (RSA, ec)) is RSA, "the only one that fits"
    for head, keys in (
        (Head("RS256", "b"), (RSA,)),
        (Head("RS256", "a"), (RSA | {"use": "enc"},)),
        (Head("RS256", "a"), (RSA | {"alg": "PS256"},)),
        (Head("RS256", "a"), (RSA | {"n": "A" * 171},)),
        (Head("RS256", "a"), (RSA | {"n": "A" * 5_000},)),
        (Head("ES384", "a"), (ec,)),
        (Head("RS256", "a"), ()),
    ):
        with pytest.raises(UnknownKey):
            key_for(head, keys)


def test_row_33_two_keys_of_one_name_are_none() -> None:
    with pytest.raises(Mistrusted) as mistrusted:
        key_for(Head("RS256", "a"), (RSA, RSA | {"n": "B" * 342}))
    assert not isinstance(mistrusted.value, UnknownKey), "to ask again would not help"
    with pytest.raises(Mistrusted):
        key_for(Head("RS256", None), (RSA, RSA | {"kid": "b"}))


@pytest.mark.parametrize("document", [None, [], {}, {"keys": "none"}, {"keys": [{}] * 101}])
def test_a_key_set_that_is_none_has_no_keys(document: object) -> None:
    """RFC 7517 §5."""
    with pytest.raises(Mistrusted):
        keys_in(document)
    assert keys_in({"keys": [RSA, "odd"]}) == (RSA,)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a@example.com", "A@Example.com", True),
        ("a@example.com", "a@example.co", False),
        ("mike@example.com", "m\u0131ke@example.com", False),
        ("\u212aate@example.com", "kate@example.com", False),
        ("stra\u00dfe@example.com", "strasse@example.com", False),
        ("\u00fc@example.com", "\u00fc@example.com", False),
        (None, None, False),
        (None, "a@example.com", False),
    ],
)
def test_row_53_two_addresses_are_the_same_by_letters_of_ascii_alone(one: Any, other: Any, same: bool) -> None:
    assert same_address(one, other) is same


LINKING = replace(UPSTREAM, link_by_email=True)
BOB = User(7, "bob", None, NOW, "bob@example.com", email_verified=True)
TOLD = Told("1", "bob@example.com", email_verified=True)


def test_row_53_an_address_stands_for_its_one_account_where_everybody_vouches_for_it() -> None:
    assert linked_by_email(LINKING, TOLD, [BOB], ()) == BOB
    elsewhere = Identity(2, "9", BOB.id, NOW)
    assert linked_by_email(LINKING, TOLD, [BOB], [elsewhere]) == BOB
    for upstream, told, having, known in (
        (UPSTREAM, TOLD, [BOB], ()),
        (LINKING, replace(TOLD, email_verified=False), [BOB], ()),
        (LINKING, replace(TOLD, email="rob@example.com"), [BOB], ()),
        (LINKING, TOLD, [], ()),
        (LINKING, TOLD, [BOB, replace(BOB, id=8)], ()),
        (LINKING, TOLD, [replace(BOB, email_verified=False)], ()),
        (LINKING, TOLD, [replace(BOB, enabled=False)], ()),
        (LINKING, TOLD, [replace(BOB, admin=True)], ()),
        (LINKING, TOLD, [BOB], [Identity(LINKING.id, "2", BOB.id, NOW)]),
    ):
        assert linked_by_email(upstream, told, having, known) is None


DRAFT = UpstreamDraft("work", ISSUER, "us")


def test_a_provider_is_registered_with_what_is_said_and_sound_defaults() -> None:
    assert upstream_of(DRAFT, 1, NOW) == replace(UPSTREAM, label="work", updated_at=NOW)
    assert upstream_of(replace(DRAFT, scope="email profile email"), 1, NOW).scope == ("openid", "email", "profile")


@pytest.mark.parametrize(
    ("field", "altered"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "Work"}),
        ("name", {"name": "-work"}),
        ("name", {"name": "a/b"}),
        ("name", {"name": "x" * 33}),
        ("issuer", {"issuer": "id.example.com"}),
        ("issuer", {"issuer": "ftp://id.example.com"}),
        ("issuer", {"issuer": "https://user@id.example.com"}),
        ("issuer", {"issuer": f"{ISSUER}?tenant=1"}),
        ("issuer", {"issuer": f"{ISSUER}#here"}),
        ("issuer", {"issuer": f"https://id.example.com/{'x' * 500}"}),
        ("client_id", {"client_id": ""}),
        ("client_id", {"client_id": "a\nb"}),
        ("label", {"label": "x" * 61}),
        ("label", {"label": "a\nb"}),
        ("scope", {"scope": 'a"b'}),
        ("scope", {"scope": " ".join(f"s{number}" for number in range(20))}),
    ],
)
def test_what_cannot_stand_is_not_registered(field: str, altered: dict[str, str]) -> None:
    with pytest.raises(Unfit) as unfit:
        upstream_of(replace(DRAFT, **altered), 1, NOW)
    assert unfit.value.field == field


def test_an_edit_changes_what_it_names_and_neither_name_nor_issuer() -> None:
    edited = changed_upstream(UPSTREAM, UpstreamChanges(label="", scope="profile", enabled=False), NOW + 1)
    assert edited == replace(
        UPSTREAM, label="work", scope=("openid", "profile"), enabled=False, updated_at=NOW + 1, revision=1
    )
    with pytest.raises(Unfit):
        changed_upstream(UPSTREAM, UpstreamChanges(client_id="ü"), NOW)


@pytest.mark.parametrize("text", ["", "x" * 1_001, "a\nb", "ü"])
def test_a_secret_is_one_line_of_ascii(text: str) -> None:
    with pytest.raises(Unfit):
        secret_of_text(text)
    assert secret_of_text("a b:c") == "a b:c"
