"""The guarded client, which fetches on somebody else's word: over real sockets. Row 39 of docs/security.md.

What is refused is refused before a connection is made; what comes back is bounded; and nobody learns why it failed.
"""

import asyncio
import gzip
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from scopekeeper.oauth.outbound import Address
from scopekeeper.services.outbound import Fetched, NotFetched, Nowhere, json_at
from scopekeeper.wire.outbound import Outbound
from scopekeeper.wire.outbound import lookups as looking
from scopekeeper.wire.outbound.lookups import Lookups
from scopekeeper.wire.outbound.trust import trust_of_the_machine
from tests.outside import OTHER, PUBLIC, Answering, Authority, Internet, Names, Served, answered, serving

LONG = 20.0
"""Seconds within which anything has to have come to its end here, however busy the machine is."""
MUCH = 64 * 1_048_576
"""Bytes after which what is endless ends here: nobody has taken so many."""
NAME = "app.example"
URL = f"https://{NAME}/document?secret=s3cret"


async def refused(client: Outbound, url: str) -> str:
    """It is not fetched; what the log says of the reason."""
    with capture_logs() as logged, pytest.raises(NotFetched):
        async with asyncio.timeout(LONG):
            await client.get(url, accept="application/json")
    (line,) = logged
    assert (line["log_level"], line["event"]) == ("info", "not fetched")
    return str(line["reason"])


async def got(client: Outbound, url: str) -> Fetched:
    async with asyncio.timeout(LONG):
        return await client.get(url, accept="application/json")


@asynccontextmanager
async def a_site(
    folder: Path, answer: Answering | None = None, *names: str, age: timedelta = timedelta(0), **options: Any
) -> AsyncIterator[tuple[Outbound, Served, Internet, Names]]:
    """app.example on the Internet, with a certificate for `names`, and a client that believes who made it."""
    authority = Authority(folder)
    async with serving(answer or answered(), authority.server(*(names or (NAME,)), age=age)) as served:
        internet = Internet({PUBLIC: served.port, OTHER: served.port})
        known = Names(app_example=options.pop("addresses", [PUBLIC]))
        options = {"trust": authority.trust, "lookup": known, "network": internet, **options}
        yield Outbound(**options), served, internet, known


# What is fetched


async def test_a_document_is_fetched_from_the_address_that_was_judged(tmp_path: Path) -> None:
    async with a_site(tmp_path, answered(b'["x"]', type="Application/JSON; charset=utf-8")) as (
        client,
        served,
        web,
        names,
    ):
        fetched = await got(client, URL)
        assert fetched == Fetched(200, "application/json", b'["x"]')
        assert (web.connected, names.asked) == ([(PUBLIC, 443)], [NAME])
        head = served.asked[0].decode().lower().split("\r\n")
        assert head[0] == "get /document?secret=s3cret http/1.1"
        assert set(head[1:-2]) == {
            f"host: {NAME}",
            "user-agent: scopekeeper",
            "accept: application/json",
            "accept-encoding: identity",
            "connection: close",
        }


async def test_a_form_is_posted(tmp_path: Path) -> None:
    async with a_site(tmp_path, answered(b"", "204 No Content")) as (client, served, _, _):
        fetched = await client.post(f"https://{NAME}:8443/logout", {"logout_token": "a.b c&d", "é": "1"})
        assert fetched.status == 204
        head, _, body = served.asked[0].partition(b"\r\n\r\n")
        assert body == b"logout_token=a.b+c%26d&%C3%A9=1"
        assert head.startswith(b"POST /logout HTTP/1.1\r\n")
        assert b"content-type: application/x-www-form-urlencoded" in head.lower()
        assert b"host: app.example:8443\r\n" in head.lower()


async def test_any_port_may_be_named(tmp_path: Path) -> None:
    async with a_site(tmp_path) as (client, _, web, _):
        await got(client, f"https://{NAME}:8443/")
        assert web.connected == [(PUBLIC, 8443)]


