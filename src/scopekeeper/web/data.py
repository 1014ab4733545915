"""`/account/data`: all that is kept about me, to take away. Only for who has just signed in."""

from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from scopekeeper.oauth.people import User
from scopekeeper.pages.endpoint import Form
from scopekeeper.pages.onward import anew
from scopekeeper.pages.page import Pages
from scopekeeper.pages.visit import Stay, Visit
from scopekeeper.sdk import Problem
from scopekeeper.services.ports import Unavailable
from scopekeeper.web.fresh import Proving, is_fresh
from scopekeeper.wire import Reply
from scopekeeper.wire.reply import Headers
from scopekeeper.wire.streamed import BrokenOff, Streamed

PATH: Final = "/account/data"

_CHUNK: Final = 16 * 1024
"""Bytes that are sent at once, about."""

_HEADERS: Final[Headers] = (
    (b"content-type", b"application/json"),
    (b"content-disposition", b'attachment; filename="account.json"'),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)

_encode: Final = msgspec.json.Encoder().encode


class Kept(Protocol):
    """What is kept about people."""

    def of(self, user: User, address: str | None) -> Awaitable[Mapping[str, object]]:
        """All of it, in sections. What is an asynchronous iterator in it is read as it is taken."""
        ...


@dataclass(frozen=True, slots=True)
class DataPage:
    """Says what there is, and gives it."""

    pages: Pages
    proving: Proving
    kept: Kept

    async def __call__(self, visit: Visit, stay: Stay, form: Form | None) -> Reply | Streamed:
        fresh = await is_fresh(self.proving, stay)
        if form is None or not fresh:
            facts = {"user": stay.user, "fresh": fresh, "anew": anew(PATH), "refused": form is not None}
            return self.pages(visit, "data.html", facts, 200 if form is None else 403)
        return Streamed(_gathered(_written(await self.kept.of(stay.user, visit.address))), _HEADERS)


async def _written(value: object) -> AsyncIterator[bytes]:
    """The value as JSON, an item a line."""
    if isinstance(value, AsyncIterator):
        before = b"[\n"
        async for each in value:
            yield before + _encode(each)
            before = b",\n"
        yield b"\n]" if before == b",\n" else b"[]"
    elif isinstance(value, Mapping):
        before = b"{"
        for name, each in value.items():
            yield b"%b\n%b: " % (before, _encode(name))
            async for chunk in _written(each):
                yield chunk
            before = b","
        yield b"}" if before == b"," else b"{}"
    else:
        yield _encode(value)


async def _gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same in larger pieces. Raises BrokenOff where it cannot go on."""
    waiting = bytearray()
    try:
        async for piece in pieces:
            waiting += piece
            if len(waiting) >= _CHUNK:
                yield bytes(waiting)
                waiting.clear()
    except (Problem, Unavailable) as wrong:
        raise BrokenOff(str(wrong)) from wrong
    yield bytes(waiting)
