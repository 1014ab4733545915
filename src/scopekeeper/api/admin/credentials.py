"""The secrets of an application: listed by what is known of them, made by rotation, ended."""

from datetime import datetime
from typing import Annotated

from scopekeeper.api.admin.applications import found
from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Acting, Office
from scopekeeper.api.admin.records import NewSecret
from scopekeeper.api.admin.refusals import told
from scopekeeper.api.admin.showing import (
    ClientId,
    Ident,
    moment,
    moment_or_none,
    page_of,
    row_behind,
    row_of,
)
from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.records import Client, Secret
from scopekeeper.oauth.secrets import Kind
from scopekeeper.oauth.secrets import row_of as secret_row_of
from scopekeeper.sdk import PRINTABLE, Caller, Conflict, Meta, NotFound, Page, Paging, record
from scopekeeper.services.applications import LONGEST_OVERLAP

Label = Annotated[
    str,
    Meta(
        pattern=PRINTABLE,
        min_length=1,
        max_length=100,
        description="What it is known by: 1 to 100 printable characters.",
        examples=["rotated by the deployment"],
    ),
]


@record
class Credential:
    """A secret of an application, by what is known of it."""

    client_id: ClientId
    id: Ident
    label: Label
    last_four: Annotated[str, Meta(description="Its last four characters.", examples=["x7Qa"])]
    created_at: datetime
    created_by: Annotated[str, Meta(description="Who made it.", examples=["user:alice"])]
    expires_at: Annotated[datetime | None, Meta(description="When it stops working; null: never.")]
    last_used_at: datetime | None
    last_used_address: str | None
    client_secret: NewSecret | None = None


@record
class Rotation:
    """A new secret, and what becomes of the old ones."""

    overlap: Annotated[
        int,
        Meta(
            ge=0,
            le=LONGEST_OVERLAP,
            description="Seconds that the old secrets go on working; 0: they end now.",
            examples=[86_400],
        ),
    ]
    label: Label = "rotated"


@api.read("GET /applications/{client_id}/credentials", field="credentials", system=True, resource="credentials")
async def list_credentials(caller: Caller, client_id: str, paging: Paging) -> Page[Credential]:
    """The secrets of an application that work, the newest first."""
    behind, secrets = row_behind(paging), _living(caller, await found(caller, client_id))
    rows = [each for each in secrets if behind is None or each.id < behind][: paging.limit + 1]

    async def count() -> int:
        return len(secrets)

    return page_of(rows, paging, lambda each: jti_of(each.id), _shown, count)


@api.read("GET /applications/{client_id}/credentials/{id}", field="credential", system=True, resource="credentials")
async def get_credential(caller: Caller, client_id: str, id: str) -> Credential:
    """One secret of an application, by what is known of it."""
    return _shown(_secret(caller, await found(caller, client_id), id))


@api.write(
    "POST /applications/{client_id}/credentials",
    field="rotateCredential",
    system=True,
    resource="credentials",
    gives=("id", "client_secret"),
)
async def rotate_credential(caller: Caller, client_id: str, body: Rotation) -> Credential:
    """Give an application a new secret; the old ones work for the overlap.

    It is in the answer, and nowhere else ever after. It takes all that the application may do.
    """
    acting, client = caller.provided(Acting), await found(caller, client_id)
    if not client.confidential:
        raise Conflict("It is a public client: it has no secret to rotate.")
    with told():
        made = await caller.provided(Office).applications.rotate(
            client_id, body.overlap, acting.actor, acting.address, label=body.label, holding=acting.holding
        )
    assert made.client_secret is not None, "a confidential client is given a secret"
    new = secret_row_of(made.client_secret, Kind.CLIENT_SECRET)
    return _shown(next(each for each in made.client.secrets if each.id == new), made.client_secret)


@api.write(
    "DELETE /applications/{client_id}/credentials/{id}", field="endCredential", system=True, resource="credentials"
)
async def end_credential(caller: Caller, client_id: str, id: str) -> Credential:
    """Let a secret end now; the others go on working."""
    acting, secret = caller.provided(Acting), _secret(caller, await found(caller, client_id), id)
    with told():
        await caller.provided(Office).applications.end_secret(client_id, secret.id, acting.actor, acting.address)
    return _shown(secret)


def _living(caller: Caller, client: Client) -> list[Secret]:
    """Its secrets that work, the newest first."""
    now = caller.provided(Office).clock.now()
    return sorted((each for each in client.secrets if each.lives(now)), key=lambda each: -each.id)


def _secret(caller: Caller, client: Client, id: str) -> Secret:
    """The secret of this application that has this id. Raises NotFound, also where it is another application's."""
    row_id = row_of(id, "credential")
    for each in _living(caller, client):
        if each.id == row_id:
            return each
    raise NotFound("There is no such credential.")


def _shown(secret: Secret, client_secret: str | None = None) -> Credential:
    return Credential(
        client_id=secret.client_id,
        id=jti_of(secret.id),
        label=secret.label,
        last_four=secret.last_four,
        created_at=moment(secret.created_at),
        created_by=secret.created_by,
        expires_at=moment_or_none(secret.expires_at),
        last_used_at=moment_or_none(secret.last_used_at),
        last_used_address=secret.last_used_address,
        client_secret=client_secret,
    )
