"""Failed attempts, counted so that guessing becomes slow: by account or client with address, and by address.

A failure fills a bucket that drains by `a_minute`; a full one refuses until there is room again. What succeeds fills
none. Nobody is shut out for what others do elsewhere: every bucket belongs to an address. The buckets are a process's
own, and their number is bounded: whoever fills others to push theirs out fills that of their address, too.

(Libraries for this were looked at: `limits` has no bucket with a burst, reads its own clock, starts a thread for each
expiry, and keeps whatever a stranger makes up, without bound.)
"""

import math
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from typing import Final

A_MINUTE: Final = 10
BURST: Final = 30

_MOST: Final = 100_000
_PREFIX: Final = 64
"""Bits: what one household or server has of IPv6 addresses."""

Bucket = tuple[str, str]
"""Whose (empty: anybody's), and to which address."""


class TooMany(Exception):
    """Too many attempts failed. `retry_after`: seconds until another one is let in."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many attempts failed, try again in {retry_after} seconds")
        self.retry_after = retry_after


class Attempts:
    """Lets `burst` failures pass at once, then `a_minute`. Switched off, it lets all pass."""

    def __init__(self, *, a_minute: int = A_MINUTE, burst: int = BURST, most: int = _MOST, on: bool = True) -> None:
        self._drains_in = 60 / a_minute
        self._full = burst * self._drains_in
        self._most = most
        self._on = on
        self._empty_at: OrderedDict[Bucket, float] = OrderedDict()
        """When each bucket will have drained. That one number is all there is to know of it (GCRA)."""

    def require(self, whose: str, address: str | None, now: int) -> None:
        """See that there is room for one more failure. Raises TooMany.

        `whose`: `user:alice`, `client:…`; what they present is not looked at before there is room.
        """
        wait = max(self._wait(bucket, now) for bucket in _buckets(whose, address))
        if wait > 0:
            raise TooMany(math.ceil(wait))

    def failed(self, whose: str, address: str | None, now: int) -> None:
        """An attempt failed."""
        if not self._on:
            return
        for bucket in _buckets(whose, address):
            self._empty_at[bucket] = max(self._level(bucket, now), 0) + self._drains_in + now
            self._empty_at.move_to_end(bucket)
            if len(self._empty_at) > self._most:
                self._empty_at.popitem(last=False)

    def _wait(self, bucket: Bucket, now: int) -> float:
        return self._level(bucket, now) + self._drains_in - self._full

    def _level(self, bucket: Bucket, now: int) -> float:
        """Seconds until it has drained. A clock that was set back does not fill it further than full."""
        return min(self._empty_at.get(bucket, 0) - now, self._full)


def _buckets(whose: str, address: str | None) -> tuple[Bucket, Bucket]:
    network = _network(address)
    return (whose, network), ("", network)


def _network(address: str | None) -> str:
    """What counts as one address: of IPv6 the network, for whoever has one address there has them all."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return address or ""
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return f"{int(known) >> (128 - _PREFIX):x}::/{_PREFIX}"
