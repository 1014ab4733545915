"""Which addresses the server goes to on somebody else's word. Row 39 of docs/security.md."""

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from scopekeeper.oauth.outbound import Address, Unreachable, closed, is_allowed, judged, require_scheme, url_of

NOBODY: frozenset[tuple[str, int | None]] = frozenset()
PUBLIC = ip_address("93.184.215.14")
V4 = st.ip_addresses(v=4)
V6 = st.ip_addresses(v=6)


@pytest.mark.parametrize(
    ("addresses", "what"),
    [
        ("0.0.0.0 0.1.2.3 ::", "unspecified"),
        ("10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 fc00::1 fdff::1 fec0::1", "private"),
        ("100.64.0.1 100.127.255.255", "shared"),
        ("127.0.0.1 127.255.255.254 ::1", "loopback"),
        ("169.254.169.254 fe80::1 febf::1", "link-local"),
        ("224.0.0.1 239.255.255.250 ff02::1 ff0e::1", "multicast"),
        ("192.0.0.170 240.0.0.1 255.255.255.255 100::1 5f00::1 8000::1 4000::1 2001:4:112::1", "reserved"),
        ("198.18.0.1 198.19.255.255", "benchmarks"),
        ("192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1", "documentation"),
        ("::ffff:127.0.0.1 ::ffff:93.184.215.14 ::127.0.0.1 ::93.184.215.14", "IPv4 address in IPv6"),
        ("64:ff9b::127.0.0.1 64:ff9b::93.184.215.14 64:ff9b:1::a00:1", "NAT64"),
        ("2002:7f00:1:: 2002:5db8:d70e::1 192.88.99.1", "6to4"),
        ("2001::1 2001:0:ffff::1", "Teredo"),
    ],
)
def test_row_39_what_is_no_public_address_is_closed_and_called_by_its_name(addresses: str, what: str) -> None:
    for address in map(ip_address, addresses.split()):
        assert what in str(closed(address)), address


def test_what_lies_beside_the_closed_networks_is_open() -> None:
    """RFC 4291 §2.4: of IPv6, what lies in 2000::/3."""
    beside = "1.1.1.1 93.184.215.14 172.15.0.1 172.32.0.1 100.63.255.255 100.128.0.1 223.255.255.255 9.255.255.255"
    for address in map(ip_address, f"{beside} 2606:4700::1111 2001:200::1 2a00::1 2003::1".split()):
        assert closed(address) is None, address


@given(V4 | V6)
@example(ip_address("2001:db8::1"))
def test_row_39_nothing_is_open_that_the_standard_library_calls_special(address: Address) -> None:
    """RFC 6890. `is_global` is no such list: it has multicast, and what wraps an IPv4 address."""
    if closed(address) is not None:
        return
    assert address.is_global
    for special in ("is_private", "is_loopback", "is_link_local", "is_multicast", "is_reserved", "is_unspecified"):
        assert not getattr(address, special)
    if isinstance(address, IPv6Address):
        assert (address.ipv4_mapped, address.sixtofour, address.teredo) == (None, None, None)


@given(V4)
def test_row_39_no_closed_ipv4_address_is_reached_by_way_of_ipv6(inner: IPv4Address) -> None:
    """IPv4-mapped, IPv4-compatible, NAT64, 6to4, Teredo."""
    number = int(inner)
    for outer in (
        0xFFFF << 32 | number,
        number,
        0x64FF9B << 96 | number,
        0x64FF9B0001 << 80 | number,
        0x2002 << 112 | number << 80 | 1,
        0x20010000 << 96 | number ^ 0xFFFFFFFF,
    ):
        assert closed(IPv6Address(outer)) is not None, IPv6Address(outer)


def other_spellings(address: IPv4Address) -> list[str]:
    """What `inet_aton` reads as this address, and nobody should write."""
    a, b, c, d = address.packed
    number = int(address)
    low = number & 0xFFFFFF
    return [
        f"{number}",
        f"0{number:o}",
        f"0x{number:x}",
        f"0X{number:X}",
        f"{a}.{low}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a}.{b}.{c}.0x{d:x}",
        f"{a}.{b}.{c}.{d:04o}",
        f"0x{a:x}.{low}",
        f"00000000{a:o}.{b}.{c}.{d}",
    ]


@given(V4, st.sampled_from(["https", "http"]), st.sampled_from(["", ":443", ":8080"]))
@example(IPv4Address("127.0.0.1"), "https", "")
@example(IPv4Address("0.0.0.0"), "https", "")
@example(IPv4Address("8.8.8.8"), "https", "")
def test_row_39_an_ipv4_address_is_written_in_one_way(address: IPv4Address, scheme: str, port: str) -> None:
    """Decimal, octal, hexadecimal and short forms are refused, whatever address they stand for."""
    url = url_of(f"{scheme}://{address}{port}/x")
    assert (url.host, url.address) == (str(address), address)
    for spelling in other_spellings(address):
        assert socket.inet_aton(spelling) == address.packed, "the test knows what it writes"
        if spelling == str(address):
            continue
        with pytest.raises(Unreachable):
            url_of(f"{scheme}://{spelling}{port}/x")
        with pytest.raises(Unreachable):
            url_of(f"{scheme}://{spelling}.{port}/x")


