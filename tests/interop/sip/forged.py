"""Calls as no telephone makes them, word for word as a test has them."""

import re
import socket
from itertools import count
from typing import Final

from tests.interop.sip.kamailio import DOMAIN, Kamailio
from tests.waiting import PATIENCE

_numbers: Final = count(1)


def forged(
    server: Kamailio,
    address: str,
    callee: str,
    *,
    ident: str | None = None,
    at: str = DOMAIN,
    tag: str = "",
    more: str = "",
) -> tuple[str, int]:
    """Call from this address; with a tag as if the call were under way. Its Call-ID, and the status that ends it."""
    called = ident or f"forged-{next(_numbers)}"
    with socket.socket(type=socket.SOCK_DGRAM) as caller:
        caller.bind((address, 0))
        caller.settimeout(PATIENCE)
        here = "{}:{}".format(*caller.getsockname())
        text = (
            f"INVITE sip:{callee}@{at} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK-{next(_numbers)}\r\n{more}"
            f"From: <sip:1009@{DOMAIN}>;tag=1\r\nTo: <sip:{callee}@{DOMAIN}>{tag and f';tag={tag}'}\r\n"
            f"Call-ID: {called}\r\nCSeq: 1 INVITE\r\nContact: <sip:1009@{here}>\r\nMax-Forwards: 70\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        host, _, port = server.address.partition(":")
        caller.sendto(text.encode(), (host, int(port)))
        while True:
            answer = re.match(rb"SIP/2.0 ([2-6][0-9]{2}) ", caller.recv(65536))
            if answer:
                return called, int(answer[1])
