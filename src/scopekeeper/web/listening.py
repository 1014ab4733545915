"""Where the server listens: its addresses are taken before anything else is touched, and listened on last."""

import errno
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

_WAITING: Final = 2_048
"""Connections that may wait to be accepted."""

_NOT_HERE: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

_MENDED: Final = {
    errno.EADDRINUSE: "another program listens there; take another with --port, or stop it",
    errno.EACCES: "this user may not; take a --port above 1023, and put a proxy before it",
}


class CannotListen(Exception):
    """The address cannot be had. The message says why, and how to mend it."""


@contextmanager
def bound(host: str, port: int) -> Iterator[Sequence[socket.socket]]:
    """A socket for every address of the host: bound, not listening yet, closed in the end. Raises CannotListen.

    An address that this machine does not have (`localhost` by IPv6, in a container) is no error while another is there.
    """
    with ExitStack() as stack:
        sockets: list[socket.socket] = []
        missing: OSError | None = None
        with _told():
            for family, kind, protocol, _, address in _addresses(host, port):
                try:
                    one = stack.enter_context(socket.socket(family, kind, protocol))
                    _bind(one, address)
                except OSError as failed:
                    if failed.errno not in _NOT_HERE:
                        raise
                    missing = failed
                else:
                    sockets.append(one)
            if not sockets and missing is not None:
                raise missing
        yield sockets


def listen(sockets: Iterable[socket.socket]) -> None:
    """Listen from now on. Raises CannotListen.

    Not left to the event loop: of two servers that start at once, uvloop's second would listen nowhere and not say so.
    """
    with _told():
        for one in sockets:
            one.listen(_WAITING)


def _bind(one: socket.socket, address: tuple[object, ...]) -> None:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if one.family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    one.bind(address)


def _addresses(host: str, port: int) -> Iterable[tuple[int, int, int, str, tuple[object, ...]]]:
    return dict.fromkeys(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as failed:
        raise CannotListen(_MENDED.get(failed.errno or 0, failed.strerror or str(failed))) from failed
