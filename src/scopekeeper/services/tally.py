"""What applications do, counted in memory until it is written: tokens, calls, scopes, denials, addresses, writes.

It is counted at every call, so a call or a token costs one number in one dictionary; that is taken apart when it is
written. The hour that something counts for is that in which it is written, at most a second after it happened.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from scopekeeper.services.lists import HOUR, SYSTEM, Count, Kind

MANY: Final = "many"
"""In place of the names of what came after MOST_NAMED others."""

MOST_APART: Final = 10_000
"""Calls told apart between two writes, by application, scopes and address."""

MOST_NAMED: Final = 1_000
"""Addresses, records written and denials that are named for each application and hour, lest a flood fills the disk."""

MOST_IN_ALL: Final = 20_000
"""The same, of all applications together."""

LONGEST: Final = 200
"""Characters of a name."""

_NAMED: Final = frozenset({Kind.ADDRESSES, Kind.WRITES, Kind.DENIALS})
"""What strangers can make any number of; scopes and grants are as many as there are."""

_Call = tuple[str, str, tuple[str, ...], str | None]
"""client_id, API, the scopes that it needed, and whence it came."""

_What = tuple[str, Kind, str]


class Tally:
    """What was counted since the last write."""

    def __init__(self) -> None:
        self._calls: dict[_Call, int] = {}
        self._issued: dict[tuple[str, str], int] = {}
        self._counts: dict[_What, int] = {}
        self._named: dict[tuple[str, Kind], set[str]] = {}
        self._in_all = 0
        self._hour = 0

    def call(self, client_id: str, api: str, needed: tuple[str, ...], address: str | None) -> None:
        """Count a call that was let in."""
        call = (client_id, api, needed, address)
        try:
            self._calls[call] += 1
        except KeyError:
            if len(self._calls) < MOST_APART:
                self._calls[call] = 1
            else:
                self._take_apart(call, 1)

    def denial(self, client_id: str | None, reasons: Iterable[str]) -> None:
        """Count a call that was refused, once for each scope that was missing. None: nobody knows whose it was."""
        for reason in reasons:
            self._add(SYSTEM, Kind.DENIALS, reason, 1)
            if client_id is not None:
                self._add(client_id, Kind.DENIALS, reason, 1)

    def write(self, client_id: str, what: str) -> None:
        """Count that a call wrote this."""
        self._add(client_id, Kind.WRITES, what, 1)

    def token(self, client_id: str, grant_type: str) -> None:
        """Count a token that was issued."""
        issued = (client_id, grant_type)
        self._issued[issued] = self._issued.get(issued, 0) + 1

    def taken(self, now: int) -> list[Count]:
        """All that has gathered, for the hour that it is; from here on it is counted anew."""
        hour = now - now % HOUR
        if hour != self._hour:
            self._begin(hour)
        calls, self._calls = self._calls, {}
        for call, times in calls.items():
            self._take_apart(call, times)
        issued, self._issued = self._issued, {}
        for (client_id, grant_type), times in issued.items():
            self._add(SYSTEM, Kind.TOKENS, grant_type, times)
            self._add(client_id, Kind.TOKENS, grant_type, times)
        counts, self._counts = self._counts, {}
        return [Count(client_id, hour, kind, what, times) for (client_id, kind, what), times in counts.items()]

    def put_back(self, counts: Iterable[Count]) -> None:
        """What could not be written goes with what is written next."""
        for each in counts:
            self._add(each.client_id, each.kind, each.what, each.times)

    def _begin(self, hour: int) -> None:
        """A new hour, in which only what waits to be written has its name already."""
        self._hour, self._in_all = hour, 0
        self._named.clear()
        for client_id, kind, what in self._counts:
            if kind in _NAMED:
                self._name(client_id, kind, what)

    def _take_apart(self, call: _Call, times: int) -> None:
        client_id, api, needed, address = call
        self._add(SYSTEM, Kind.CALLS, api, times)
        self._add(client_id, Kind.CALLS, api, times)
        for scope in needed:
            self._add(client_id, Kind.SCOPES, scope, times)
        if address is not None:
            self._add(client_id, Kind.ADDRESSES, address, times)

    def _add(self, client_id: str, kind: Kind, what: str, times: int) -> None:
        if kind in _NAMED:
            what = self._name(client_id, kind, what[:LONGEST])
        counted = (client_id, kind, what)
        self._counts[counted] = self._counts.get(counted, 0) + times

    def _name(self, client_id: str, kind: Kind, what: str) -> str:
        """What it is called; MANY where there are too many names already."""
        named = self._named.get((client_id, kind), frozenset[str]())
        if what in named:
            return what
        if len(named) >= MOST_NAMED or self._in_all >= MOST_IN_ALL:
            return MANY
        self._named.setdefault((client_id, kind), set()).add(what)
        self._in_all += 1
        return what


def last_used(counts: Sequence[Count], now: int) -> Mapping[str, int]:
    """When the applications of these counts were last used: those that called, or were given a token."""
    return {each.client_id: now for each in counts if each.client_id and each.kind in (Kind.CALLS, Kind.TOKENS)}
