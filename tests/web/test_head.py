"""What a stranger may send before a request is whole has a bound, whoever parses it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from uvicorn.server import ServerState

from scopekeeper.web.head import LARGEST_HEAD, BoundedProtocol
from scopekeeper.web.health import live

_LINE = b"GET / HTTP/1.1\r\n"
_CHUNKED = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"


@asynccontextmanager
async def _connected(
    spoken: type[BoundedProtocol] = BoundedProtocol,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that says that it lives."""
    config = uvicorn.Config(live, http=spoken, log_config=None)
    config.load()
    server = await asyncio.get_running_loop().create_server(lambda: spoken(config, ServerState(), {}), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    try:
        yield reader, writer
    finally:
        writer.close()
        server.close()


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"GET /", b"a"),
        (_LINE + b"X: ", b"a"),
        (_LINE + b"X", b"a"),
        (_LINE + b"X: a\r\n", b"A: b\r\n"),
        (_CHUNKED + b"X: ", b"a"),
        (_CHUNKED + b"X: a\r\n", b"A: b\r\n"),
    ],
    ids=["a path", "a header's value", "a header's name", "many headers", "a trailer's value", "many trailers"],
)
async def test_row_32_a_head_without_end_is_refused_and_hung_up_on(begun: bytes, more: bytes) -> None:
    """RFC 6585 §5."""
    async with _connected() as (reader, writer):
        writer.write(begun)
        await writer.drain()
        await asyncio.sleep(0.01)  # a packet of its own
        writer.write((more * (LARGEST_HEAD + 1))[: LARGEST_HEAD + 1])
        answered = await asyncio.wait_for(reader.read(), 10)
        assert b"HTTP/1.1 431 " in answered
        assert answered.endswith(b"The request head is too long.")


async def test_a_body_is_none_of_the_head_however_long_it_is() -> None:
    async with _connected() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (4 * LARGEST_HEAD))
        for _ in range(4):
            await asyncio.sleep(0.001)
            writer.write(b"a" * LARGEST_HEAD)
        writer.write(_LINE + b"Connection: close\r\n\r\n")
        assert (await reader.read()).count(b"HTTP/1.1 200 ") == 2


async def test_heads_one_after_another_are_not_added_up() -> None:
    async with _connected() as (reader, writer):
        head = _LINE + b"X: " + b"a" * (LARGEST_HEAD // 2)
        for _ in range(4):
            writer.write(head)
            await asyncio.sleep(0.001)
            writer.write(b"\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            await reader.readuntil(b"}")


class _Impatient(BoundedProtocol):
    patience = 0.05


@pytest.mark.parametrize("begun", [b"", b"GET / HT", _LINE], ids=["nothing", "a line", "a head"])
async def test_who_does_not_come_to_an_end_is_hung_up_on(begun: bytes) -> None:
    """RFC 9110 §15.5.9."""
    async with _connected(_Impatient) as (reader, writer):
        writer.write(begun)
        assert (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP/1.1 408 ")


async def test_who_was_answered_and_sends_on_without_end_is_hung_up_on_without_a_second_answer() -> None:
    async with _connected(_Impatient) as (reader, writer):
        writer.write(_CHUNKED[:-5])
        answered = await asyncio.wait_for(reader.read(), 10)
        assert answered.startswith(b"HTTP/1.1 200 ")
        assert answered.count(b"HTTP/1.1") == 1


async def test_who_is_between_two_requests_is_not_waited_for() -> None:
    async with _connected(_Impatient) as (reader, writer):
        for _ in range(2):
            writer.write(_LINE + b"\r\n")
            assert b"200" in await asyncio.wait_for(reader.readuntil(b"}"), 10)
            await asyncio.sleep(3 * _Impatient.patience)
        assert not reader.at_eof()
