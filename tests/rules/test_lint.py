"""Lint: what is said of an application, and that each fix mends what it is for and gives nothing."""

from typing import Any

import pytest

from scopekeeper.oauth.applications import changed
from scopekeeper.oauth.giving import Holding, require_edit
from scopekeeper.oauth.lint import RULES, Finding, Severity, findings, worst
from scopekeeper.oauth.privilege import Observed, Seen
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, Outliving, SubjectType, TokenFormat
from tests.rules.makers import NOW, client, secret

A_DAY = 86_400
CODE, REFRESH = GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN
BACK = ("https://app.example/cb",)
FRESH = secret(last_used_at=NOW - 60)

WEB: dict[str, Any] = {"type": ApplicationType.WEB, "grant_types": (CODE, REFRESH), "redirect_uris": BACK}
SPA: dict[str, Any] = {
    "type": ApplicationType.SPA, "grant_types": (CODE,), "redirect_uris": BACK, "secrets": (),
}  # fmt: skip
NATIVE: dict[str, Any] = {
    "type": ApplicationType.NATIVE,
    "grant_types": (CODE, GrantType.DEVICE_CODE, REFRESH),
    "redirect_uris": BACK,
    "secrets": (),
}


def an_application(**more: Any) -> Client:
    """One of which nothing is to be said, but for what a test says of it."""
    return client(**{"secrets": (FRESH,), "last_used_at": NOW - 60} | more)


def watched(*scopes: str, days: int = 30) -> Observed:
    first = NOW - days * A_DAY
    return Observed(first, NOW, first, calls=(Seen("rest", 400, NOW),), scopes=tuple(Seen(s, 1, NOW) for s in scopes))


def codes(subject: Client, **around: Any) -> list[str]:
    return [each.code for each in findings(subject, NOW, **around)]


def the(code: str, subject: Client, **around: Any) -> Finding:
    """The finding of this code, which is to be there."""
    found = {each.code: each for each in findings(subject, NOW, **around)}
    assert code in found, f"{code} not among {sorted(found)}"
    return found[code]


@pytest.mark.parametrize("facts", [{}, WEB, SPA, NATIVE], ids=["m2m", "web", "spa", "native"])
def test_of_a_sound_application_nothing_is_said(facts: dict[str, Any]) -> None:
    assert findings(an_application(**facts), NOW) == ()
    assert worst(()) is None


