"""The authorization request, stage by stage: what the person is told, and what the client is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.authorize import (
    LONGEST_NONCE,
    LONGEST_STATE,
    Asked,
    AuthorizationRequest,
    Refused,
    Unproven,
    asked_of,
)
from scopekeeper.oauth.codes import code_of
from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.records import ApplicationType, Client, GrantType
from scopekeeper.oauth.redirects import matches
from scopekeeper.oauth.secrets import Kind, digest_of, row_of
from tests.altered import replace
from tests.rules import makers
from tests.rules.asking import HERE, READ, app, asked, sent
from tests.rules.granting import REDIRECT, VERIFIER
from tests.rules.makers import KNOWN

IMPLICIT = app(type=ApplicationType.SPA, grant_types=(GrantType.AUTHORIZATION_CODE, GrantType.IMPLICIT))


def judged(request: AuthorizationRequest, client: Client | None) -> Asked:
    return asked_of(request, client, KNOWN.__contains__)


def fault_of(request: AuthorizationRequest, client: Client | None) -> str:
    with pytest.raises(Unproven) as unproven:
        judged(request, client)
    return unproven.value.fault


def refused(request: AuthorizationRequest, client: Client | None = None) -> Refused:
    with pytest.raises(Refused) as refusal:
        judged(request, client or app())
    return refusal.value


def test_a_sound_request_says_all_that_is_asked() -> None:
    found = judged(sent(nonce="n", prompt="login consent", max_age="60", ui_locales="de en", login_hint="alice"), app())
    assert found.redirect_uri == REDIRECT
    assert found.scope == (READ,)
    assert (found.destination.mode, found.destination.state) == ("query", "xyz")
    assert (found.nonce, found.max_age, found.login_hint) == ("n", 60, "alice")
    assert found.prompt == {"login", "consent"}
    assert found.ui_locales == ("de", "en")
    assert "xyz" not in repr(found)


def test_row_7_an_application_that_is_not_known_and_one_that_is_switched_off_are_told_apart_by_nobody() -> None:
    """RFC 6749 §4.1.2.1: nobody is sent anywhere."""
    assert fault_of(sent(), None) == fault_of(sent(), app(enabled=False)) == "application"


@pytest.mark.parametrize(
    "more",
    [
        {"response_type": "nonsense"},
        {"scope": "rest"},
        {"prompt": "none"},
        {"response_mode": "form_post"},
        {"request": "x.y.z"},
    ],
)
def test_row_7_whatever_else_is_wrong_the_address_is_looked_at_first(more: dict[str, Any]) -> None:
    """RFC 6749 §4.1.2.1, RFC 9700 §4.11.2."""
    assert fault_of(sent(redirect_uri="https://evil.example/cb", **more), app()) == "redirect_foreign"
    assert fault_of(sent("redirect_uri", **more), app()) == "redirect_missing"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_which_of_two_is_meant_nobody_knows(name: str) -> None:
    """RFC 6749 §3.1."""
    assert fault_of(sent(repeated=(name,)), app()) == "repeated"


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/cb?x=1",
        "https://app.example/cb;x",
        "https://app.example/cb#",
        "https://app.example/cb/",
        "https://app.example/CB",
        "https://APP.example/cb",
        "https://app.example:443/cb",
        "https://user@app.example/cb",
        "https://app.example/x/../cb",
        "https://app.example/%63b",
        "https://app.example//cb",
        "https://app.example.evil.example/cb",
        "https://fooapp.example/cb",
        "https://evil.example/https://app.example/cb",
        "https://app.example/cb?code=1&state=2",
        "https://app.example/cb\\@evil.example",
        "https://app.example/cb\t",
        "http://app.example/cb",
        "javascript:alert(1)",
        "DATA:text/html,x",
        "",
    ],
)
def test_row_1_2_3_5_6_8_an_address_is_the_registered_one_or_it_is_not(uri: str) -> None:
    """RFC 6749 §3.1.2.3, RFC 9700 §2.1: exact strings."""
    assert not matches(uri, app())
    assert not matches(uri, app(type=ApplicationType.NATIVE))
    assert not matches(REDIRECT, app(redirect_uris=()))


LOOPBACK = ("http://127.0.0.1/cb", "http://[::1]:7000/cb?x=1", "http://localhost:1/cb", "com.example.app:/cb")


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:1/cb",
        "http://127.0.0.1:65535/cb",
        "http://127.0.0.1/cb",
        "http://[::1]/cb?x=1",
        "http://[::1]:8080/cb?x=1",
        "http://localhost:49152/cb",
        "com.example.app:/cb",
    ],
)
def test_row_4_the_port_of_a_loopback_address_is_free_for_native_applications_alone(uri: str) -> None:
    """RFC 8252 §7.3."""
    assert matches(uri, app(type=ApplicationType.NATIVE, redirect_uris=LOOPBACK))
    if uri not in LOOPBACK:
        assert not matches(uri, app(type=ApplicationType.SPA, redirect_uris=LOOPBACK))


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1@evil.example/cb",
        "http://localhost.evil.example/cb",
        "http://LOCALHOST:1/cb",
        "http://127.0.0.2:1/cb",
        "http://127.1:1/cb",
        "http://0x7f000001:1/cb",
        "http://[::ffff:127.0.0.1]:1/cb?x=1",
        "http://[0:0:0:0:0:0:0:1]:1/cb?x=1",
        "https://127.0.0.1:1/cb",
        "HTTP://127.0.0.1:1/cb",
        "http://127.0.0.1:1/CB",
        "http://127.0.0.1:1/cb/../cb",
        "http://127.0.0.1:1/cb?x=1",
        "http://127.0.0.1:1/cb#",
        "http://127.0.0.1:\u0661/cb",
        "com.example.app:1/cb",
        "COM.EXAMPLE.APP:/cb",
    ],
)
def test_row_3_4_nothing_but_the_port_is_free(uri: str) -> None:
    """RFC 8252 §7.3."""
    assert not matches(uri, app(type=ApplicationType.NATIVE, redirect_uris=LOOPBACK))


@given(st.text(max_size=60) | st.text(alphabet="htp:/[]127.0localhs@#?%", max_size=40))
def test_row_10_no_text_whatever_makes_the_comparison_fail(uri: str) -> None:
    assert matches(uri, app(type=ApplicationType.NATIVE, redirect_uris=LOOPBACK)) in (True, False)


LONG = "x" * (LONGEST_STATE + 1)


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (sent(repeated=("scope",)), "invalid_request"),
        (sent(repeated=("unknown",)), "invalid_request"),
        (sent(state=LONG), "invalid_request"),
        (sent(request="a.b.c"), "request_not_supported"),
        (sent(request_uri="https://app.example/r"), "request_uri_not_supported"),
        (sent(registration="{}"), "registration_not_supported"),
        (sent("response_type"), "invalid_request"),
        (sent(response_type="id_token"), "unsupported_response_type"),
        (sent(response_type="code token"), "unsupported_response_type"),
        (sent(response_type="token"), "unauthorized_client"),
        (sent(response_mode="web_message"), "invalid_request"),
        (sent(scope="nonsense"), "invalid_scope"),
        (sent(scope="rest"), "invalid_scope"),
        (sent(scope="rest:callforward:read email"), "invalid_scope"),
        (sent(scope='"'), "invalid_scope"),
        (sent("code_challenge"), "invalid_request"),
        (sent("code_challenge", "code_challenge_method"), "invalid_request"),
        (sent("code_challenge_method"), "invalid_request"),
        (sent(code_challenge_method="plain"), "invalid_request"),
        (sent(code_challenge="x" * 42), "invalid_request"),
        (sent(code_challenge="=" * 43), "invalid_request"),
        (sent(nonce="n" * (LONGEST_NONCE + 1)), "invalid_request"),
        (sent(prompt="none login"), "invalid_request"),
        (sent(prompt="nonsense"), "invalid_request"),
        (sent(max_age="soon"), "invalid_request"),
        (sent(max_age="-1"), "invalid_request"),
        (sent(max_age="1" * 11), "invalid_request"),
        (sent(claims="nonsense"), "invalid_request"),
        (sent(claims="[]"), "invalid_request"),
        (sent(claims='{"x": NaN}'), "invalid_request"),
        (sent(claims="[" * 9_000), "invalid_request"),
        (sent(resource="/api"), "invalid_target"),
        (sent(resource="https://api.example/#x"), "invalid_target"),
        (sent(id_token_hint="nonsense"), "invalid_request"),
    ],
)
def test_what_fails_once_the_address_is_proven_is_told_to_the_client(
    request_: AuthorizationRequest, error: str
) -> None:
    """RFC 6749 §4.1.2.1, RFC 8707 §2, OpenID Connect Core §3.1.2.6."""
    refusal = refused(request_)
    assert refusal.error.error == error
    assert refusal.destination.redirect_uri == REDIRECT
    assert refusal.error.description.isascii()
    assert not {'"', "\\"} & set(refusal.error.description)


def test_the_first_thing_that_is_wrong_is_what_is_told() -> None:
    wrong = sent("code_challenge", request="x", response_type="nonsense", scope="nonsense", resource="x")
    assert refused(wrong).error.error == "request_not_supported"


def test_a_state_is_given_back_whatever_it_says_unless_it_is_out_of_all_measure() -> None:
    state = '<script>"\r\n&=#é漢😀 +%00'
    assert asked(state=state).destination.state == state
    assert asked(state="x" * LONGEST_STATE).destination.state == "x" * LONGEST_STATE
    assert refused(sent(state=LONG)).destination.state is None
    assert refused(sent(repeated=("state",))).destination.state is None


def test_unknown_parameters_are_ignored() -> None:
    """RFC 6749 §3.1."""
    assert asked(utm_source="x", display="popup", acr_values="1").scope == (READ,)


def test_what_is_supported_later_is_taken_where_it_is_sound() -> None:
    """RFC 8707 §2, OpenID Connect Core §5.5."""
    assert asked(claims='{"userinfo": {}}', resource="https://api.example/x?y=1").scope == (READ,)


def test_without_scope_it_is_what_the_application_may_have_less_identity() -> None:
    """RFC 6749 §3.3."""
    assert judged(sent("scope"), app()).scope == ("rest:callforward",)


def test_row_41_an_application_without_scopes_asks_for_nothing() -> None:
    assert refused(sent("scope"), app(scope=())).error.error == "invalid_scope"


def test_row_16_one_application_may_do_without_pkce_but_not_by_half() -> None:
    """RFC 7636 §4.4.1, RFC 9700 §2.1.1."""
    lax = app(pkce_required=False)
    assert judged(sent("code_challenge", "code_challenge_method"), lax).code_challenge is None
    assert judged(sent(), lax).code_challenge is not None
    assert refused(sent("code_challenge"), lax).error.error == "invalid_request"
    assert refused(sent(code_challenge_method="plain"), lax).error.error == "invalid_request"


def test_row_18_a_token_is_answered_to_who_may_have_it_and_never_in_a_query() -> None:
    """RFC 6749 §4.2.1, §4.2.2."""
    implicit = judged(sent("code_challenge", response_type="token"), IMPLICIT)
    assert implicit.destination.mode == "fragment"
    assert judged(sent(response_type="token", response_mode="form_post"), IMPLICIT).destination.mode == "form_post"
    refusal = refused(sent(response_type="token", response_mode="query"), IMPLICIT)
    assert (refusal.error.error, refusal.destination.mode) == ("invalid_request", "fragment")
    only = replace(IMPLICIT, grant_types=(GrantType.IMPLICIT,))
    assert refused(sent(), only).error.error == "unauthorized_client"
    machine = makers.client(redirect_uris=(REDIRECT,))
    assert refused(sent(), machine).error.error == "unauthorized_client"


def test_a_refusal_goes_the_way_that_the_client_asked_for() -> None:
    assert refused(sent(response_mode="fragment", scope="x")).destination.mode == "fragment"
    assert refused(sent(response_mode="nonsense")).destination.mode == "query"
    assert refused(sent(response_type="nonsense")).destination.mode == "query"
    assert refused(sent(response_type="code id_token")).destination.mode == "fragment"
    assert refused(sent(response_mode="fragment", repeated=("response_mode",))).destination.mode == "query"


def test_a_code_is_bound_to_all_that_was_asked() -> None:
    """RFC 6749 §4.1.2, RFC 7636 §4.4."""
    code, secret = code_of(asked(nonce="n"), HERE.grantor, makers.mint())
    assert (code.digest, code.id) == (digest_of(secret), row_of(secret, Kind.AUTHORIZATION_CODE))
    assert (code.redirect_uri, code.scope, code.nonce) == (REDIRECT, (READ,), "n")
    assert code.code_challenge == challenge_of(VERIFIER)
    assert (code.user_id, code.auth_time, code.session_id) == (7, HERE.session.signed_in_at, 70)
    assert code.expires_at - code.issued_at == 60
    brief, _ = code_of(asked(app(code_lifetime=10)), HERE.grantor, makers.mint())
    assert brief.expires_at - brief.issued_at == 10


RUNG = "urn:scopekeeper:acr:password"


def test_what_an_application_is_registered_with_stands_in_where_a_request_does_not_say() -> None:
    """OpenID Connect Registration §2: default_max_age, default_acr_values."""
    registered = app(default_max_age=300, default_acr_values=(RUNG, "phr"))
    silent = asked(registered)
    assert (silent.max_age, silent.acr_values) == (300, (RUNG, "phr"))
    said = asked(registered, max_age="60", acr_values="phrh  phr")
    assert (said.max_age, said.acr_values) == (60, ("phrh", "phr"))
    assert (asked().max_age, asked().acr_values) == (None, ())


@pytest.mark.parametrize(
    ("acr", "acr_values", "acrs"),
    [
        ("null", (), ()),
        ('{"values": ["phr"]}', ("phr",), ()),
        (f'{{"essential": true, "value": "{RUNG}"}}', (), (RUNG,)),
    ],
)
def test_an_acr_that_is_asked_for_by_itself_overrides_the_registered_ones(
    acr: str, acr_values: tuple[str, ...], acrs: tuple[str, ...]
) -> None:
    """OpenID Connect Registration §2; Core §5.5.1.1."""
    found = asked(app(default_acr_values=(RUNG,)), claims=f'{{"id_token": {{"acr": {acr}}}}}')
    assert (found.acr_values, found.acrs) == (acr_values, acrs)
