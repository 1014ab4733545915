"""Which addresses the server goes to on somebody else's word. Pure.

A URL is read here once, strictly, and nobody reads it again: what was judged is what is asked for. The name in it says
nothing yet; what is judged are the addresses that it stands for, and to one of those the connection is made.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Allowed: TypeAlias = frozenset[tuple[str, int | None]]
"""Hosts that may be reached although private or by plain http, each with its port, or None for any."""

LONGEST: Final = 2_000

_URL: Final = re.compile(r"(https?)://([^/?#]*)([^?#]*)(\?[^#]*)?")
_CHARACTERS: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9\-.]{1,253})(?::([1-9][0-9]{0,4}))?")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# What ends like this is an IPv4 address to some reader: 127.1, 0x7f.1, 2130706433 (URL Standard, "ends in a number").
_NUMBER_LAST: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")

_UNICAST: Final = IPv6Network("2000::/3")
"""The part of IPv6 in which addresses are given out (RFC 4291 §2.4): all else is local, or wraps an IPv4 address."""

# IANA's registries of special-purpose addresses (RFC 6890), and what the ways from IPv6 to IPv4 are.
_CLOSED: Final[tuple[tuple[IPv4Network | IPv6Network, str], ...]] = tuple(
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a provider's customers"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "an IPv4 address in IPv6"),
        ("::/96", "an IPv4 address in IPv6"),
        ("64:ff9b::/96", "an IPv4 address behind NAT64"),
        ("64:ff9b:1::/48", "an IPv4 address behind NAT64"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
        ("2001::/32", "an IPv4 address behind Teredo"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "an IPv4 address in 6to4"),
        ("3fff::/20", "for documentation"),
    )
)


class Unreachable(ValueError):
    """Nobody goes there. The message says why; it is for the log, never for who asked."""


@dataclass(frozen=True, slots=True)
class Url:
    """An http or https URL, taken apart."""

    scheme: str
    host: str
    """A name in lower case, or an address as it is written canonically, without brackets."""
    port: int
    target: str = field(repr=False)
    """Path and query, as they were written."""
    address: Address | None
    """The host, where it is an address."""


def url_of(text: str) -> Url:
    """The URL, taken apart. Raises Unreachable for any that two readers could understand in two ways.

    So: without user information, fragment, zone id or a host of other letters than A to Z; an IPv4 address is written
    in four decimal numbers, and in no other way.
    """
    match = _URL.fullmatch(text) if len(text) <= LONGEST and _CHARACTERS.fullmatch(text) else None
    if match is None or _BAD_ESCAPE.search(text):
        raise Unreachable("no http or https URL")
    scheme, authority, path, query = match.groups()
    if "@" in authority:
        raise Unreachable("user information in the URL")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise Unreachable("a malformed host")
    host, address = _host_of(parts[1].lower())
    port = int(parts[2]) if parts[2] else {"http": 80, "https": 443}[scheme]
    if port > 65_535:
        raise Unreachable("a port beyond 65535")
    return Url(scheme, host, port, (path or "/") + (query or ""), address)


def require_scheme(url: Url, allowed: Allowed) -> None:
    """https everywhere; http where whoever runs the server allows it. Raises Unreachable."""
    if url.scheme != "https" and not is_allowed(url, allowed):
        raise Unreachable("plain http")


def judged(url: Url, addresses: Sequence[Address], allowed: Allowed) -> tuple[Address, ...]:
    """The addresses that its host stands for, none of them twice, if the server may go to every single one.

    Raises Unreachable: a name that stands for an inner address as well as for outer ones is no better than the worst.
    """
    if not addresses:
        raise Unreachable("no address")
    if not is_allowed(url, allowed):
        for address in addresses:
            if (what := closed(address)) is not None:
                raise Unreachable(f"{address} is {what}")
    return tuple(dict.fromkeys(addresses))


def closed(address: Address) -> str | None:
    """What keeps strangers' wishes away from this address, in words; None where it is one of the open Internet."""
    for network, what in _CLOSED:
        if address.version == network.version and address in network:
            return what
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return "of one link"
        if address not in _UNICAST:
            return "reserved"
    return None


def is_allowed(url: Url, allowed: Allowed) -> bool:
    """Does whoever runs the server vouch for this host, by the very name that the URL has for it?"""
    return (url.host, None) in allowed or (url.host, url.port) in allowed


def _host_of(written: str) -> tuple[str, Address | None]:
    try:
        if written.startswith("["):
            address: Address = IPv6Address(written[1:-1])
            return str(address), address
        if _NUMBER_LAST.fullmatch(written):
            address = IPv4Address(written)
            return str(address), address
    except AddressValueError:
        raise Unreachable("a malformed address") from None
    if _NAME.fullmatch(written) is None:
        raise Unreachable("a malformed host")
    return written, None