CASES: dict[str, tuple[Severity, dict[str, Any], dict[str, Any]]] = {
    "password_grant": (
        Severity.DANGER,
        {**NATIVE, "grant_types": (*NATIVE["grant_types"], GrantType.PASSWORD), "secrets": (FRESH,)},
        {},
    ),
    "implicit_grant": (Severity.DANGER, {**SPA, "grant_types": (CODE, GrantType.IMPLICIT)}, {}),
    "pkce_optional": (Severity.WARNING, {**WEB, "pkce_required": False}, {}),
    "both_selves": (Severity.WARNING, {**WEB, "grant_types": (CODE, REFRESH, GrantType.CLIENT_CREDENTIALS)}, {}),
    "spa_refresh": (Severity.ADVICE, {**SPA, "grant_types": (CODE, REFRESH)}, {}),
    "long_tokens": (Severity.WARNING, {"access_token_lifetime": 3_601}, {}),
    "long_jwts": (Severity.WARNING, {"access_token_lifetime": 3_601, "token_format": TokenFormat.JWT}, {}),
    "no_redirect": (Severity.WARNING, {**WEB, "redirect_uris": ()}, {}),
    "plain_http": (Severity.WARNING, {**WEB, "redirect_uris": (*BACK, "http://127.0.0.1:3000/cb")}, {}),
    "localhost": (Severity.ADVICE, {**NATIVE, "redirect_uris": ("http://localhost/cb",)}, {}),
    "private_scheme": (Severity.ADVICE, {**NATIVE, "redirect_uris": ("com.example.app:/cb",)}, {}),
    "open_redirector": (Severity.WARNING, {**WEB, "redirect_uris": (*BACK, "https://app.example/go?next=/")}, {}),
    "many_redirects": (
        Severity.ADVICE, {**WEB, "redirect_uris": tuple(f"https://app.example/{n}" for n in range(11))}, {},
    ),
    "no_openid": (Severity.ADVICE, {**WEB, "scope": ("rest:callforward", "email")}, {}),
    "pairwise_known": (
        Severity.ADVICE, {**WEB, "scope": ("openid", "email"), "subject_type": SubjectType.PAIRWISE}, {},
    ),
    "always_outlives": (Severity.WARNING, {**WEB, "outlives_session": Outliving.ALWAYS}, {}),
    "plain_backchannel": (
        Severity.WARNING, {**SPA, "scope": ("openid",), "backchannel_logout_uri": "http://127.0.0.1:3000/out"}, {},
    ),
    "offline_in_vain": (
        Severity.ADVICE, {**WEB, "scope": ("openid", "offline_access"), "outlives_session": Outliving.NEVER}, {},
    ),
    "never_told": (Severity.ADVICE, {**WEB, "backchannel_logout_uri": "https://app.example/out"}, {}),
    "frontchannel_alone": (
        Severity.ADVICE, {**WEB, "scope": ("openid",), "frontchannel_logout_uri": "https://app.example/out"}, {},
    ),
    "covers_everything": (Severity.WARNING, {"scope": ("rest", "gql")}, {}),
    "covers_admin": (Severity.WARNING, {"scope": ("rest:admin:read:tokens",)}, {}),
    "no_scopes": (Severity.ADVICE, {"scope": ()}, {}),
    "unused_scopes": (Severity.ADVICE, {}, {"observed": watched("rest:callforward:read")}),
    "trusted_public": (Severity.WARNING, {**SPA, "trusted": True}, {}),
    "resource_server": (Severity.ADVICE, {"resource_server": True}, {}),
    "no_secret": (Severity.DANGER, {"secrets": (secret(expires_at=NOW),)}, {}),
    "secret_ends": (Severity.WARNING, {"secrets": (secret(expires_at=NOW + A_DAY, last_used_at=NOW),)}, {}),
    "old_secret": (Severity.ADVICE, {"secrets": (secret(created_at=NOW - 180 * A_DAY, last_used_at=NOW),)}, {}),
    "spare_secret": (Severity.ADVICE, {"secrets": (secret(), secret(id=8, created_at=NOW - 50, last_used_at=NOW))}, {}),
    "unused_secret": (Severity.ADVICE, {"secrets": (secret(created_at=NOW - 30 * A_DAY),)}, {}),
    "never_used": (Severity.ADVICE, {"created_at": NOW - 90 * A_DAY, "last_used_at": None}, {}),
    "disabled": (Severity.ADVICE, {"enabled": False}, {}),
    "owner_gone": (Severity.WARNING, {"owner": "alice"}, {"owner_there": False}),
}  # fmt: skip
"""Of each finding: how bad it is, the facts that make a sound application have it, and what is known around it."""


@pytest.mark.parametrize("code", CASES)
def test_each_is_found_where_it_is_and_alone(code: str) -> None:
    severity, facts, around = CASES[code]
    assert codes(an_application(**facts), **around) == [code]
    found = the(code, an_application(**facts), **around)
    assert found.severity is severity
    assert found.reason.endswith(".")
    assert found.clause.startswith(("RFC ", "OpenID Connect "))
    assert (found.fix is None) == (found.fix_label == "")


def test_every_rule_has_its_case() -> None:
    assert {rule.__name__ for rule in RULES} == set(CASES)


@pytest.mark.parametrize("code", CASES)
def test_a_fix_mends_what_it_is_for(code: str) -> None:
    _, facts, around = CASES[code]
    before = an_application(**facts)
    fix = the(code, before, **around).fix
    if fix is not None:
        after = changed(before, fix, NOW, lambda scope: True)
        assert code not in codes(after, **around)


