"""What is done about a leaked credential, in one act, and the report of what it did."""

from datetime import datetime
from typing import Annotated

from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Acting, Office
from scopekeeper.api.admin.records import NewSecret
from scopekeeper.api.admin.refusals import told
from scopekeeper.api.admin.showing import ClientId, moment_or_none, seconds_of
from scopekeeper.sdk import Caller, Meta, record
from scopekeeper.services.applications import Compromise as Done

_DAYS = 30


@record
class Leak:
    """A leaked credential."""

    since: Annotated[
        datetime | None,
        Meta(
            description="From when on what it did is reported; null: the last thirty days.",
            examples=["2026-03-01T12:00:00Z"],
        ),
    ] = None


@record
class Compromise:
    """What was done about a leaked credential, and what it had done."""

    client_id: ClientId
    secrets_ended: Annotated[int, Meta(description="How many secrets ended.", examples=[1])]
    tokens_known: Annotated[
        bool,
        Meta(description="Could its tokens be looked at in time? If not, all ended, and what follows of them is 0."),
    ]
    tokens_ended: Annotated[int, Meta(description="How many tokens ended.", examples=[12])]
    consents_ended: Annotated[int, Meta(description="How many consents ended.", examples=[3])]
    tokens_issued: Annotated[int, Meta(description="How many it was given since then.")]
    people: Annotated[int, Meta(description="In how many persons' names.")]
    first_issued_at: datetime | None
    last_issued_at: datetime | None
    last_used_at: datetime | None
    scopes: Annotated[list[str], Meta(description="The scopes of those tokens.", examples=[["rest:callforward:read"]])]
    addresses: Annotated[list[str], Meta(description="Whence they were asked for and used.", examples=[["192.0.2.7"]])]
    client_secret: NewSecret | None = None


@api.write(
    "POST /applications/{client_id}/compromise",
    field="declareCompromised",
    system=True,
    resource="credentials",
    gives=("client_secret",),
)
async def declare_compromised(caller: Caller, client_id: str, body: Leak) -> Compromise:
    """End what has leaked: all secrets, tokens, codes and consents of an application die now, in one act.

    A new secret is in the answer, once. It takes all that the application may do.
    """
    office, acting = caller.provided(Office), caller.provided(Acting)
    since = seconds_of(body.since, "since")
    if since is None:
        since = office.clock.now() - _DAYS * 86_400
    with told():
        done = await office.applications.compromised(
            client_id,
            since,
            acting.actor,
            acting.address,
            holding=acting.holding,
        )
    return _shown(done)


def _shown(done: Done) -> Compromise:
    activity = done.activity
    return Compromise(
        client_id=done.credential.client.client_id,
        secrets_ended=done.secrets_ended,
        tokens_known=activity.known,
        tokens_ended=activity.tokens_live,
        consents_ended=activity.consents,
        tokens_issued=activity.tokens_issued,
        people=activity.people,
        first_issued_at=moment_or_none(activity.first_issued_at),
        last_issued_at=moment_or_none(activity.last_issued_at),
        last_used_at=moment_or_none(activity.last_used_at),
        scopes=list(activity.scopes),
        addresses=list(activity.addresses),
        client_secret=done.credential.client_secret,
    )
