"""Failed attempts, counted so that guessing becomes slow: by the network from which they come.

A failure fills a bucket that drains by `a_minute`; a full one refuses until there is room again. What succeeds fills
none in the end. Nobody is shut out for what others do elsewhere: every bucket belongs to a network. The buckets are in
the database, so they hold over all processes, and a key is made of nothing that anybody typed.

An attempt takes its place before anything is looked at, and gets it back unless it failed. So of any number who try at
the same time, wherever they do, no more are looked at than there is room for. Whoever finds no room because others are
just being looked at here waits for them: they may be right, and what is right is not to be refused.

(Libraries for this were looked at: `limits` has no bucket with a burst, reads its own clock, and keeps its counts in
Redis, Memcached or MongoDB.)
"""

import asyncio
import math
from asyncio import Event, Lock
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, Literal

import structlog

from scopekeeper.services.ports import SKEW, Buckets, Clock, Unavailable

A_MINUTE: Final = 10
BURST: Final = 30

Space = Literal["person", "second", "client", "kept", "forgotten"]
"""Whose credentials are guessed: an application that goes on with a dead token keeps nobody from signing in.

Of what modules keep, such as the PIN of a mailbox, the thing that is opened stands where a network does elsewhere; of
second steps, the account.
"""

_MINUTE: Final = 60_000
"""Milliseconds."""

_MOST: Final = 10_000
"""Full buckets that a process remembers."""

_WAITING: Final = 100
"""How many of one network wait here for others, besides those that are looked at."""

_AGAIN: Final = 0.2
"""Seconds: a place that is held in another process is given back within this time, mostly."""

_PREFIX: Final = 64
"""Bits: what one household or server has of IPv6 addresses."""

_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""All of IPv4, as a server that has IPv6 alone sees it behind a translator (RFC 6052 §2.1)."""

log = structlog.get_logger(__name__)


class TooMany(Exception):
    """Too many attempts failed. `retry_after`: seconds until another one is let in."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many attempts failed, try again in {retry_after} seconds")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Limits:
    """Lets `burst` failures pass at once, then `a_minute`. Switched off, it lets all pass."""

    a_minute: float = A_MINUTE
    burst: int = BURST
    on: bool = True


USUAL: Final = Limits()


class Attempts:
    """Counts the failures in one space. Switched off, it asks nobody anything."""

    def __init__(self, buckets: Buckets, clock: Clock, space: Space, limits: Limits = USUAL) -> None:
        self._buckets = buckets
        self._now = clock.milliseconds
        self._space = space
        self._on = limits.on
        self._one = math.ceil(_MINUTE / limits.a_minute)
        """Milliseconds in which one failure drains."""
        self._most = limits.burst * self._one
        self._crowd = limits.burst + _WAITING
        self._lines: dict[str, _Line] = {}
        self._full: OrderedDict[str, int] = OrderedDict()
        """Buckets that are known to be full, and until when. They drain by time alone, so nobody need be asked."""

    @asynccontextmanager
    async def attempt(self, address: str | None, wrong: type[Exception]) -> AsyncIterator[None]:
        """What is presented is looked at inside, and has failed if `wrong` leaves it. Raises TooMany, Unavailable."""
        if not self._on:
            yield
            return
        key = self._key(address)
        with self._standing(key) as line:
            empty_at = await self._taken(key, line)
            line.held += 1
            failed = False
            try:
                yield
            except wrong:
                failed = True
                raise
            finally:
                try:
                    if not failed:
                        await self._give_back(key, empty_at)
                finally:
                    line.held -= 1
                    line.freed.set()

    async def failed(self, address: str | None) -> None:
        """An attempt failed that took no place before. Raises TooMany where there is no room, Unavailable."""
        if not self._on:
            return
        key = self._key(address)
        with self._standing(key) as line:
            async with line.lock:
                if await self._filled(key) is None:
                    raise self._shut(key)

    async def _taken(self, key: str, line: "_Line") -> int:
        """When the bucket will have drained, with this place in it. Raises TooMany, Unavailable."""
        async with line.lock:
            asked_again = False
            while True:
                line.freed.clear()
                empty_at = await self._filled(key)
                if empty_at is not None:
                    return empty_at
                if line.held or line.freed.is_set():
                    await line.freed.wait()
                elif asked_again:
                    raise self._shut(key)
                else:
                    asked_again = True
                    await asyncio.sleep(_AGAIN)
                self._full.pop(key, None)

    async def _filled(self, key: str) -> int | None:
        """When it will have drained, with one more in it; None where it is full. Raises TooMany where that is known."""
        now = self._now()
        if key in self._full:
            if 0 < self._full[key] - now <= self._one + SKEW:
                raise self._shut(key)
            del self._full[key]
        filling = await self._buckets.fill(key, now, self._one, self._most)
        if filling.done:
            return filling.empty_at
        self._full[key] = filling.empty_at - self._most + self._one
        if len(self._full) > _MOST:
            self._full.popitem(last=False)
        return None

    async def _give_back(self, key: str, empty_at: int) -> None:
        """What has not drained yet of this place. Where it cannot be given back, it drains."""
        self._full.pop(key, None)
        left = min(empty_at - self._now(), self._one)
        if left <= 0:
            return
        try:
            await self._buckets.give_back(key, left)
        except Unavailable as away:
            log.warning("an attempt that did not fail counts until it has drained", reason=str(away))

    def _shut(self, key: str) -> TooMany:
        return TooMany(max(math.ceil((self._full[key] - self._now()) / 1_000), 1))

    @contextmanager
    def _standing(self, key: str) -> "Iterator[_Line]":
        """The line of this network, as long as somebody stands in it. Raises TooMany where it is too long."""
        line = self._lines.setdefault(key, _Line())
        if line.here >= self._crowd:
            raise TooMany(math.ceil(self._one / 1_000))
        line.here += 1
        try:
            yield line
        finally:
            line.here -= 1
            if not line.here:
                del self._lines[key]

    def _key(self, address: str | None) -> str:
        return f"{self._space} {_network(address)}"


class _Line:
    """Those of one network who are at it in this process: one after the other they ask for a place."""

    __slots__ = ("freed", "held", "here", "lock")

    def __init__(self) -> None:
        self.lock: Final = Lock()
        self.here = 0
        self.held = 0
        """How many are being looked at."""
        self.freed: Final = Event()
        """Has one of those been looked at?"""


def _network(address: str | None) -> str:
    """What counts as one address: of IPv6 the network, for whoever has one address there has them all."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return sha256(address.encode(errors="replace")).hexdigest()[:32] if address else "here"
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    if known in _TRANSLATED:
        return str(IPv4Address(int(known) & 0xFFFF_FFFF))
    return f"{int(known) >> (128 - _PREFIX):x}::/{_PREFIX}"