@pytest.mark.parametrize("address", [PUBLIC, OTHER])
async def test_a_public_address_may_stand_for_itself(tmp_path: Path, address: str) -> None:
    async with a_site(tmp_path, None, PUBLIC, OTHER) as (client, served, web, names):
        host = f"[{address}]" if ":" in address else address
        await got(client, f"https://{host}/")
        assert (web.connected, names.asked) == ([(address, 443)], [])
        assert f"host: {host}\r\n".encode() in served.asked[0].lower()


async def test_the_next_address_is_tried_where_nobody_is_at_the_first(tmp_path: Path) -> None:
    async with a_site(tmp_path, addresses=[["93.184.215.1", OTHER, PUBLIC]]) as (client, served, web, _):
        await got(client, URL)
        assert web.connected == [("93.184.215.1", 443), (OTHER, 443)]
        assert len(served.asked) == 1


async def test_statuses_are_told_to_whoever_asked(tmp_path: Path) -> None:
    async with a_site(tmp_path, answered(b"", "400 Bad Request")) as (client, _, _, _):
        assert (await got(client, URL)).status == 400


# Where it does not go


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("127.0.0.1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.0.1", "private"),
        ("169.254.169.254", "link-local"),
        ("100.100.100.200", "shared"),
        ("0.0.0.0", "unspecified"),
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("fe80::1", "link-local"),
        ("fd00::1", "private"),
        ("ff02::1", "multicast"),
        ("::ffff:127.0.0.1", "IPv4 address in IPv6"),
        ("::127.0.0.1", "IPv4 address in IPv6"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("64:ff9b:1::7f00:1", "NAT64"),
        ("2002:7f00:1::1", "6to4"),
        ("2001:0:7f00:1::1", "Teredo"),
    ],
)
async def test_row_39_no_inner_address_is_connected_to(tmp_path: Path, address: str, what: str) -> None:
    """As it stands in the URL, behind a name, or behind a name that has a public one besides."""
    host = f"[{address}]" if ":" in address else address
    for addresses, url in (
        ([PUBLIC], f"https://{host}/"),
        ([address], URL),
        ([[PUBLIC, address]], URL),
        ([[address, PUBLIC]], URL),
    ):
        async with a_site(tmp_path, addresses=addresses) as (client, served, web, _):
            assert what in await refused(client, url)
            assert (web.connected, served.asked) == ([], [])


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.1", "127.0.0.1.", "0",
             "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[fe80::1%25lo]", "localhost.", "%31%32%37.0.0.1",
             "user@app.example", "user:secret@app.example", "app.example@127.0.0.1", "app.example:99999"],
)  # fmt: skip
async def test_row_39_no_spelling_leads_astray(tmp_path: Path, host: str) -> None:
    async with a_site(tmp_path) as (client, _, web, names):
        await refused(client, f"https://{host}/")
        assert (web.connected, names.asked) == ([], [])


async def test_row_39_an_answer_of_the_name_server_that_changes_changes_nothing(tmp_path: Path) -> None:
    """DNS rebinding: the name is looked up once, and what was judged is what is connected to."""
    async with a_site(tmp_path, addresses=[[PUBLIC], ["127.0.0.1"]]) as (client, _, web, names):
        await got(client, URL)
        assert (web.connected, names.asked) == ([(PUBLIC, 443)], [NAME])
        assert await refused(client, URL) == "127.0.0.1 is loopback"
        assert web.connected == [(PUBLIC, 443)]


async def test_row_39_plain_http_is_not_spoken(tmp_path: Path) -> None:
    async with a_site(tmp_path) as (client, _, web, names):
        assert await refused(client, f"http://{NAME}/") == "plain http"
        assert await refused(client, f"http://{NAME}:443/") == "plain http"
        assert (web.connected, names.asked) == ([], [])


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_row_39_no_redirect_is_followed(tmp_path: Path, status: str) -> None:
    for target in ("https://127.0.0.1/", "http://app.example/", "/elsewhere", "https://other.example/"):
        async with a_site(tmp_path, answered(b"", status, f"location: {target}")) as (client, served, web, names):
            assert await refused(client, URL) == "a redirect"
            assert (len(served.asked), web.connected, names.asked) == (1, [(PUBLIC, 443)], [NAME])