@pytest.mark.parametrize("code", [code for code in CASES if code != "password_grant"])
def test_a_fix_gives_nothing_so_that_whoever_may_edit_may_do_it(code: str) -> None:
    """But for the password grant: without it the application has no secret to prove itself with any more."""
    _, facts, around = CASES[code]
    before = an_application(**facts)
    fix = the(code, before, **around).fix
    if fix is not None:
        require_edit(Holding(frozenset(), frozenset()), before, changed(before, fix, NOW, lambda scope: True))


@pytest.mark.parametrize("code", CASES)
def test_a_rule_cites_the_clause_that_it_tells(code: str) -> None:
    rule = next(each for each in RULES if each.__name__ == code)
    _, facts, around = CASES[code]
    clause = the(code, an_application(**facts), **around).clause
    assert clause.removeprefix("RFC ").split(" ")[1] in (rule.__doc__ or "")


def test_the_worst_comes_first() -> None:
    subject = an_application(**WEB | {"pkce_required": False, "resource_server": True, "secrets": ()})
    assert codes(subject) == ["no_secret", "pkce_optional", "resource_server"]
    assert worst(findings(subject, NOW)) is Severity.DANGER


def test_grants_of_the_past_are_dangers() -> None:
    """RFC 9700 §2.4: passwords must not be asked for. RFC 9700 §2.1.2: tokens stay out of addresses."""
    assert {CASES["password_grant"][0], CASES["implicit_grant"][0]} == {Severity.DANGER}


def test_a_grant_that_is_switched_off_leaves_the_others() -> None:
    """RFC 9700 §2.1.1, §4.15: codes with PKCE, and one application for each self."""
    grants = (CODE, REFRESH, GrantType.CLIENT_CREDENTIALS, GrantType.DEVICE_CODE)
    subject = an_application(**WEB | {"grant_types": grants, "pkce_required": False})
    fix = the("both_selves", subject).fix
    assert fix is not None
    assert changed(subject, fix, NOW, lambda scope: True).grant_types == (CODE, REFRESH, GrantType.DEVICE_CODE)


def test_the_servers_lifetime_counts_where_the_application_says_none() -> None:
    """RFC 6750 §5.3: an hour or less. RFC 7009 §3: others learn late that a JWT was revoked."""
    jwt = an_application(token_format=TokenFormat.JWT)
    assert codes(an_application(), token_lifetime=7_200) == ["long_tokens"]
    assert codes(an_application(access_token_lifetime=600), token_lifetime=7_200) == []
    assert codes(jwt, token_lifetime=900) == []
    assert the("long_jwts", jwt, token_lifetime=3_600).severity is Severity.ADVICE


def test_a_device_needs_no_redirect_uri() -> None:
    """RFC 6749 §3.1.2.2: it is registered by whoever sends browsers here, and a device need not."""
    assert the("no_redirect", an_application(**NATIVE | {"redirect_uris": ()})).severity is Severity.ADVICE
    assert "no_redirect" not in codes(an_application())


def test_loopback_is_for_native_applications() -> None:
    """RFC 9700 §2.6: no plain http but there. RFC 8252 §8.3: by number, not by name."""
    assert codes(an_application(**NATIVE | {"redirect_uris": ("http://127.0.0.1/cb",)})) == []
    assert codes(an_application(**WEB | {"redirect_uris": (*BACK, "http://localhost/cb")})) == ["plain_http"]
    assert codes(an_application(**NATIVE | {"redirect_uris": ("http://localhost.example.com/",)})) == []


def test_what_is_removed_are_the_uris_in_question_alone() -> None:
    """RFC 9700 §4.1, §4.11: few, and none that sends browsers on."""
    uris = (*BACK, "https://app.example/go?Redirect=x", "https://app.example/nextdoor?page=url")
    fix = the("open_redirector", an_application(**WEB | {"redirect_uris": uris})).fix
    assert fix is not None
    assert fix.redirect_uris == (uris[0], uris[2])


