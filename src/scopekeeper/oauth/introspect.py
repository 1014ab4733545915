"""Introspection: what a token is worth, told to those who may know (RFC 7662 §2.2)."""

from typing import Final

from scopekeeper.oauth.claims import audience_of, jti_of, sign_in_claims
from scopekeeper.oauth.granted import Family, RefreshToken, acts_for, family_holds
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, SubjectType, Token, holds
from scopekeeper.oauth.subjects import Subjects, sub_of
from scopekeeper.scopes import cut

INACTIVE: Final[dict[str, object]] = {"active": False}
"""An inactive token's answer carries nothing else, whatever the cause (RFC 7662 §2.2)."""


def introspect(
    caller: Client,
    token: Token | None,
    owner: Client | None,
    person: User | None,
    issuer: str,
    now: int,
    subjects: Subjects,
    *,
    family: Family | None = None,
) -> dict[str, object]:
    """The answer to an introspection by `caller` of `token`, which belongs to `owner`, in the name of `person`.

    Only its own tokens are a client's business, unless it is registered as a resource server (RFC 7662 §4). The scope
    is what the guard would honour: the token's, cut to what the application may have today. An application to which
    people are nobody that others know is not told their name (OpenID Connect Core §8.1).

    `family`: the grant that it came of, where a person granted it: when and how they signed in is told (RFC 9470 §6.2).
    """
    if token is None or owner is None or not holds(token, owner, now):
        return INACTIVE
    if token.user is not None and not acts_for(token, owner, person):
        return INACTIVE
    if token.client_id != caller.client_id and not caller.resource_server:
        return INACTIVE
    return {
        "active": True,
        "scope": " ".join(cut(token.scope, owner.scope)),
        "client_id": token.client_id,
        "token_type": "Bearer",
        "exp": token.expires_at,
        "iat": token.issued_at,
        "sub": sub_of(token, owner, subjects),
        "aud": audience_of(issuer),
        "iss": issuer,
        "jti": jti_of(token.id),
        **({} if family is None else sign_in_claims(family.grantor)),
        **_named(owner, token.user),
    }


def introspect_refresh(
    caller: Client,
    presented: RefreshToken,
    family: Family,
    person: User | None,
    issuer: str,
    now: int,
    subjects: Subjects,
) -> dict[str, object]:
    """The answer to an introspection of a refresh token: its own client's business alone, for it opens no API.

    So there is no token_type in it, and no audience (RFC 7662 §2.2).
    """
    if not family_holds(family, caller, person, now) or presented.spent_at is not None or now >= presented.expires_at:
        return INACTIVE
    return {
        "active": True,
        "scope": " ".join(cut(family.scope, caller.scope)),
        "client_id": family.client_id,
        "exp": presented.expires_at,
        "iat": presented.issued_at,
        "sub": subjects.of(caller, family.user_id),
        "iss": issuer,
        **_named(caller, family.user),
    }


def _named(client: Client, user: str | None) -> dict[str, object]:
    return {} if user is None or client.subject_type is SubjectType.PAIRWISE else {"username": user}
