"""Names looked up by the machine's own resolver, in threads that nobody waits for longer than they want to."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address
from threading import Thread
from typing import Final

from scopekeeper.oauth.outbound import Address

_MOST: Final = 32
"""Look-ups under way. The resolver cannot be told to stop: one that nobody waits for any more counts until it does."""


class Lookups:
    """Asks the machine: hosts file, DNS, whatever it is set up to ask.

    The threads are of its own, since a name server that never answers would hold up everybody who shares a pool; and
    they keep no process from ending.
    """

    def __init__(self) -> None:
        self._under_way = 0

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        """All addresses of this name. Raises OSError."""
        if self._under_way >= _MOST:
            raise OSError("too many names are being looked up")
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Sequence[Address]] = loop.create_future()

        def look() -> None:
            outcome: Sequence[Address] | OSError
            try:
                outcome = _addresses_of(host, port)
            except OSError as failed:
                outcome = failed
            except (UnicodeError, ValueError):
                outcome = OSError("no name that can be looked up")
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(tell, outcome)

        def tell(outcome: Sequence[Address] | OSError) -> None:
            self._under_way -= 1
            if found.done():
                return
            if isinstance(outcome, OSError):
                found.set_exception(outcome)
            else:
                found.set_result(outcome)

        self._under_way += 1
        Thread(target=look, name="look-up", daemon=True).start()
        return await found


def _addresses_of(host: str, port: int) -> Sequence[Address]:
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(place[0])) for *_, place in answers]
