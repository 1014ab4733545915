"""Where a server leaves because others go on, its connections end without cutting anybody off."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.types import Receive, Scope, Send

from scopekeeper.web.health import live
from scopekeeper.web.leaving import Leave, LeavingProtocol

REQUEST = b"GET / HTTP/1.1\r\nHost: it\r\n\r\n"
CLOSED = b"connection: close\r\n"


class Soon(LeavingProtocol):
    """It leaves sooner than in earnest."""

    linger = 0.2


class Patient(LeavingProtocol):
    """It leaves later than any test lasts."""

    linger = 600.0


@dataclass(slots=True)
class House:
    """A server whose answers wait until they are let go."""

    spoken: type[LeavingProtocol]
    state: Leave = field(default_factory=Leave)
    let: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.set()
        await self.let.wait()
        await live(scope, receive, send)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection to it."""
        config = uvicorn.Config(self, http=self.spoken, log_config=None)
        config.load()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: self.spoken(config, self.state, {}), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            yield reader, writer
        finally:
            self.let.set()
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            server.close()

    def leave(self) -> None:
        """What the server does."""
        self.state.leaving = True
        for connection in list(self.state.connections):
            connection.shutdown()


async def exchanged(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Ask; the answer."""
    writer.write(REQUEST)
    return await answered(reader)


async def answered(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        return await reader.readuntil(b"}")


async def ended(reader: asyncio.StreamReader) -> bool:
    """Does the connection end without anything more?"""
    async with asyncio.timeout(10):
        return await reader.read() == b""


async def test_an_idle_connection_gets_one_more_answer_which_says_that_it_ends() -> None:
    """RFC 9112 §9.6."""
    house = House(Patient)
    house.let.set()
    async with house.connected() as (reader, writer):
        assert CLOSED not in await exchanged(reader, writer)
        house.leave()
        assert CLOSED in await exchanged(reader, writer)
        assert await ended(reader)


async def test_a_connection_that_asks_nothing_more_ends_by_itself() -> None:
    house = House(Soon)
    house.let.set()
    async with house.connected() as (reader, writer):
        await exchanged(reader, writer)
        house.leave()
        assert await ended(reader)


async def test_what_is_under_way_is_answered_and_says_that_it_ends() -> None:
    house = House(Soon)
    async with house.connected() as (reader, writer):
        writer.write(REQUEST)
        await house.asked.wait()
        house.leave()
        await asyncio.sleep(2 * Soon.linger)
        house.let.set()
        assert CLOSED in await answered(reader)
        assert await ended(reader)


async def test_who_connects_at_the_last_moment_is_served_once() -> None:
    house = House(Patient)
    house.let.set()
    house.state.leaving = True
    async with house.connected() as (reader, writer):
        assert CLOSED in await exchanged(reader, writer)
        assert await ended(reader)


async def test_a_server_that_stops_closes_idle_connections_at_once() -> None:
    house = House(Patient)
    house.let.set()
    async with house.connected() as (reader, writer):
        await exchanged(reader, writer)
        for connection in list(house.state.connections):
            connection.shutdown()
        assert await ended(reader)