async def test_a_name_that_nobody_knows_is_not_fetched(tmp_path: Path) -> None:
    async with a_site(tmp_path, addresses=[[]]) as (client, _, _, _):
        await refused(client, "https://unknown.example/")
        assert await refused(client, URL) == "no address"


# To whom it speaks


@pytest.mark.parametrize("names", [("other.example",), ("*.example.com", "www.app.example"), (PUBLIC,)])
async def test_row_39_the_certificate_has_to_be_of_the_name_in_the_url(tmp_path: Path, names: Sequence[str]) -> None:
    """RFC 9525: though the connection is made to an address."""
    async with a_site(tmp_path, None, *names) as (client, served, _, _):
        assert "certificate" in await refused(client, URL)
        assert served.asked == []


async def test_row_39_a_certificate_that_has_run_out_is_none(tmp_path: Path) -> None:
    async with a_site(tmp_path, age=timedelta(days=3)) as (client, served, _, _):
        assert "expired" in await refused(client, URL)
        assert served.asked == []


async def test_row_39_who_speaks_no_tls_is_not_spoken_to(tmp_path: Path) -> None:
    async with serving(answered()) as served:
        web = Internet({PUBLIC: served.port})
        names, trust = Names(app_example=[PUBLIC]), Authority(tmp_path).trust
        await refused(Outbound(lookup=names, network=web, trust=trust, longest=0.5), URL)
        assert served.asked == []


async def test_row_39_the_environment_names_no_authority_and_no_log_of_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_site(tmp_path, trust=trust_of_the_machine) as (client, served, _, _):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
        assert "certificate" in await refused(client, URL)
        assert served.asked == []
        assert not (tmp_path / "keys.log").exists()