def test_a_scheme_of_its_own_is_advised_against_only_where_there_is_one() -> None:
    """RFC 8252 §7.1, §7.2: a claimed https address rather than a scheme that anybody claims."""
    assert "com.example.app" in the("private_scheme", an_application(**CASES["private_scheme"][1])).reason


@pytest.mark.parametrize("scope", ["rest", "gql", "rest:admin", "gql:admin:write", "rest:admin:read:keys"])
def test_a_ceiling_that_covers_admin_is_warned_of(scope: str) -> None:
    """RFC 9700 §2.3: no more than is needed."""
    (found,) = findings(an_application(scope=("rest:callforward:read", scope)), NOW)
    assert found.severity is Severity.WARNING
    assert "admin" in found.reason
    assert codes(an_application(scope=("rest:administration",))) == []


def test_who_is_told_only_who_they_are_to_it_is_not_known_elsewhere() -> None:
    """OpenID Connect Core §8.1: and with public subjects nobody expects that."""
    for scope, subject_type in ((("openid",), SubjectType.PAIRWISE), (("openid", "email"), SubjectType.PUBLIC)):
        assert codes(an_application(**WEB | {"scope": scope, "subject_type": subject_type})) == []


def test_who_is_told_of_signing_out_as_the_documents_say_is_not_spoken_of() -> None:
    """OpenID Connect Back-Channel Logout §2.2, §2.3: by https, or with a secret. Front-Channel Logout §4.1."""
    told = {"scope": ("openid",), "backchannel_logout_uri": "https://app.example/out"}
    framed = {"scope": ("openid",), "frontchannel_logout_uri": "https://app.example/frame"}
    for facts in (WEB | told, WEB | told | framed, SPA | told, SPA | framed):
        assert codes(an_application(**facts)) == []
    assert codes(an_application(**WEB | told | {"backchannel_logout_uri": "http://127.0.0.1/out"})) == []
    assert codes(an_application(**SPA | framed | {"scope": ()})) == ["no_scopes", "never_told"]


def test_what_ends_with_the_session_and_is_not_said_to_go_on_is_not_spoken_of() -> None:
    """OpenID Connect Back-Channel Logout §2.7."""
    for scope, outliving in ((("openid",), Outliving.NEVER), (("offline_access",), Outliving.OFFLINE_ACCESS)):
        assert codes(an_application(**WEB | {"scope": scope, "outlives_session": outliving})) == []


def test_to_narrow_is_advised_only_after_a_week_and_says_why() -> None:
    """RFC 9700 §2.3."""
    assert codes(an_application(), observed=watched("rest:callforward:read", days=6)) == []
    assert codes(an_application(), observed=watched("rest:callforward:read", "rest:callforward:write")) == []
    assert "30 days and 400 calls" in the("unused_scopes", an_application(), **CASES["unused_scopes"][2]).reason


def test_trust_in_what_anybody_can_claim_to_be() -> None:
    """RFC 8252 §8.6, RFC 7662 §4, RFC 9700 §2.2.2: what stands to reason for a server is a risk in a browser."""
    assert codes(an_application(**WEB | {"trusted": True})) == []


def test_one_lasting_secret_is_enough_not_to_be_shut_out() -> None:
    """RFC 6749 §2.3, RFC 9700 §2.5: an application that has to prove itself can."""
    ending = secret(expires_at=NOW + A_DAY, last_used_at=NOW)
    lasting = secret(id=8, created_at=NOW - 50, last_used_at=NOW - 10)
    assert codes(an_application(secrets=(ending, lasting))) == []
    assert "no_secret" in codes(an_application(secrets=()))
    assert "no_secret" not in codes(an_application(**SPA))


def test_of_a_disabled_application_it_is_not_said_that_nobody_uses_it() -> None:
    """RFC 6749 §2, §3.3: it is registered, and may have nothing."""
    assert codes(an_application(enabled=False, created_at=NOW - 300 * A_DAY, last_used_at=None)) == ["disabled"]
