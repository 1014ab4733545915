"""What a worker and the one who looks after it tell each other, over a pair of sockets that nobody else holds.

A worker tells in lines of JSON how its start went. It is told in single bytes what to do. Either hears the end of the
other at once, however that came about, because the system closes the sockets of whoever ends.
"""

import socket
from contextlib import suppress
from enum import Enum
from typing import Final

import msgspec


class Ready(msgspec.Struct, tag="ready", frozen=True):
    """It serves."""

    setup: str | None
    """The link for the first administrator, if it made one."""


class Refused(msgspec.Struct, tag="refused", frozen=True):
    """It cannot open the house."""

    reason: str
    database: bool
    """Is it the database, or the master key, that is not what it must be?"""


class Alive(msgspec.Struct, tag="alive", frozen=True):
    """Its event loop turns. Told again and again where a service manager watches."""


Told = Ready | Refused | Alive


class Order(Enum):
    """What a worker is told to do."""

    STOP = b"s"
    """Finish what is under way, then end."""
    LEAVE = b"l"
    """The same; but others go on at this address, so nobody is to notice."""
    HURRY = b"h"
    """End now, whatever is under way."""


_encode: Final = msgspec.json.Encoder().encode
_decode: Final[msgspec.json.Decoder[Told]] = msgspec.json.Decoder(Told)

_AT_ONCE: Final = 65_536


def tell(channel: socket.socket, told: Told) -> None:
    """Tell the one who looks after the workers; if that one has ended nobody need know."""
    with suppress(OSError):
        channel.sendall(_encode(told) + b"\n")


def order(channel: socket.socket, what: Order) -> None:
    """Tell a worker what to do; if it has ended it need not."""
    with suppress(OSError):
        channel.send(what.value)


class Ear:
    """Hears what comes from a worker. The socket must not block."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel: Final = channel
        self.open = True
        """May more come? Not once the worker has ended."""
        self._begun = b""

    def heard(self) -> list[Told]:
        """What the worker has told since."""
        while self.open:
            try:
                came = self.channel.recv(_AT_ONCE)
            except BlockingIOError:
                break
            except OSError:
                came = b""
            self.open = bool(came)
            self._begun += came
        *lines, self._begun = self._begun.split(b"\n")
        return [_decode.decode(line) for line in lines]