async def test_row_39_the_environment_names_no_proxy_and_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text(f"machine {NAME} login alice password s3cret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    async with serving(answered()) as proxy, a_site(tmp_path) as (client, served, web, _):
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        await got(client, URL)
        assert (proxy.asked, web.connected) == ([], [(PUBLIC, 443)])
        assert b"authorization" not in served.asked[0].lower()


async def test_row_39_nothing_is_kept_from_one_fetch_to_the_next(tmp_path: Path) -> None:
    """No cookie, and no connection."""
    async with a_site(tmp_path, answered(b"{}", "200 OK", "set-cookie: a=b; Path=/", "connection: keep-alive")) as (
        client,
        served,
        web,
        _,
    ):
        for _ in range(3):
            await got(client, URL)
        assert len(web.connected) == 3
        assert not any(b"cookie" in asked.lower() for asked in served.asked)


# How much, and for how long


async def dripping(request: bytes, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, so that no wait for the next one is long."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def dripping_head(request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n"[:1])
        await writer.drain()
        await asyncio.sleep(0.02)


async def informing(request: bytes, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silent(request: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3_600)


@pytest.mark.parametrize("answer", [dripping, dripping_head, informing, silent])
async def test_row_39_the_whole_of_it_has_an_end_in_time(tmp_path: Path, answer: Answering) -> None:
    async with a_site(tmp_path, answer, longest=0.5) as (client, _, _, _):
        began = time.monotonic()
        assert await refused(client, URL) == "time is up"
        assert time.monotonic() - began >= 0.5


async def test_row_39_a_name_server_that_never_answers_has_an_end_too(tmp_path: Path) -> None:
    async def never(host: str, port: int) -> Sequence[Address]:
        await asyncio.sleep(3_600)
        return []

    async with a_site(tmp_path, lookup=never, longest=0.2) as (client, _, _, _):
        assert await refused(client, URL) == "time is up"


async def test_row_39_who_takes_the_connection_and_says_nothing_has_an_end_too(tmp_path: Path) -> None:
    """In the middle of the handshake."""
    async with serving(silent) as served:
        web = Internet({PUBLIC: served.port})
        client = Outbound(lookup=Names(app_example=[PUBLIC]), network=web, trust=Authority(tmp_path).trust, longest=0.3)
        assert await refused(client, URL) == "time is up"
        async with asyncio.timeout(LONG):
            await served.left.wait()


@pytest.mark.parametrize("length", [b"", b"content-length: 10000000000\r\n", b"transfer-encoding: chunked\r\n"])
async def test_row_39_an_endless_answer_is_cut(tmp_path: Path, length: bytes) -> None:
    sent = 0

    async def endless(request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + length + b"\r\n")
        while sent < MUCH and not writer.is_closing():
            writer.write(b"2000\r\n" + b" " * 8_192 + b"\r\n")
            await writer.drain()
            sent += 8_192

    async with a_site(tmp_path, endless, longest=LONG) as (client, _, _, _):
        assert await refused(client, URL) == "an answer too large"
    assert sent < MUCH, "the buffers on the way take some of it"


@pytest.mark.parametrize(("size", "fits"), [(65_536, True), (65_537, False)])
async def test_row_39_an_answer_has_64_kilobytes_at_most(tmp_path: Path, size: int, fits: bool) -> None:
    async with a_site(tmp_path, answered(b" " * size)) as (client, _, _, _):
        if fits:
            assert len((await got(client, URL)).body) == size
        else:
            assert await refused(client, URL) == "an answer too large"


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "x-gzip", "identity, gzip"])
async def test_row_39_nothing_is_unpacked(tmp_path: Path, encoding: str) -> None:
    """Ten megabytes of nothing are ten kilobytes on the way."""
    bomb = gzip.compress(bytes(10_000_000))
    async with a_site(tmp_path, answered(bomb, "200 OK", f"content-encoding: {encoding}")) as (client, _, _, _):
        assert await refused(client, URL) == "a compressed answer"