@given(V6)
def test_row_39_every_spelling_of_an_ipv6_address_is_the_same_address(address: IPv6Address) -> None:
    low = IPv4Address(int(address) & 0xFFFFFFFF)
    first = ":".join(address.exploded.split(":")[:6])
    for spelling in (str(address), address.exploded, address.exploded.upper(), f"{first}:{low}"):
        url = url_of(f"https://[{spelling}]:8443/")
        assert (url.address, url.host, url.port) == (address, str(address), 8443)
        if closed(address) is not None:
            with pytest.raises(Unreachable):
                judged(url, (address,), NOBODY)


@given(st.text(st.sampled_from("0123456789abcdefxX.:[]%@/?#\\ -_~&=éａ。\t\n"), max_size=40))
@example("127.0.0.1")
@example("[::1]")
def test_what_is_read_as_a_url_is_one_that_nobody_can_read_otherwise(rest: str) -> None:
    """Whoever reads it again (a resolver, TLS, the other server) finds the same host, port and target."""
    with suppress(Unreachable):
        url = url_of(f"https://{rest}")
        host = f"[{url.host}]" if ":" in url.host else url.host
        again = url_of(f"https://{host}:{url.port}{url.target}")
        assert again == url
        assert rest.isascii()
        assume(url.address is None)
        with pytest.raises(OSError):
            socket.inet_aton(url.host)


@pytest.mark.parametrize(
    "text",
    [
        "", "https://", "https:///x", "//a.example/", "a.example", "ftp://a.example/", "file:///etc/passwd",
        "HTTPS://a.example/", "https:a.example", "gopher://a.example/", "https://user@a.example/",
        "https://u:p@a.example/", "https://a.example@127.0.0.1/", "https://a.example#@127.0.0.1/",
        "https://a.example/#", "https://a.example\\@127.0.0.1/", "https://a.example:443:80/", "https://a.example:/",
        "https://a.example:0/", "https://a.example:65536/", "https://a.example:080/", "https://a.example:4 43/",
        "https://[::1", "https://[::1]x/", "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[v1.a]/",
        "https://::1/", "https://a..example/", "https://.a.example/", "https://a.example./", "https://-a.example/",
        "https://a_b.example/", "https://é.example/", "https://\uff11\uff12\uff17.0.0.1/", "https://127。0。0。1/",
        "https://127.0.0.1%00.a.example/", "https://%31%32%37.0.0.1/", "https://a.example/\r\nHost: b",
        "https://a.example/ x", "https://a.example/%zz", "https://a.example/\0", "https://a.example\t/",
        "https://1.2.3.4.5/", "https://256.1.1.1/", "https://a.0x7f/", f"https://a.example/{'a' * 2_000}",
        f"https://{'a' * 64}.example/",
    ],
)  # fmt: skip
def test_row_39_a_url_that_two_could_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(Unreachable):
        url_of(text)


def test_a_url_is_taken_apart_once() -> None:
    url = url_of("https://App.Example:8443/a/../b?c=d@e")
    assert (url.scheme, url.host, url.port, url.target) == ("https", "app.example", 8443, "/a/../b?c=d@e")
    assert (url_of("https://a.example").target, url_of("http://a.example?q").target) == ("/", "/?q")
    assert (url_of("https://a.example").port, url_of("http://a.example").port) == (443, 80)


def test_a_url_that_is_printed_shows_neither_path_nor_query() -> None:
    assert "secret" not in repr(url_of("https://a.example/secret?code=secret"))


def test_row_39_a_name_is_as_good_as_the_worst_address_that_it_stands_for() -> None:
    url = url_of("https://a.example/")
    assert judged(url, (PUBLIC, PUBLIC), NOBODY) == (PUBLIC,)
    for inner in ("127.0.0.1", "10.0.0.1", "::1", "fe80::1%eth0", "2606:4700::1%eth0"):
        for found in ((ip_address(inner),), (PUBLIC, ip_address(inner)), (ip_address(inner), PUBLIC)):
            with pytest.raises(Unreachable):
                judged(url, found, NOBODY)
    with pytest.raises(Unreachable, match="no address"):
        judged(url, (), NOBODY)


def test_row_39_plain_http_is_for_hosts_that_are_allowed() -> None:
    url = url_of("http://app.internal:8080/")
    with pytest.raises(Unreachable, match="plain http"):
        require_scheme(url, NOBODY)
    require_scheme(url, frozenset({("app.internal", None)}))
    require_scheme(url_of("https://app.internal/"), NOBODY)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("http://app.internal/", True),
        ("https://APP.internal:9000/", True),
        ("https://10.0.0.1:8443/", True),
        ("https://[0:0::1]:9/", True),
        ("https://10.0.0.1/", False),
        ("https://10.0.0.1:8444/", False),
        ("https://app.internal.evil.example/", False),
        ("https://evil.app.internal/", False),
    ],
)
def test_what_is_allowed_is_the_host_that_the_url_names_and_its_port(text: str, allowed: bool) -> None:
    """A name of somebody else's that stands for an allowed address is not allowed."""
    places = frozenset({("app.internal", None), ("10.0.0.1", 8443), ("::1", 9)})
    assert is_allowed(url_of(text), places) is allowed
    with pytest.raises(Unreachable):
        judged(url_of("https://evil.example:8443/"), (ip_address("10.0.0.1"),), places)


def test_an_allowed_host_may_be_anywhere() -> None:
    url, inner = url_of("http://app.internal/"), ip_address("10.0.0.1")
    assert judged(url, (inner, PUBLIC), frozenset({("app.internal", 80)})) == (inner, PUBLIC)
