"""What comes next for a request that is sound."""

from typing import Any

import pytest

from scopekeeper.oauth.authentication import MFA, MFA_RUNG, OTP, PASSWORD
from scopekeeper.oauth.claims import subject_of
from scopekeeper.oauth.granted import Consent, consent_to
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client
from scopekeeper.oauth.steps import Approve, Ask, Login, Present, Refuse, Step, next_step
from tests.altered import replace
from tests.rules.asking import HERE, READ, app, asked, consent
from tests.rules.granting import ALICE
from tests.rules.makers import NOW, SUBJECTS

BOB = User(8, "bob", "$argon2id$", NOW - 1_000)
PUBLIC = app(type=ApplicationType.SPA)
TRUSTED = app(type=ApplicationType.SPA, trusted=True)


def step(
    client: Client | None = None,
    present: Present | None = HERE,
    known: Consent | None = None,
    hinted: str | None = None,
    anew: bool = False,
    best: tuple[str, ...] = (PASSWORD,),
    **more: str,
) -> Step:
    return next_step(
        asked(client, **more), present, known, hinted=hinted, anew=anew, now=NOW, subjects=SUBJECTS, best=best
    )


def refusal(found: Step) -> str:
    assert isinstance(found, Refuse), found
    return found.error.error


def test_whoever_is_not_signed_in_signs_in() -> None:
    assert step(present=None) == Login(anew=False)


def test_with_prompt_none_nothing_is_ever_shown() -> None:
    """OpenID Connect Core §3.1.2.6."""
    assert refusal(step(present=None, prompt="none")) == "login_required"
    assert refusal(step(prompt="none")) == "consent_required"
    assert refusal(step(prompt="none", max_age="49")) == "login_required"
    assert refusal(step(prompt="none", max_age="0")) == "login_required"
    assert refusal(step(prompt="none", hinted=subject_of(8))) == "login_required"
    assert step(known=consent(), prompt="none") == Approve()


@pytest.mark.parametrize("more", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "0"}])
def test_row_46_who_has_to_sign_in_anew_does_though_signed_in(more: dict[str, Any]) -> None:
    """OpenID Connect Core §3.1.2.1."""
    assert step(known=consent(), **more) == Login(anew=True)
    assert step(present=None, **more) == Login(anew=True)
    assert step(known=consent(), anew=True, **more) == Approve()


def test_max_age_counts_from_when_the_password_was_proven() -> None:
    """OpenID Connect Core §3.1.2.1."""
    assert step(known=consent(), max_age="50") == Approve()
    assert step(known=consent(), max_age="49") == Login(anew=True)
    assert step(known=consent(), max_age="49", anew=True) == Approve()


def test_a_hint_of_somebody_else_asks_for_them_and_takes_nobody_else() -> None:
    """OpenID Connect Core §3.1.2.1: id_token_hint."""
    assert step(known=consent(), hinted=subject_of(ALICE.id)) == Approve()
    assert step(known=consent(), hinted=subject_of(BOB.id)) == Login(anew=True)
    assert refusal(step(known=consent(), hinted=subject_of(BOB.id), anew=True)) == "login_required"


def test_consent_is_asked_for_once_by_a_client_that_proves_itself() -> None:
    assert step() == Ask()
    assert step(known=consent()) == Approve()
    assert step(known=consent("rest:callforward")) == Approve()


def test_consent_to_less_is_no_consent() -> None:
    assert step(known=consent(), scope=f"{READ} rest:callforward:write") == Ask()
    assert step(known=consent("rest:callforward:write")) == Ask()


def test_row_46_a_public_client_asks_every_time_unless_it_is_trusted() -> None:
    """RFC 6749 §10.2, RFC 8252 §8.6."""
    assert step(PUBLIC, known=consent()) == Ask()
    assert refusal(step(PUBLIC, known=consent(), prompt="none")) == "consent_required"
    assert step(TRUSTED) == Ask()
    assert step(TRUSTED, known=consent()) == Approve()


def test_prompt_consent_always_asks() -> None:
    """OpenID Connect Core §3.1.2.1."""
    assert step(known=consent(), prompt="consent") == Ask()
    assert step(TRUSTED, known=consent(), prompt="consent") == Ask()


@pytest.mark.parametrize("other", [consent(generation=1), consent(user_id=8), consent(client_id="other")])
def test_consent_to_another_application_or_of_another_person_is_none(other: Consent) -> None:
    assert step(known=other) == Ask()


def test_what_is_remembered_is_what_was_allowed_before_and_this() -> None:
    first = consent_to(app(), ALICE.id, (READ, "openid"), None, NOW)
    assert first == consent(READ, "openid", granted_at=NOW, updated_at=NOW)
    before = consent("rest:callforward:write", READ)
    after = consent_to(app(), ALICE.id, (READ, "openid"), before, NOW)
    assert after.scope == ("rest:callforward:write", READ, "openid")
    assert (after.granted_at, after.updated_at) == (before.granted_at, NOW)


def test_what_was_allowed_before_the_application_was_compromised_is_forgotten() -> None:
    before = consent("rest:callforward:write", generation=3)
    after = consent_to(app(), ALICE.id, (READ,), before, NOW)
    assert (after.scope, after.granted_at) == ((READ,), NOW)


RUNG = "urn:scopekeeper:acr:password"
WEAK = replace(HERE, session=replace(HERE.session, amr=()))
"""Somebody whose sign-in reaches no rung."""
ESSENTIAL: dict[str, Any] = {"claims": f'{{"id_token": {{"acr": {{"essential": true, "values": ["phr", "{RUNG}"]}}}}}}'}
WISHED: dict[str, Any] = {"acr_values": f"phr {RUNG}"}


