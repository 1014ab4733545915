"""What was counted, read: over time for plots, and in sum for whoever asks what an application does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth import privilege
from scopekeeper.oauth.privilege import Advice, Observed, Seen
from scopekeeper.oauth.records import Client
from scopekeeper.services.lists import HOUR, Kind, Sum, Usage
from scopekeeper.services.ports import Clock

A_DAY: Final = 86_400

USUAL: Final = 30 * A_DAY
"""Seconds that are looked back where nobody says how far."""

MOST_POINTS: Final = 2_000
"""Points that a series has at most."""

_PLOTTED: Final = (Kind.TOKENS, Kind.CALLS, Kind.DENIALS)
_OBSERVED: Final = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Series:
    """Three numbers for each step of time, without a gap: where nothing happened there is a 0."""

    since: int
    """When the first step begins: at a full step, in UTC."""
    step: int
    """Seconds of each."""
    tokens: tuple[int, ...]
    """Issued."""
    calls: tuple[int, ...]
    """Let in."""
    denials: tuple[int, ...]
    """Refused."""

    def __len__(self) -> int:
        return len(self.tokens)


@dataclass(frozen=True, slots=True)
class UsageBook:
    """Reads what was counted. It is behind by a second or two."""

    store: Usage
    clock: Clock

    async def series(self, client_id: str, since: int, until: int, step: int = HOUR) -> Series:
        """What this application (SYSTEM: all of them) did from the step that `since` lies in to that of `until`.

        `step` is HOUR or A_DAY. Of more than MOST_POINTS steps the last are told.
        """
        last = until - until % step
        first = max(since - since % step, last - (MOST_POINTS - 1) * step)
        times: dict[Kind, list[int]] = {kind: [0] * ((last - first) // step + 1) for kind in _PLOTTED}
        for count in await self.store.counts(client_id, first, last + step, _PLOTTED):
            times[count.kind][(count.hour - first) // step] += count.times
        return Series(first, step, *(tuple(times[kind]) for kind in _PLOTTED))

    async def observed(self, client: Client, since: int | None = None) -> Observed:
        """What this application was seen to do since then, or in the last thirty days."""
        now = self.clock.now()
        begin = max(now - USUAL if since is None else since, client.created_at)
        sums = await self.store.sums(client.client_id, begin - begin % HOUR, now + 1, _OBSERVED)
        return observed_of(client, sums, begin, now)

    async def advice(self, client: Client, since: int | None = None) -> Advice:
        """The least scopes that it could be content with, and what that is founded on."""
        return privilege.advice(client, await self.observed(client, since))


def observed_of(client: Client, sums: Sequence[Sum], since: int, until: int) -> Observed:
    """What these sums say of the application."""
    seen: dict[Kind, list[Seen]] = {kind: [] for kind in Kind}
    for each in sums:
        seen[each.kind].append(Seen(each.what, each.times, each.last))
    return Observed(
        since=since,
        until=until,
        first=min((each.first for each in sums), default=None),
        tokens=tuple(seen[Kind.TOKENS]),
        calls=tuple(seen[Kind.CALLS]),
        scopes=tuple(seen[Kind.SCOPES]),
        denials=tuple(seen[Kind.DENIALS]),
        addresses=tuple(seen[Kind.ADDRESSES]),
        written=tuple(seen[Kind.WRITES]),
        unused=privilege.unused(client.scope, [each.what for each in seen[Kind.SCOPES]]),
    )
