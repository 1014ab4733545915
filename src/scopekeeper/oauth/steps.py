"""What comes next for an authorization request that is sound: sign in, ask, refuse, or approve. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from scopekeeper.oauth.authentication import reachable, satisfied
from scopekeeper.oauth.authorize import Asked
from scopekeeper.oauth.claims_request import beyond, names_in
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Consent, Grantor, allowed_by, claims_allowed_by, grantor_of
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.scopes import missing


@dataclass(frozen=True, slots=True)
class Present:
    """Whoever is signed in at the browser."""

    user: User
    session: Session

    @property
    def grantor(self) -> Grantor:
        return grantor_of(self.user, self.session)


@dataclass(frozen=True, slots=True)
class Login:
    """The person is to sign in. `anew`: even who is signed in already, for this very request."""

    anew: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """The person is to be asked."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """The client is told why not."""

    error: OAuthError


@dataclass(frozen=True, slots=True)
class Approve:
    """The person has allowed this before, and need not be asked."""


Step = Login | Ask | Refuse | Approve


def next_step(
    asked: Asked,
    present: Present | None,
    consent: Consent | None,
    *,
    hinted: str | None,
    anew: bool,
    now: int,
    subjects: Subjects,
    best: Collection[str] = (),
) -> Step:
    """What comes next (OpenID Connect Core §3.1.2.3, §3.1.2.4). With prompt=none, nothing is ever shown.

    `hinted` is the subject of the id_token_hint, and `anew` whether the person has signed in for this very request.
    `best`: by which methods they could (`policy.best_of`), where `wishes_for_more` says that it matters.
    """
    silent = "none" in asked.prompt
    if present is None:
        # Who is asked for a rung signs in for this request from the start, so that it is not asked for twice.
        wished = bool(asked.demands or reachable(asked.acr_values))
        return _login_required() if silent else Login(anew=_demands_anew(asked) or wished)
    if not anew and (_demands_anew(asked) or _too_long_ago(asked, present, now) or _too_weak(asked, present)):
        return _login_required() if silent else Login(anew=True)
    if _too_weak(asked, present):
        return Refuse(OAuthError.unmet_authentication_requirements())
    if not anew and not silent and wishes_for_more(asked, present) and satisfied(reachable(asked.acr_values), best):
        # It is tried once. Nobody is sent to sign in for what they cannot show, again with each request.
        return Login(anew=True)
    if _another_is_meant(asked, hinted, subjects.of(asked.client, present.user.id)):
        # Whoever signs in as somebody else for this very request, is not whom the client meant.
        return _login_required() if silent or anew else Login(anew=True)
    if must_ask(asked, present, consent):
        return Refuse(OAuthError.consent_required()) if silent else Ask()
    return Approve()


def must_ask(asked: Asked, present: Present, consent: Consent | None) -> bool:
    """Is the person to be asked, though they may have been before?

    A public client cannot prove that it is the one that was allowed this: it asks every time, unless it is trusted
    (RFC 6749 §10.2, RFC 8252 §8.6).
    """
    if "consent" in asked.prompt or not (asked.client.confidential or asked.client.trusted):
        return True
    allowed = allowed_by(consent, asked.client, present.user.id)
    return bool(missing(allowed, asked.scope)) or not set(beyond(names_in(asked.claims), allowed)) <= set(
        claims_allowed_by(consent, asked.client, present.user.id)
    )


def wishes_for_more(asked: Asked, present: Present) -> bool:
    """Does their sign-in reach none of the rungs that the client would like, though there are such here?

    Where nothing may be shown, or they can show no more, what there is will do (OpenID Connect Core §5.5.1.1).
    """
    return not satisfied(reachable(asked.acr_values), present.session.amr)


def _another_is_meant(asked: Asked, hinted: str | None, here: str) -> bool:
    """Does the client mean somebody else than whoever is here: by its id_token_hint, or by the claim `sub` (§5.5.1)?"""
    return hinted not in (None, here) or (asked.subjects is not None and here not in asked.subjects)


def _demands_anew(asked: Asked) -> bool:
    return not asked.prompt.isdisjoint({"login", "select_account"}) or asked.max_age == 0


def _too_long_ago(asked: Asked, present: Present, now: int) -> bool:
    return asked.max_age is not None and now - present.session.signed_in_at > asked.max_age


def _too_weak(asked: Asked, present: Present) -> bool:
    """Does their sign-in fall short of a rung that has to be reached (OpenID Connect Core §5.5.1.1)?"""
    return not all(satisfied(acrs, present.session.amr) for acrs in asked.demands)


def _login_required() -> Refuse:
    return Refuse(OAuthError.login_required())