@pytest.mark.parametrize("more", [ESSENTIAL, WISHED])
def test_who_reaches_a_rung_that_is_asked_for_need_not_sign_in_again(more: dict[str, Any]) -> None:
    """OpenID Connect Core §3.1.2.1: acr_values; §5.5.1.1."""
    assert step(known=consent(), **more) == Approve()
    assert step(known=consent(), prompt="none", **more) == Approve()


@pytest.mark.parametrize("more", [ESSENTIAL, WISHED])
def test_who_falls_short_of_a_rung_that_is_asked_for_signs_in_anew(more: dict[str, Any]) -> None:
    """OpenID Connect Core §5.5.1.1. Who is not signed in does so for this request: it is not asked for twice."""
    assert step(present=WEAK, known=consent(), **more) == Login(anew=True)
    assert step(present=None, **more) == Login(anew=True)
    assert step(present=HERE, known=consent(), anew=True, **more) == Approve()


def test_an_essential_rung_that_a_new_sign_in_does_not_reach_is_refused() -> None:
    """OpenID Connect Core §5.5.1.1: the authentication attempt has failed. With prompt=none there is none."""
    assert refusal(step(present=WEAK, known=consent(), anew=True, **ESSENTIAL)) == "unmet_authentication_requirements"
    assert refusal(step(present=WEAK, known=consent(), prompt="none", **ESSENTIAL)) == "login_required"


def test_a_rung_that_is_only_wished_for_is_tried_once_and_never_an_error() -> None:
    """OpenID Connect Core §5.5.1.1: voluntary; the acr of the session as it is will do."""
    assert step(present=WEAK, known=consent(), anew=True, **WISHED) == Approve()
    assert step(present=WEAK, known=consent(), prompt="none", **WISHED) == Approve()


def test_a_wish_for_what_there_is_not_changes_nothing() -> None:
    """OpenID Connect Core §3.1.2.1: acr_values."""
    assert step(present=WEAK, known=consent(), acr_values="phr 0") == Approve()
    assert step(present=None, acr_values="phr 0") == Login(anew=False)


def test_an_applications_own_max_age_counts_like_one_that_is_sent() -> None:
    """OpenID Connect Registration §2: default_max_age, which max_age overrides."""
    fresh = app(default_max_age=49)
    assert step(fresh, known=consent()) == Login(anew=True)
    assert step(fresh, known=consent(), max_age="50") == Approve()
    assert refusal(step(fresh, known=consent(), prompt="none")) == "login_required"
    assert step(app(default_max_age=0), present=None) == Login(anew=True)


def test_an_applications_own_acr_values_are_wished_for_like_those_that_are_sent() -> None:
    """OpenID Connect Registration §2: default_acr_values."""
    assert step(app(default_acr_values=(RUNG,)), present=WEAK, known=consent()) == Login(anew=True)
    assert step(app(default_acr_values=(RUNG,)), present=WEAK, known=consent(), acr_values="phr") == Approve()


SURE = replace(HERE, session=replace(HERE.session, amr=(PASSWORD, OTP, MFA)))
"""Somebody who has shown two factors."""
WISH_FOR_TWO: dict[str, Any] = {"acr_values": MFA_RUNG}
TWO: dict[str, Any] = {"claims": f'{{"id_token": {{"acr": {{"essential": true, "value": "{MFA_RUNG}"}}}}}}'}


def test_a_wish_for_what_somebody_cannot_show_sends_them_nowhere() -> None:
    """OpenID Connect Core §5.5.1.1: else they signed in again for each request, and never reached it (ADR 40)."""
    assert step(known=consent(), **WISH_FOR_TWO) == Approve()
    assert step(known=consent(), best=(PASSWORD, MFA), **WISH_FOR_TWO) == Login(anew=True)
    assert step(known=consent(), best=(PASSWORD, MFA), anew=True, **WISH_FOR_TWO) == Approve()
    assert step(known=consent(), best=(PASSWORD, MFA), prompt="none", **WISH_FOR_TWO) == Approve()
    assert step(present=SURE, known=consent(), best=(PASSWORD, MFA), **WISH_FOR_TWO) == Approve()


def test_an_essential_second_factor_is_asked_for_of_everybody_and_refused_where_it_is_not_shown() -> None:
    """OpenID Connect Core §5.5.1.1. Who has none is led to set one up when they sign in."""
    assert asked(**TWO).takes_more
    assert step(known=consent(), **TWO) == Login(anew=True)
    assert refusal(step(known=consent(), anew=True, **TWO)) == "unmet_authentication_requirements"
    assert refusal(step(known=consent(), prompt="none", **TWO)) == "login_required"
    assert step(present=SURE, known=consent(), **TWO) == Approve()


def test_what_an_application_requires_is_required_whatever_it_asks_for() -> None:
    strict = app(required_acr=MFA_RUNG)
    for more in ({}, {"acr_values": RUNG}, ESSENTIAL):
        assert asked(strict, **more).takes_more
        assert step(strict, known=consent(), **more) == Login(anew=True)
        assert refusal(step(strict, known=consent(), anew=True, **more)) == "unmet_authentication_requirements"
        assert refusal(step(strict, known=consent(), prompt="none", **more)) == "login_required"
        assert step(strict, present=SURE, known=consent(), **more) == Approve()
    assert step(strict, present=None) == Login(anew=True)


def test_an_application_that_requires_a_password_is_content_with_more_and_takes_no_second_step() -> None:
    content = app(required_acr=RUNG)
    assert not asked(content).takes_more
    assert not asked(content, **WISH_FOR_TWO).takes_more
    assert step(content, known=consent()) == step(content, present=SURE, known=consent()) == Approve()
    assert refusal(step(content, present=WEAK, known=consent(), anew=True)) == "unmet_authentication_requirements"
