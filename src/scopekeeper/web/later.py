"""What is made when it is first wanted: no start waits for it, and no server that is never asked for it holds it.

To import and make a room takes some tenths of a second, so that is done in a thread, where no other request waits.
"""

import asyncio
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Final, Generic, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

T = TypeVar("T")


class Once(Generic[T]):
    """Something that is made once, by whoever wants it first. They hear what `make` raises; the next one tries anew."""

    def __init__(self, make: Callable[[], T], settle: Callable[[], None] | None = None) -> None:
        """`settle` is called when it has been made, and stays."""
        self._make: Final = make
        self._settle: Final = settle
        self._made: T | None = None
        self._waiting: Final = asyncio.Lock()
        self._making: Final = Lock()

    async def __call__(self) -> T:
        """It, on the event loop: made in a thread, while others are answered."""
        if self._made is None:
            async with self._waiting:  # one thread is enough
                return await asyncio.to_thread(self.now)
        return self._made

    def now(self) -> T:
        """It, here and now."""
        with self._making:
            if self._made is None:
                self._made = self._make()
                if self._settle is not None:
                    self._settle()
            return self._made


class Later:
    """The application of this name, out of several that are made together. An ASGI application."""

    def __init__(self, made: Once[Mapping[str, ASGIApp]], name: str) -> None:
        self._made = made
        self._name = name
        self._application: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._application is None:
            self._application = (await self._made())[self._name]
        await self._application(scope, receive, send)
