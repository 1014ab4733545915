"""A line between a store and PostgreSQL that a test has in its hands: it can be deaf to LISTEN, or dead."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from scopekeeper.settings import PostgresDatabase
from tests.live import free_port

_SOCKET = ".s.PGSQL.5432"


@dataclass(slots=True)
class Line:
    """Carries what clients and the server say to each other."""

    database: PostgresDatabase
    """Where it begins."""
    ends_at: str
    """The server's socket."""
    deaf: bool = False
    """Does the server say that it knows no LISTEN? One letter is wrong when it gets there."""
    dead: bool = False
    """Does whatever is sent get lost?"""
    asked: list[bytes] = field(default_factory=list)
    """Every piece that clients sent."""

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its beginning to its end."""
        back, forth = await asyncio.open_unix_connection(self.ends_at)
        tasks = [
            asyncio.create_task(self._pass_on(reader, forth, there=True)),
            asyncio.create_task(self._pass_on(back, writer, there=False)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task, end in zip(tasks, (forth, writer), strict=True):
                task.cancel()
                end.transport.abort()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, there: bool) -> None:
        while said := await reader.read(65_536):
            if there:
                self.asked.append(said)
                said = said.replace(b"LISTEN ", b"LISTEM ") if self.deaf else said
            if not self.dead:
                writer.write(said)
                await writer.drain()


@contextmanager
def between(database: PostgresDatabase) -> Iterator[Line]:
    """A line to this database, which is open until the context ends."""
    at = urlsplit(database.url)
    port = free_port()
    url = f"postgresql://{at.username}@127.0.0.1:{port}{at.path}"
    line = Line(PostgresDatabase(url), f"{parse_qs(at.query)['host'][0]}/{_SOCKET}")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    beginning = asyncio.start_server(line.carry, "127.0.0.1", port)
    server = asyncio.run_coroutine_threadsafe(beginning, loop).result()
    try:
        yield line
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _ended(server: asyncio.Server) -> None:
    server.close()
    carried = [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]
    for each in carried:
        each.cancel()
    await asyncio.gather(*carried, return_exceptions=True)
