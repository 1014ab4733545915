"""Applications: listed, registered, edited, removed."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any

from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Acting, Office
from scopekeeper.api.admin.records import Application, ApplicationChange, ApplicationDraft, shown
from scopekeeper.api.admin.refusals import told
from scopekeeper.api.admin.showing import page_of
from scopekeeper.oauth.applications import Changes, Draft, short
from scopekeeper.oauth.records import ApplicationType, Client
from scopekeeper.sdk import Caller, Invalid, Meta, Page, Paging, Patch
from scopekeeper.services.lists import ClientOrder, ClientsAsked
from scopekeeper.services.ports import Gone

OfOwner = Annotated[str, Meta(description="Whose they are: the name of an account.", examples=["alice"])]
WithScope = Annotated[str, Meta(description="A scope that their ceiling covers.", examples=["rest:callforward:read"])]

KIND = "application"
"""What preconditions and writes rely on: one application, as it was at a revision."""


@api.read("GET /applications", field="applications", system=True, resource="applications")
async def list_applications(
    caller: Caller,
    paging: Paging,
    text: Annotated[str, Meta(description="Text in their name, description, client_id or owner.")] = "",
    type: ApplicationType | None = None,
    owner: OfOwner | None = None,
    enabled: Annotated[bool, Meta(description="Those that are, or are not.")] | None = None,
    scope: WithScope | None = None,
    order: ClientOrder = ClientOrder.NAME,
) -> Page[Application]:
    """Applications: those with this text in their name, description, client_id or owner, or all.

    `scope` keeps those whose ceiling covers it.
    """
    applications = caller.provided(Office).applications
    asked = ClientsAsked(text=text, type=type, owner=owner, enabled=enabled, scope=scope, order=order)
    if paging.after is not None:
        try:
            await applications.get(paging.after)
        except Gone as gone:
            raise Invalid("after", "The page began behind an application that is gone. Begin anew.") from gone
    rows = await applications.find(asked, after=paging.after, limit=paging.limit + 1)
    return page_of(rows, paging, lambda each: each.client_id, shown, lambda: applications.count(asked))


@api.read("GET /applications/{client_id}", field="application", system=True, resource="applications")
async def get_application(caller: Caller, client_id: str) -> Application:
    """One application."""
    return shown(await found(caller, client_id))


@api.write(
    "POST /applications",
    field="addApplication",
    system=True,
    resource="applications",
    gives=("client_id", "client_secret"),
)
async def add_application(caller: Caller, body: ApplicationDraft) -> Application:
    """Register an application. Its secret, if it has one, is in the answer, and nowhere else ever after.

    It can be given no more scopes, and no more grants of those that need no person, than the caller holds.
    """
    acting = caller.provided(Acting)
    with told():
        made = await caller.provided(Office).applications.add(
            Draft(**_asked({each.name: getattr(body, each.name) for each in fields(body)})),
            acting.actor,
            acting.address,
            holding=acting.holding,
        )
    return shown(made.client, made.client_secret)


@api.write(
    "PATCH /applications/{client_id}",
    field="updateApplication",
    system=True,
    resource="applications",
    gives=("client_secret",),
)
async def update_application(caller: Caller, client_id: str, body: Patch[ApplicationChange]) -> Application:
    """Change an application. Only the fields given are changed; null clears.

    A change that only takes away can be made by whoever may write; any other takes all that the application may do when
    it is made. A native application that is given the password grant gets its secret here, once.
    """
    acting, client = caller.provided(Acting), await found(caller, client_id)
    made = body.onto(_as_it_is(client))
    changes = Changes(**_asked({name: getattr(made, name) for name in body.changes}))
    with told():
        edited = await caller.provided(Office).applications.change(
            client_id, changes, acting.actor, acting.address, revision=client.revision, holding=acting.holding
        )
    return shown(edited.client, edited.client_secret)


@api.write("DELETE /applications/{client_id}", field="removeApplication", system=True, resource="applications")
async def remove_application(caller: Caller, client_id: str) -> Application:
    """Remove an application, its secrets, its tokens, and what people granted it."""
    acting, client = caller.provided(Acting), await found(caller, client_id)
    with told():
        await caller.provided(Office).applications.remove(
            client_id, acting.actor, acting.address, revision=client.revision
        )
    return shown(client)


async def found(caller: Caller, client_id: str) -> Client:
    """The application, on whose revision this call relies. Raises NotFound."""
    with told():
        client = await caller.provided(Office).applications.get(client_id)
    caller.saw(KIND, client_id, client.revision)
    return client


def _asked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a body as the rules take them."""
    made = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    if "grant_types" in made:
        made["grants"] = tuple(short(grant) for grant in made.pop("grant_types"))
    return made


def _as_it_is(client: Client) -> ApplicationChange:
    return ApplicationChange(**{each.name: getattr(shown(client), each.name) for each in fields(ApplicationChange)})
