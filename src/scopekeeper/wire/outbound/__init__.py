"""The guarded client: the one way out of the server to addresses that others have named.

It reads the URL, looks the name up, judges every address, and connects to one of those. What speaks HTTP (`exchange`)
is httpcore, the lower half of httpx: it knows no redirects, cookies, proxies, decompression and `.netrc`, so nothing of
that has to be switched off. Each fetch has a connection of its own, and leaves nothing behind.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from scopekeeper.oauth.outbound import Address, Allowed, Unreachable, Url, judged, require_scheme, url_of
from scopekeeper.services.outbound import LARGEST, LONGEST, Fetched, not_fetched
from scopekeeper.wire.outbound.lookups import Lookups
from scopekeeper.wire.outbound.trust import trust_of_the_machine

if TYPE_CHECKING:
    from httpcore2 import AsyncNetworkBackend

AT_ONCE: Final = 8
"""Fetches at the same moment; whoever comes then waits, and that counts as time of the fetch."""

Lookup = Callable[[str, int], Awaitable[Sequence[Address]]]
"""All addresses that a name stands for, and the port, as the machine knows them. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent."""

    method: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    content: bytes = field(default=b"", repr=False)


class Outbound:
    """Fetches from wherever anybody may, and from the hosts that whoever runs the server allows.

    `lookup`, `trust` and `network` are how names are resolved, which certificates are believed, and how a connection is
    made to an address: the machine's own, unless others are given.
    """

    def __init__(
        self,
        allowed: Allowed = frozenset(),
        *,
        lookup: Lookup | None = None,
        trust: Callable[[], ssl.SSLContext] = trust_of_the_machine,
        network: "AsyncNetworkBackend | None" = None,
        longest: float = LONGEST,
        largest: int = LARGEST,
        at_once: int = AT_ONCE,
    ) -> None:
        self._allowed: Final = allowed
        self._lookup: Final[Lookup] = Lookups() if lookup is None else lookup
        self._trust: Final = trust
        self._network: Final = network
        self._longest: Final = longest
        self._largest: Final = largest
        self._places: Final = asyncio.Semaphore(at_once)
        self._context: ssl.SSLContext | None = None

    async def get(self, url: str, *, accept: str, authorization: str | None = None) -> Fetched:
        """Ask for what is there. Raises NotFetched."""
        return await self._fetched(url, Message("GET", (("accept", accept), *_proving(authorization))))

    async def post(self, url: str, form: Mapping[str, str], *, authorization: str | None = None) -> Fetched:
        """Send a form there. Raises NotFetched."""
        headers = (("content-type", "application/x-www-form-urlencoded"), *_proving(authorization))
        return await self._fetched(url, Message("POST", headers, urlencode(form).encode("ascii")))

    async def _fetched(self, text: str, message: Message) -> Fetched:
        from scopekeeper.wire.outbound.exchange import FAILURES, exchanged, reason_of  # no start pays for it

        try:
            url = url_of(text)
            require_scheme(url, self._allowed)
            async with asyncio.timeout(self._longest), self._places:
                addresses = judged(url, await self._addresses_of(url), self._allowed)
                context = await self._certificates() if url.scheme == "https" else None
                return await exchanged(url, addresses, message, context, self._network, self._largest)
        except TimeoutError:
            raise not_fetched(text, "time is up") from None
        except Unreachable as forbidden:
            raise not_fetched(text, str(forbidden)) from None
        except FAILURES as failed:
            raise not_fetched(text, reason_of(failed)) from None

    async def _addresses_of(self, url: Url) -> Sequence[Address]:
        if url.address is not None:
            return (url.address,)
        return await self._lookup(url.host, url.port)

    async def _certificates(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = await asyncio.to_thread(self._trust)  # some hundred files: 20 ms and more
        return self._context


def _proving(authorization: str | None) -> tuple[tuple[str, str], ...]:
    return () if authorization is None else (("authorization", authorization),)
