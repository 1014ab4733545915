"""What an application was seen to do, counted by the hour, and the least scopes that it could be content with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from scopekeeper.api.admin.applications import found
from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Office
from scopekeeper.api.admin.showing import ClientId, ScopeText, moment, moment_or_none, seconds_of
from scopekeeper.oauth.privilege import Seen, advice
from scopekeeper.sdk import Caller, Meta, record


@record
class Observation:
    """Something that happened, and how often."""

    what: Annotated[str, Meta(description="What happened, by its name.", examples=["client_credentials"])]
    times: Annotated[int, Meta(description="How often.", examples=[42])]
    last: Annotated[datetime, Meta(description="The hour in which it last happened.")]


@record
class ApplicationActivity:
    """What an application was seen to do between two moments, the most frequent first."""

    client_id: ClientId
    since: datetime
    until: datetime
    last_used_at: Annotated[datetime | None, Meta(description="When it last called, or asked for a token; ever.")]
    tokens: Annotated[
        list[Observation], Meta(description="Tokens issued, by grant type; `session`: to a page of the console.")
    ]
    calls: Annotated[list[Observation], Meta(description="Calls let in, by API.")]
    scopes: Annotated[list[Observation], Meta(description="What those calls needed.")]
    denials: Annotated[list[Observation], Meta(description="Calls refused, by the missing scope or the error.")]
    addresses: Annotated[list[Observation], Meta(description="Whence the calls came.")]
    written: Annotated[list[Observation], Meta(description="What they wrote, of modules that the caller may read.")]
    unused: Annotated[ScopeText, Meta(description="Of the ceiling, what no call needed.")]
    least: Annotated[ScopeText, Meta(description="The least ceiling that it could have done this with.")]
    enough: Annotated[bool, Meta(description="Has it been watched for long enough to rely on that?")]


@api.read("GET /applications/{client_id}/activity", field="applicationActivity", system=True, resource="applications")
async def get_activity(
    caller: Caller,
    client_id: str,
    since: Annotated[datetime, Meta(description="From when on; else the last thirty days.")] | None = None,
) -> ApplicationActivity:
    """What an application was seen to do. It is behind by a second or two."""
    client = await found(caller, client_id)
    observed = await caller.provided(Office).usage.observed(client, seconds_of(since, "since"))
    advised = advice(client, observed)
    readable = [each for each in observed.written if caller.may("read", each.what.partition("/")[0])]
    return ApplicationActivity(
        client_id=client_id,
        since=moment(observed.since),
        until=moment(observed.until),
        last_used_at=moment_or_none(client.last_used_at),
        tokens=_shown(observed.tokens),
        calls=_shown(observed.calls),
        scopes=_shown(observed.scopes),
        denials=_shown(observed.denials),
        addresses=_shown(observed.addresses),
        written=_shown(readable),
        unused=" ".join(observed.unused),
        least=" ".join(advised.scope),
        enough=advised.enough,
    )


def _shown(seen: Sequence[Seen]) -> list[Observation]:
    return [Observation(each.what, each.times, moment(each.last)) for each in seen]
