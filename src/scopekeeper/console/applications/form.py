"""What an application's form is shown with: the boxes, what is wrong with them, and the choices that there are."""

from collections.abc import Mapping
from typing import Final

from scopekeeper.console.applications.filled import Filled
from scopekeeper.console.applications.kinds import KINDS, OUTLIVINGS, type_of
from scopekeeper.console.desk import Desk
from scopekeeper.oauth.applications import LONGEST_NAME, LONGEST_TEXT, Unfit
from scopekeeper.oauth.authentication import ACR_VALUES, MFA_RUNG, PASSWORD_RUNG
from scopekeeper.oauth.claims import ACCESS_TOKEN_ALGS
from scopekeeper.oauth.identity import ID_TOKEN_ALGS
from scopekeeper.oauth.records import ApplicationType
from scopekeeper.oauth.redirects import UnfitRedirect, fit
from scopekeeper.scopes import APIS, covers

_BOXES: Final = frozenset(
    {
        "name", "description", "website", "owner", "scope", "redirect_uri", "post_logout_redirect_uri",
        "backchannel_logout_uri", "frontchannel_logout_uri", "outlives_session", "grant", "token_format", "signing_alg",
        "id_token_signed_response_alg", "userinfo_signed_response_alg", "subject_type", "sector_identifier_uri",
        "default_max_age", "default_acr_value", "required_acr", "access_token_lifetime", "code_lifetime",
    }
)  # fmt: skip
"""What is wrong with these is told beside them; anything else above the form."""

_RUNGS: Final = {"": "In any way", PASSWORD_RUNG: "By a password, or more", MFA_RUNG: "With a second factor"}
"""What a sign-in has to reach, in words."""


def form_facts(desk: Desk, filled: Filled, unfit: Unfit | None = None) -> dict[str, object]:
    """The facts with which the form's template is written."""
    told = {} if unfit is None else {unfit.field: _sentence(str(unfit))}
    return {
        "filled": filled,
        "kinds": KINDS,
        "errors": dict.fromkeys(_BOXES, "") | told,
        "mending": unfit is not None,
        "alert": next((words for name, words in told.items() if name not in _BOXES), ""),
        "unfit_uris": _unfit(filled),
        "longest_name": LONGEST_NAME,
        "longest_text": LONGEST_TEXT,
        "algorithms": ACCESS_TOKEN_ALGS,
        "id_token_algorithms": ID_TOKEN_ALGS,
        "acr_values": tuple(dict.fromkeys((*filled.default_acr_values, *reversed(ACR_VALUES)))),
        "rungs": tuple(_RUNGS.items()),
        "outlivings": OUTLIVINGS,
        "lifetimes": desk.lifetimes,
        "wide": warning_of(filled.scope),
    }


def warning_of(scope: tuple[str, ...]) -> str:
    """What is to be known of a ceiling that lets an application rule over others; no text for any other."""
    if all(api in scope for api in APIS):
        return "This application may do everything, in every module, that of managing this server among them."
    if covers(scope, "rest:admin:write") or covers(scope, "gql:admin:write"):
        return "This ceiling covers admin: with it the application can manage applications, people and tokens here."
    if (
        any(each.split(":")[1:2] == ["admin"] for each in scope)
        or covers(scope, "rest:admin")
        or covers(scope, "gql:admin")
    ):
        return "This ceiling reaches into admin: with it the application sees or changes how this server is managed."
    return ""


def fitting(uri: str, type: str) -> str:
    """What keeps an application of this type from registering the URI, by the rule that registers it; else no text."""
    try:
        fit(uri, type_of(type) or ApplicationType.NATIVE)
    except UnfitRedirect as unfit:
        return _sentence(str(unfit))
    return ""


def _unfit(filled: Filled) -> Mapping[str, str]:
    """Every address that cannot be registered, and why."""
    uris = filled.redirect_uris + filled.post_logout_redirect_uris
    return {uri: words for uri in uris if (words := fitting(uri, filled.type))}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "'", '"')) else ".")
