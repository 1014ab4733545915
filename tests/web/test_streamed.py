"""Streams over real connections: what cannot go on is cut, what nobody reads waits, and what nobody wants ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from structlog.testing import capture_logs
from uvicorn.server import ServerState

from scopekeeper.web.front import Front
from scopekeeper.web.head import BoundedProtocol
from scopekeeper.web.health import live
from scopekeeper.web.metrics import Metrics
from scopekeeper.wire.streamed import BrokenOff, Streamed

CHUNK = b"x" * 65_536
_ASKED = b"GET /list HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"

Made = Callable[[], AsyncIterator[bytes]]


@asynccontextmanager
async def asked(made: Made) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection by which this stream is asked for, through the front door."""

    async def stream(scope: object, receive: object, send: object) -> None:
        await Streamed(made())(scope, receive, send)  # type: ignore[arg-type]  # as the server gives them

    front = Front({"/list": stream}, [], live, Metrics())
    config = uvicorn.Config(front, http=BoundedProtocol, log_config=None, lifespan="off")
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: BoundedProtocol(config, ServerState(), {}), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=2**14)
    try:
        writer.write(_ASKED)
        yield reader, writer
    finally:
        writer.close()
        server.close()


async def of(chunks: int, broken: Exception | None = None) -> AsyncIterator[bytes]:
    for _ in range(chunks):
        yield CHUNK
    if broken is not None:
        raise broken


async def test_a_stream_that_is_whole_ends_with_its_last_chunk() -> None:
    async with asked(lambda: of(3)) as (reader, _):
        answer = await asyncio.wait_for(reader.read(), 10)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(b"\r\n0\r\n\r\n")
        assert answer.count(CHUNK) == 3


@pytest.mark.parametrize("broken", [BrokenOff("the token does not hold any more"), ValueError("a bug")])
async def test_a_stream_that_cannot_go_on_is_cut_and_does_not_look_whole(broken: Exception) -> None:
    with capture_logs() as logs:
        async with asked(lambda: of(3, broken)) as (reader, _):
            answer = await asyncio.wait_for(reader.read(), 10)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.count(CHUNK) == 3
    assert not answer.endswith(b"0\r\n\r\n")
    events = [each["event"] for each in logs]
    assert ("broken off" in events, "bug" in events) == (isinstance(broken, BrokenOff), isinstance(broken, ValueError))


async def test_a_stream_that_nobody_reads_is_made_no_further() -> None:
    made = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal made
        async for chunk in of(1_000):
            made += 1
            yield chunk

    async with asked(counted) as (reader, _):
        await reader.readline()
        stood = -1
        while stood != made:
            stood = made
            await asyncio.sleep(0.1)
        assert made < 500
        await asyncio.wait_for(reader.read(), 30)
        assert made == 1_000


async def test_a_stream_that_nobody_waits_for_any_more_ends() -> None:
    ended = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield CHUNK
        finally:
            ended.set()

    async with asked(endless) as (reader, writer):
        await reader.readline()
        writer.transport.abort()
        await asyncio.wait_for(ended.wait(), 10)
