"""The world outside, for what the server fetches: servers with real sockets, names, certificates, and an Internet.

A public address cannot be listened on here. So `Internet` carries connections to it to a server on this machine, and
notes to which addresses they were made: everything above that is what runs in earnest.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import httpcore2
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from scopekeeper.oauth.outbound import Address, Allowed
from tests.listening import listening

PUBLIC: Final = "93.184.215.14"
OTHER: Final = "2606:2800:21f:cb07::1"

Answering = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
"""Answers a request, given as it came; the connection is closed after."""


class Served:
    """A server on this machine: where it is, what it was asked, and how many it serves."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[bytes] = []
        self.left = asyncio.Event()
        """Has anybody gone again?"""
        self.at_once = 0
        self.most_at_once = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/document"

    @property
    def allowed(self) -> Allowed:
        """What lets the client go there."""
        return frozenset({("127.0.0.1", self.port)})


@asynccontextmanager
async def serving(answer: Answering, tls: ssl.SSLContext | None = None) -> AsyncIterator[Served]:
    """A server that answers like this, on a port of its own, gone when the context ends."""
    served = Served(0)
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        served.at_once += 1
        served.most_at_once = max(served.most_at_once, served.at_once)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                ),
                0,
            )
            request = head + await reader.readexactly(length)
            served.asked.append(request)
            await answer(request, writer)
        served.at_once -= 1
        served.left.set()
        talks.discard(task)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


def answered(body: bytes = b"{}", status: str = "200 OK", *headers: str, type: str = "application/json") -> Answering:
    """What is always answered."""
    head = [f"HTTP/1.1 {status}", f"content-type: {type}", f"content-length: {len(body)}", *headers]

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return answer


class Published:
    """A document at a private address of this machine, served from a thread of its own."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.place = f"127.0.0.1:{server.server_port}"
        self.url = f"http://{self.place}/sector.json"
        self.says: object = []
        self.type = "application/json"
        self.asked = 0


@contextmanager
def published(*uris: str) -> Iterator[Published]:
    """A document that names these addresses, as a JSON array, until it is told to say something else."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document.asked += 1
            body = document.says if isinstance(document.says, bytes) else json.dumps(document.says).encode()
            self.send_response(200)
            self.send_header("Content-Type", document.type)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """In silence."""

    with listening() as server:
        document = Published(server)
        document.says = list(uris)
        server.RequestHandlerClass = Answers
        yield document


class Names:
    """A name server: what each name stands for, the first time, the second time, and from then on."""

    def __init__(self, **names: Sequence[str] | Sequence[Sequence[str]]) -> None:
        self._names = {
            name.replace("_", "."): [[each] if isinstance(each, str) else list(each) for each in answers]
            for name, answers in names.items()
        }
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append(host)
        answers = self._names.get(host)
        if answers is None:
            raise OSError("no such name")
        now = answers.pop(0) if len(answers) > 1 else answers[0]
        return [ip_address(each) for each in now]


class Internet(httpcore2.AsyncNetworkBackend):
    """Public addresses, each of which leads to a server on this machine; all others lead nowhere."""

    def __init__(self, ways: Mapping[str, int]) -> None:
        self._ways = ways
        self._machine = httpcore2.AnyIOBackend()
        self.connected: list[tuple[str, int]] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's word
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.connected.append((host, port))
        if host not in self._ways:
            raise httpcore2.ConnectError("nobody is there")
        return await self._machine.connect_tcp("127.0.0.1", self._ways[host], timeout)


class Authority:
    """A certificate authority of a test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = generate_private_key(SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of a test")])
        certificate = (
            self._begun(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_uses(certificates=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self._identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        self.file = folder / "authority.pem"
        self.file.write_bytes(certificate.public_bytes(Encoding.PEM))

    def trust(self) -> ssl.SSLContext:
        """Believes this authority alone."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.file)
        return context

    def server(self, *names: str, age: timedelta = timedelta(0)) -> ssl.SSLContext:
        """A server with a certificate for these names and addresses, made so long ago, for a day."""
        key = generate_private_key(SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = (
            self._begun(subject, key, age)
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(self._identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        file = self._folder / f"{abs(hash((names, age)))}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _begun(
        self, subject: x509.Name, key: EllipticCurvePrivateKey, age: timedelta = timedelta(0)
    ) -> x509.CertificateBuilder:
        made = datetime.now(UTC) - timedelta(hours=1) - age
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(made)
            .not_valid_after(made + timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _uses(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
