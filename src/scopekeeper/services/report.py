"""What an application's credential did since a moment: told to whoever declares it leaked, kept in the audit record."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from scopekeeper.oauth.records import Client
from scopekeeper.services.lists import HOUR, Kind, Sum
from scopekeeper.services.ports import Activity

MOST: Final = 500
"""Entries of each list that are told: those that are there most often, which come first."""

COUNTED: Final = (Kind.CALLS, Kind.SCOPES, Kind.DENIALS, Kind.ADDRESSES, Kind.WRITES)


def hours_of(since: int, now: int) -> tuple[int, int]:
    """The hours that reach from before `since` to beyond now."""
    return since // HOUR * HOUR, now // HOUR * HOUR + HOUR


def report_of(client: Client, activity: Activity, sums: Sequence[Sum], since: int, now: int) -> Mapping[str, object]:
    """The report, as JSON has it. Calls are counted by the hour, and what is older than the counts is not in it."""
    by_kind: dict[Kind, dict[str, int]] = {kind: {} for kind in COUNTED}
    for each in sums:
        by_kind[each.kind][each.what] = each.times
    by_kind[Kind.ADDRESSES] |= {each: 0 for each in activity.addresses if each not in by_kind[Kind.ADDRESSES]}
    return {
        "client_id": client.client_id,
        "name": client.name,
        "since": _time(since),
        "until": _time(now),
        "secrets_ended": sum(secret.lives(now) for secret in client.secrets),
        "tokens_known": activity.known,
        "tokens_ended": activity.tokens_live,
        "consents_ended": activity.consents,
        "tokens_issued": activity.tokens_issued,
        "first_issued_at": _time(activity.first_issued_at),
        "last_issued_at": _time(activity.last_issued_at),
        "last_used_at": _time(activity.last_used_at),
        "people": activity.people,
        "scopes_issued": list(activity.scopes[:MOST]),
        "calls": by_kind[Kind.CALLS],
        "scopes_used": _most(by_kind[Kind.SCOPES]),
        "denials": _most(by_kind[Kind.DENIALS]),
        "addresses": _most(by_kind[Kind.ADDRESSES]),
        "objects_written": _most(by_kind[Kind.WRITES]),
        "secrets": [
            {
                "label": secret.label,
                "last_four": secret.last_four,
                "last_used_at": _time(secret.last_used_at),
                "last_used_address": secret.last_used_address,
            }
            for secret in client.secrets
        ],
    }


def _most(counted: Mapping[str, int]) -> Mapping[str, int]:
    return dict(islice(counted.items(), MOST))


def _time(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