async def test_row_39_nothing_is_unpacked_on_the_way_either(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    answer = answered(bomb, "200 OK", "transfer-encoding: gzip, chunked")
    async with a_site(tmp_path, answer) as (client, _, _, _):
        await refused(client, URL)


async def test_row_39_a_head_without_an_end_is_cut(tmp_path: Path) -> None:
    async def heads(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(MUCH // 8_000):
            writer.write(b"x-filler: " + b"x" * 8_000 + b"\r\n")
            await writer.drain()

    async with a_site(tmp_path, heads, longest=LONG) as (client, _, _, _):
        assert await refused(client, URL) != "time is up"


async def test_row_39_so_many_at_once_and_no_more(tmp_path: Path) -> None:
    """Whoever finds no place waits, and not for ever."""
    go_on = asyncio.Event()

    async def held(request: bytes, writer: asyncio.StreamWriter) -> None:
        await go_on.wait()
        await answered()(request, writer)

    async with a_site(tmp_path, held, longest=LONG, at_once=2) as (client, served, _, _):
        fetches = [asyncio.create_task(got(client, URL)) for _ in range(5)]
        await asyncio.sleep(0.3)
        go_on.set()
        assert [each.status for each in await asyncio.gather(*fetches)] == [200] * 5
        assert served.most_at_once == 2


async def test_row_39_who_waits_for_a_place_waits_no_longer_than_a_fetch_takes(tmp_path: Path) -> None:
    async with a_site(tmp_path, silent, longest=1.5, at_once=1) as (client, _, _, _):
        began = time.monotonic()
        texts = await asyncio.gather(*(told(client, URL) for _ in range(4)))
        assert len(texts) == 4
        assert time.monotonic() - began < 4 * 1.5, "one after the other they would take that long"


async def told(client: Outbound, url: str) -> str:
    """What whoever asked is told of the failure."""
    with pytest.raises(NotFetched) as raised:
        await client.get(url, accept="application/json")
    return str(raised.value)


# What is allowed besides


async def test_an_allowed_host_is_reached_by_plain_http_where_it_is() -> None:
    async with serving(answered(b"[]")) as served:
        client = Outbound(served.allowed)
        assert (await got(client, served.url)).body == b"[]"
        assert f"host: 127.0.0.1:{served.port}".encode() in served.asked[0].lower()
        assert await refused(client, "http://127.0.0.1:1/") == "plain http"
        assert await refused(client, "https://127.0.0.1:1/") == "127.0.0.1 is loopback"


async def test_an_allowed_name_is_looked_up_once_and_may_stand_for_a_private_address(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with serving(answered(b"[]"), authority.server("app.internal")) as served:
        names, web = Names(app_internal=[["10.0.0.7"], ["10.0.0.8"]]), Internet({"10.0.0.7": served.port})
        client = Outbound(frozenset({("app.internal", None)}), lookup=names, network=web, trust=authority.trust)
        assert (await got(client, "https://app.internal/")).body == b"[]"
        assert (web.connected, names.asked) == ([("10.0.0.7", 443)], ["app.internal"])


async def test_row_39_a_strangers_name_for_an_allowed_host_is_not_allowed() -> None:
    async with serving(answered()) as served:
        names = Names(evil_example=["127.0.0.1"])
        client = Outbound(served.allowed, lookup=names)
        assert await refused(client, f"https://evil.example:{served.port}/") == "127.0.0.1 is loopback"
        assert await refused(client, f"http://evil.example:{served.port}/") == "plain http"
        assert served.asked == []


async def test_row_39_an_allowed_host_is_bounded_like_any_other() -> None:
    for answer, reason in (
        (answered(b" " * 65_537), "an answer too large"),
        (answered(b"", "302 Found", "location: https://app.example/"), "a redirect"),
        (answered(b"", "200 OK", "content-encoding: gzip"), "a compressed answer"),
        (dripping, "time is up"),
    ):
        async with serving(answer) as served:
            assert await refused(Outbound(served.allowed, longest=0.5), served.url) == reason


# What is told


CHUNKS = st.sampled_from(
    [b"HTTP/1.1 200 OK", b"HTTP/1.1 ", b"HTTP/1.0 200", b"HTTP/2 200", b"\r\n", b"\n", b": ", b"content-length", b"-1",
     b"5", b"99999999999999999999", b"transfer-encoding", b"chunked", b"ffffffffffffffff", b"0", b"\0", b"\x1b[31m",
     b"content-type", b"application/json", b"content-encoding", b"gzip", b"101 Switching Protocols", b"204", b"[]",
     b"upgrade", b"\xff", b"304 Not Modified", b"connection", b"close", b" " * 9_000],
)  # fmt: skip


@given(st.lists(CHUNKS | st.binary(max_size=8), max_size=25).map(b"".join))
@settings(deadline=None)
def test_row_39_whatever_the_other_side_sends_it_is_fetched_or_not(sent: bytes) -> None:
    """No other failure comes of it: such a one would be told apart, as a bug is."""

    async def raw(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()

    async def tried() -> None:
        async with serving(raw) as served:
            with capture_logs(), suppress(NotFetched):
                await Outbound(served.allowed, longest=LONG).get(served.url, accept="*/*")

    asyncio.run(tried())


async def test_row_39_there_is_one_text_for_every_cause_and_the_log_has_host_and_reason(tmp_path: Path) -> None:
    async def broken(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"what \x1b[31m is \r\n this?secret=s3cret\r\n\r\n")

    async def gone(request: bytes, writer: asyncio.StreamWriter) -> None:
        return

    ways: list[tuple[Answering, str, dict[str, Any]]] = [
        (answered(), "https://127.0.0.1/document?secret=s3cret", {}),
        (answered(), "https://user:s3cret@app.example/", {}),
        (answered(), "no url with s3cret", {}),
        (answered(), "http://app.example/?secret=s3cret", {}),
        (answered(), "https://unknown.example/?secret=s3cret", {}),
        (answered(b"s3cret" * 20_000), URL, {}),
        (answered(b"s3cret", "302 Found", "location: https://s3cret.example/"), URL, {}),
        (answered(b"", "200 OK", "content-encoding: s3cret"), URL, {}),
        (broken, URL, {}),
        (gone, URL, {}),
        (silent, URL, {"longest": 0.2}),
        (answered(), URL, {"addresses": ["93.184.215.1"]}),
        (answered(), URL, {"addresses": ["10.0.0.1"]}),
        (answered(), URL, {"trust": trust_of_the_machine}),
        (answered(b"s3cret", "404 Not Found"), URL, {}),
        (answered(b"s3cret", type="text/html"), URL, {}),
        (answered(b"s3cret, no JSON"), URL, {}),
        (answered(b"[" * 60_000), URL, {}),
    ]
    texts, reasons = set(), set()
    for answer, url, options in ways:
        async with a_site(tmp_path, answer, **options) as (client, _, _, _):
            with capture_logs() as logged, pytest.raises(NotFetched) as raised:
                async with asyncio.timeout(LONG):
                    await json_at(client, url)
        assert raised.value.__cause__ is None
        texts.add(str(raised.value))
        (line,) = logged
        assert set(line) == {"event", "host", "reason", "log_level"}
        assert line["reason"]
        assert "s3cret" not in str(line)
        assert "\x1b" not in str(line)
        assert line["host"] in {NAME, "127.0.0.1", "unknown.example", None}
        reasons.add(line["reason"])
    with pytest.raises(NotFetched) as raised:
        await Nowhere().get(URL, accept="*/*")
    with pytest.raises(NotFetched):
        await Nowhere().post(URL, {})
    assert texts == {str(raised.value)}
    assert len(reasons) >= 14, reasons


@pytest.mark.parametrize("type", ["application/json", "application/JSON;charset=utf-8", "application/jwk-set+json"])
async def test_a_json_document_is_read_by_its_media_type(tmp_path: Path, type: str) -> None:
    async with a_site(tmp_path, answered(b'{"keys": []}', type=type)) as (client, _, _, _):
        assert await json_at(client, URL) == {"keys": []}


def test_no_start_pays_for_what_fetches() -> None:
    probe = "import sys, scopekeeper.app; sys.exit('httpcore2' in sys.modules or 'truststore' in sys.modules)"
    subprocess.run([sys.executable, "-c", probe], check=True, timeout=60)


# The machine's own resolver


async def test_row_39_the_machines_own_resolver_is_judged_as_any_other() -> None:
    assert {each.is_loopback for each in await Lookups()("localhost", 443)} == {True}
    assert "is loopback" in await refused(Outbound(), "https://localhost/")
    with pytest.raises(OSError):
        await Lookups()("nobody.invalid", 443)


async def test_row_39_lookups_that_never_end_are_not_heaped_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that waits for a resolver cannot be ended: there are so many, then no name is looked up for a while."""
    from threading import Event

    go_on = Event()

    def waiting(host: str, port: int) -> Sequence[Address]:
        go_on.wait(LONG)
        return [ip_address(PUBLIC)]

    monkeypatch.setattr(looking, "_addresses_of", waiting)
    lookups = Lookups()
    for _ in range(32):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await lookups("slow.example", 443)
    with pytest.raises(OSError, match="too many"):
        await lookups("slow.example", 443)
    go_on.set()
    async with asyncio.timeout(LONG):
        while True:
            try:
                assert await lookups("slow.example", 443) == [ip_address(PUBLIC)]
                break
            except OSError:
                await asyncio.sleep(0.01)


def test_trust_is_in_the_name_and_the_certificate() -> None:
    context = trust_of_the_machine()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
