"""Nobody gives more than they hold: what an act gives, measured against whoever does it (RFC 9700 §2.3). Pure.

Whoever can make an application, or have a fresh secret of one, or let themselves in as another person, has what that
application or that person may do. So each such act asks for as much as it gives.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from scopekeeper.oauth.authentication import ACR_VALUES
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, GrantType, Outliving
from scopekeeper.scopes import APIS, IDENTITY, missing


class Exceeds(Exception):
    """The act would give more than whoever does it holds. `lacking`: the scopes that they would have to hold."""

    def __init__(self, lacking: Collection[str], what: str) -> None:
        super().__init__(f"{what} takes {' '.join(lacking)}, which this credential does not hold")
        self.lacking = tuple(lacking)


@dataclass(frozen=True, slots=True)
class Holding:
    """What whoever acts may do themselves: the scopes of their token, and the grants of its application."""

    scopes: frozenset[str]
    grants: frozenset[GrantType]

    @property
    def everything(self) -> bool:
        return not missing(self.scopes, APIS)


_LET_IN: Final = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE, GrantType.REFRESH_TOKEN})
"""Grants by which a person lets an application in, each time or for as long as they like: nobody's to hold."""

_LASTING: Final = tuple(Outliving)
"""What goes on when a session ends: the least first."""

_RUNGS: Final = (None, *ACR_VALUES)
"""What a sign-in has to reach, from nothing in particular upwards."""

EVERYTHING: Final = Holding(frozenset(APIS), frozenset(GrantType))
"""What the command line holds, which has the database; and an administrator's session in the console."""


def require_everything(holding: Holding, what: str) -> None:
    """See that they may do whatever can be done. Raises Exceeds."""
    lacking = missing(holding.scopes, APIS)
    if lacking:
        raise Exceeds(lacking, what)


def require_ceiling(holding: Holding, client: Client, what: str) -> None:
    """See that they hold all that this application may do: who has its secret can do that. Raises Exceeds.

    Identity scopes say who a person is, and that person consents: they are nobody's to hold. Grants that need no person
    each time (client_credentials, implicit, password) are given by who has them. An application that introspects the
    tokens of all others, or that people are not asked about, takes everything.
    """
    if client.trusted or client.resource_server:
        require_everything(holding, what)
    lacking = missing(holding.scopes, [scope for scope in client.scope if scope not in IDENTITY])
    if lacking:
        raise Exceeds(lacking, what)
    beyond = [grant for grant in client.grant_types if grant not in _LET_IN and grant not in holding.grants]
    if beyond and not holding.everything:
        raise Exceeds(missing(holding.scopes, APIS), f"{what}, which can use {beyond[0].value},")


def require_registration(holding: Holding, client: Client) -> None:
    """See that they may register this application. Raises Exceeds."""
    require_ceiling(holding, client, "registering this application")


def require_edit(holding: Holding, old: Client, new: Client) -> None:
    """See that they may edit this application so. What only takes away asks for nothing. Raises Exceeds."""
    if not _takes_away(old, new):
        require_ceiling(holding, new, "this change of an application")


def require_account(holding: Holding, old: User | None, new: User) -> None:
    """See that they may make or edit this account. An administrator may do everything. Raises Exceeds.

    What only takes away (administrator no more, shut out) asks for nothing.
    """
    if (new.admin or (old is not None and old.admin)) and not (old is not None and _shuts_out(old, new)):
        require_everything(holding, "an administrator's account")
    if _vouches(old, new):
        # A link goes to such an address, and another provider is believed by it: it makes whoever reads it that person.
        require_everything(holding, "vouching for a person's e-mail address")


def require_link(holding: Holding) -> None:
    """See that they may have a link by which another person's password is chosen: it makes them that person.

    Raises Exceeds.
    """
    require_everything(holding, "a link to choose a person's password with")


def require_reset(holding: Holding, user: User) -> None:
    """See that they may take this person's second factors away. An administrator may do everything. Raises Exceeds."""
    if user.admin:
        require_everything(holding, "taking an administrator's second factors away")


def _vouches(old: User | None, new: User) -> bool:
    """Is an address vouched for after the edit that was not before?"""
    return new.email_verified and (old is None or not old.email_verified or old.email != new.email)


def _shuts_out(old: User, new: User) -> bool:
    """Is the account, after the edit, less than it was, and nothing else?"""
    less = replace(old, admin=new.admin, enabled=new.enabled, updated_at=new.updated_at, revision=new.revision)
    return new == less and new.admin <= old.admin and new.enabled <= old.enabled


def _takes_away(old: Client, new: Client) -> bool:
    """Is the application, after the edit, at no point more than it was?"""
    return (
        not missing(old.scope, new.scope)
        and set(new.grant_types) <= set(old.grant_types)
        and new.confidential >= old.confidential
        and set(new.redirect_uris) <= set(old.redirect_uris)
        and set(new.post_logout_redirect_uris) <= set(old.post_logout_redirect_uris)
        and new.backchannel_logout_uri in (None, old.backchannel_logout_uri)
        and new.frontchannel_logout_uri in (None, old.frontchannel_logout_uri)
        and _LASTING.index(new.outlives_session) <= _LASTING.index(old.outlives_session)
        and new.owner in (None, old.owner)
        and new.enabled <= old.enabled
        and new.pkce_required >= old.pkce_required
        and new.trusted <= old.trusted
        and new.resource_server <= old.resource_server
        and (new.name, new.description, new.website) == (old.name, old.description, old.website)
        and (new.token_format, new.signing_alg) == (old.token_format, old.signing_alg)
        and new.id_token_signed_response_alg == old.id_token_signed_response_alg
        and new.userinfo_signed_response_alg == old.userinfo_signed_response_alg
        and (new.subject_type, new.sector_identifier_uri) == (old.subject_type, old.sector_identifier_uri)
        and new.default_acr_values == old.default_acr_values
        and _RUNGS.index(new.required_acr) >= _RUNGS.index(old.required_acr)
        and _no_laxer(old.required_acr, new.required_acr)
        and _no_staler(old.default_max_age, new.default_max_age)
        and _no_longer(old.access_token_lifetime, new.access_token_lifetime)
        and _no_longer(old.code_lifetime, new.code_lifetime)
    )


def _no_staler(old: int | None, new: int | None) -> bool:
    """Are sign-ins not older than they could be? None lets them be of any age."""
    return new == old or (new is not None and (old is None or new < old))


def _no_laxer(old: str | None, new: str | None) -> bool:
    """Does a sign-in reach at least as high as it had to? None lets it be any."""
    return new == old or old is None or (new is not None and ACR_VALUES.index(new) > ACR_VALUES.index(old))


def _no_longer(old: int | None, new: int | None) -> bool:
    """Is it no longer than it was? None is as the server has it, which nobody knows here."""
    return new == old or (old is not None and new is not None and new < old)
