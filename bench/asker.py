"""`python -m bench.asker FOLDER`: the process that asks (bench/steady.py), by itself with its clock and its memory.

It reads what it is to do from the folder, says `begun`, and when it is told to end (SIGTERM), it waits for what is
under way and writes what it heard.
"""

import asyncio
import gc
import signal
import sys
import time
from array import array
from asyncio import AbstractEventLoop
from collections import deque
from pathlib import Path
from typing import Final, cast

import msgspec
import uvloop

from bench.load import Shot
from bench.steady import ASKED, HEARD, PATIENCE, SLOW_MS, Asked, Part, Slow, Written, schedule

_TICK: Final = 0.001
"""Seconds between two looks at what is due."""


class _Source:
    """The requests of one part, ready to be sent."""

    def __init__(self, part: Part, port: int) -> None:
        self._head = "".join(f"{name}: {value}\r\n" for name, value in part.headers.items())
        self._port = port
        self._follows = f'"{part.follows}":"'.encode() if part.follows else b""
        self._requests = deque(map(self._request, part.shots))
        self._first = part.shots[0]
        self._again = self._first.body.partition(f"{part.follows}=")[0] + f"{part.follows}=" if part.follows else ""
        self.name = part.name
        self.expected = part.expected.encode()

    def next(self) -> bytes:
        """The next request. Raises IndexError where each is sent once, and all are under way."""
        if not self._follows:
            self._requests.rotate(-1)
            return self._requests[-1]
        return self._requests.popleft()

    def heard(self, body: bytes) -> bool:
        """Is it a good answer?"""
        if self.expected not in body:
            return False
        if self._follows:
            value = body.partition(self._follows)[2].partition(b'"')[0].decode()
            self._requests.append(self._request(self._first._replace(body=self._again + value)))
        return True

    def _request(self, shot: Shot) -> bytes:
        body = shot.body.encode()
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        return (
            f"{shot.method} {shot.path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{self._head}{length}\r\n".encode()
            + body
        )


class _Connection(asyncio.Protocol):
    """One connection with one request under way, or none."""

    def __init__(self, pool: "_Pool") -> None:
        self._pool = pool
        self._answer = b""
        self._transport: asyncio.Transport | None = None
        self.due: float | None = None
        self.part = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, due: float, part: int, request: bytes) -> None:
        assert self._transport is not None
        self.due, self.part = due, part
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._answer = b""
        self._pool.answered(self, head, body)

    def connection_lost(self, _: Exception | None) -> None:
        self._pool.lost(self)


def _length(head: bytes) -> int:
    found = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
    return int(found)  # whatever is asked for here has a length


class _Pool:
    """All connections, and what is due."""

    def __init__(self, asked: Asked, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._asked = asked
        self._sources = [_Source(part, asked.port) for part in asked.parts]
        self._order = schedule([part.share for part in asked.parts])
        self._turn = 0
        self._idle: deque[_Connection] = deque()
        self._open: set[_Connection] = set()
        self._due: deque[float] = deque()
        self._opening: set[asyncio.Task[None]] = set()
        self._at, self._ms, self._part = array("d"), array("d"), array("B")
        self._slow: list[Slow] = []
        self._errors = 0
        self._first_error = ""
        self._began = self._began_at = 0.0
        self._ending = False

    async def run(self, end: asyncio.Event) -> None:
        for _ in range(self._asked.connections):
            await self._connect()
        self._began, self._began_at = time.perf_counter(), time.time()
        print("begun", flush=True)
        if self._asked.rate is None:
            for _ in range(len(self._idle)):
                self._begin(0.0)
        sent = 0
        while not end.is_set():
            now = time.perf_counter() - self._began
            while self._asked.rate is not None and sent / self._asked.rate <= now:
                self._begin(sent / self._asked.rate)
                sent += 1
            await asyncio.sleep(_TICK)
        self._ending = True
        deadline = time.perf_counter() + PATIENCE
        while self._due or any(each.due is not None for each in self._open):
            if time.perf_counter() > deadline:
                break
            await asyncio.sleep(_TICK)
        for _ in self._due:
            self._failed("it was never sent")
        for each in self._open:
            if each.due is not None:
                self._failed("it was never answered")

    def written(self) -> Written:
        return Written(
            self._began_at,
            [source.name for source in self._sources],
            self._at.tobytes(),
            self._ms.tobytes(),
            self._part.tobytes(),
            self._slow,
            self._errors,
            self._first_error,
        )

    def answered(self, connection: _Connection, head: bytes, body: bytes) -> None:
        now, due = time.perf_counter() - self._began, connection.due
        if due is None:
            return  # nobody asked: the server says that it closes what has been idle
        connection.due = None
        self._at.append(due)
        self._ms.append((now - due) * 1_000)
        self._part.append(connection.part)
        source = self._sources[connection.part]
        if not head.startswith(b"HTTP/1.1 2") or not source.heard(body):
            self._failed((head.partition(b"\r\n")[0] + b" " + body[:200]).decode(errors="replace"))
        if (now - due) * 1_000 >= SLOW_MS:
            name = head.partition(b"x-request-id: ")[2].partition(b"\r\n")[0].decode(errors="replace")
            self._slow.append(Slow(self._began_at + due, (now - due) * 1_000, source.name, name))
        self._idle.append(connection)
        if self._due:
            self._ask(self._due.popleft())
        elif self._asked.rate is None and not self._ending:
            self._ask(now)

    def lost(self, connection: _Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if connection.due is not None:
            self._failed("the connection was lost")
        if not self._ending:
            task = self._loop.create_task(self._connect())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def _begin(self, due: float) -> None:
        if self._idle:
            self._ask(due)
        else:
            self._due.append(due)

    def _ask(self, due: float) -> None:
        part = self._order[self._turn % len(self._order)]
        self._turn += 1
        try:
            request = self._sources[part].next()
        except IndexError:
            self._failed(f"{self._sources[part].name}: nothing is left to be sent")
            return
        self._idle.popleft().ask(due, part, request)  # in turn, so that none is idle until the server closes it

    async def _connect(self) -> None:
        try:
            _, connection = await self._loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._asked.port)
        except OSError as refused:
            self._failed(f"no connection: {refused}")
            return
        self._open.add(connection)
        self._idle.append(connection)
        if self._due:
            self._ask(self._due.popleft())

    def _failed(self, why: str) -> None:
        self._errors += 1
        self._first_error = self._first_error or why


async def _asked(folder: Path) -> None:
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, end.set)
    pool = _Pool(msgspec.json.decode((folder / ASKED).read_bytes(), type=Asked), loop)
    gc.disable()  # nothing here goes in circles, and a collection would be taken for the server's doing
    await pool.run(end)
    (folder / HEARD).write_bytes(msgspec.msgpack.encode(pool.written()))


if __name__ == "__main__":
    uvloop.run(_asked(Path(sys.argv[1])))
