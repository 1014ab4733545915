"""One request and its answer, over a connection to an address that was judged. Imported with the first fetch."""

import asyncio
import ssl
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from typing import Final

import httpcore2

from scopekeeper.oauth.outbound import Address, Unreachable, Url
from scopekeeper.services.outbound import Fetched
from scopekeeper.wire.outbound import Message

_EACH: Final = 2.0
"""Seconds for one address, where others are left to try."""

FAILURES: Final = (
    OSError,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    httpcore2.UnsupportedProtocol,
)
"""What can go wrong between two machines."""


async def exchanged(
    url: Url,
    addresses: Sequence[Address],
    message: Message,
    context: ssl.SSLContext | None,
    network: httpcore2.AsyncNetworkBackend | None,
    largest: int,
) -> Fetched:
    """What is answered to this message. Raises Unreachable for what nobody may answer, and one of FAILURES."""
    pinned = _Pinned(addresses, httpcore2.AnyIOBackend() if network is None else network)
    place = httpcore2.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target)
    headers = [
        ("host", _authority_of(url)),
        ("user-agent", "Scopekeeper"),
        ("accept-encoding", "identity"),
        ("connection", "close"),
        *message.headers,
    ]
    async with (
        aclosing(pinned),
        httpcore2.AsyncConnectionPool(context, max_connections=1, network_backend=pinned) as connections,
        connections.stream(message.method, place, headers=headers, content=message.content or None) as answer,
    ):
        if 300 <= answer.status < 400:
            raise Unreachable("a redirect")
        told = _Told(answer.headers)
        if told.first(b"content-encoding", "identity") != "identity":
            raise Unreachable("a compressed answer")  # which nobody asked for, and which may unfold without an end
        body = bytearray()
        async for chunk in answer.aiter_stream():
            body += chunk
            if len(body) > largest:
                raise Unreachable("an answer too large")
        return Fetched(answer.status, told.first(b"content-type", ""), bytes(body))


def reason_of(failed: BaseException) -> str:
    """What failed, in the words of this machine's libraries: none of what the other side has sent is repeated."""
    deepest = failed
    while (cause := deepest.__cause__ or deepest.__context__) is not None:
        deepest = cause
    for each in (deepest, failed):
        if isinstance(each, ssl.SSLCertVerificationError):
            return f"its certificate: {each.verify_message}"
        if isinstance(each, OSError) and each.strerror:
            return each.strerror
    return type(failed).__name__


class _Pinned(httpcore2.AsyncNetworkBackend):
    """Connects to the first of these addresses that takes it, whatever the host is called."""

    def __init__(self, addresses: Sequence[Address], network: httpcore2.AsyncNetworkBackend) -> None:
        self._addresses = addresses
        self._network = network
        self._connection: httpcore2.AsyncNetworkStream | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's word
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to one of the addresses. Raises ConnectError, ConnectTimeout."""
        *others, last = map(str, self._addresses)
        for address in others:
            try:
                self._connection = await self._network.connect_tcp(address, port, _EACH, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
            return self._connection
        self._connection = await self._network.connect_tcp(last, port, timeout, local_address, socket_options)
        return self._connection

    async def aclose(self) -> None:
        """Close the connection, also one that httpcore forgets: whose handshake was cut short."""
        if self._connection is not None:
            await self._connection.aclose()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class _Told:
    """The headers of an answer."""

    def __init__(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self._headers = headers

    def first(self, name: bytes, otherwise: str) -> str:
        """The first value of this name, in lower case, without parameters."""
        for key, value in self._headers:
            if key.lower() == name:
                return value.partition(b";")[0].strip().lower().decode("latin-1")
        return otherwise


def _authority_of(url: Url) -> str:
    host = f"[{url.host}]" if ":" in url.host else url.host
    return host if url.port == {"http": 80, "https": 443}[url.scheme] else f"{host}:{url.port}"
