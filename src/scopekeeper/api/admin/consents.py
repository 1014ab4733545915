"""What people allow applications: listed, and taken back in their stead."""

from datetime import datetime
from typing import Annotated

from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Acting, Office
from scopekeeper.api.admin.refusals import told
from scopekeeper.api.admin.showing import ClientId, Person, ScopeText, moment, page_of
from scopekeeper.oauth.granted import Consent as Allowed
from scopekeeper.sdk import Caller, Invalid, Meta, Page, Paging, record
from scopekeeper.services.lists import ConsentsAsked


@record
class Consent:
    """What one person allows one application, remembered."""

    user: Person
    client_id: ClientId
    scope: ScopeText
    claims: Annotated[
        str, Meta(description="Claims that it may know one by one, separated by spaces.", examples=["email"])
    ]
    granted_at: datetime
    updated_at: datetime


@api.read("GET /consents", field="consents", system=True, resource="consents")
async def list_consents(
    caller: Caller, paging: Paging, client_id: ClientId | None = None, user: Person | None = None
) -> Page[Consent]:
    """What people allow applications, by person and application."""
    consents, asked = caller.provided(Office).consents, ConsentsAsked(client_id, user)
    rows = await consents.page(asked, after=_pair_behind(paging), limit=paging.limit + 1)
    return page_of(
        rows,
        paging,
        lambda each: f"{each[1]} {each[0].client_id}",
        lambda each: _shown(*each),
        lambda: consents.count(asked),
    )


@api.read("GET /consents/{user}/{client_id}", field="consent", system=True, resource="consents")
async def get_consent(caller: Caller, user: str, client_id: str) -> Consent:
    """What one person allows one application."""
    with told():
        return _shown(await caller.provided(Office).consents.get(user, client_id), user)


@api.write("DELETE /consents/{user}/{client_id}", field="withdrawConsent", system=True, resource="consents")
async def withdraw_consent(caller: Caller, user: str, client_id: str) -> Consent:
    """Take a consent back in a person's stead: codes, refresh tokens and access tokens of it die now."""
    acting, consents = caller.provided(Acting), caller.provided(Office).consents
    with told():
        consent = await consents.get(user, client_id)
        await consents.withdraw(user, client_id, acting.actor, acting.address)
    return _shown(consent, user)


def _pair_behind(paging: Paging) -> tuple[str, str] | None:
    """Person and application behind which the page begins; no name has a space. Raises Invalid."""
    if paging.after is None:
        return None
    user, space, client_id = paging.after.partition(" ")
    if not space:
        raise Invalid("after", "This is no cursor that was given here.")
    return user, client_id


def _shown(consent: Allowed, user: str) -> Consent:
    return Consent(
        user=user,
        client_id=consent.client_id,
        scope=" ".join(consent.scope),
        claims=" ".join(consent.claims),
        granted_at=moment(consent.granted_at),
        updated_at=moment(consent.updated_at),
    )
