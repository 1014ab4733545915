"""Behind the nginx of the guide, as it stands there with TLS: clients see one server, whatever becomes of the two."""

import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.interop.longest import REDIRECT, require_long_way
from tests.live import free_port
from tests.proxied import Nginx, Proxied, put_into_the_guide
from tests.waiting import until

FORGED: Final = "203.0.113.9"
"""What a client says where it comes from."""


@dataclass(frozen=True, slots=True)
class Site:
    """Two servers, and a client that believes the site's certificate."""

    servers: Proxied
    address: str
    client: httpx2.Client

    def application(self) -> tuple[str, str]:
        """The credentials of a new one."""
        made = self.servers.json("app", "add", "It", "--type", "m2m", "--scope", "rest:callforward:read")
        return made["client_id"], made["client_secret"]

    def token(self, credentials: tuple[str, str]) -> httpx2.Response:
        """What it is answered that asks for a token."""
        return self.client.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=credentials)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    port = free_port()
    address = f"https://127.0.0.1:{port}"
    certificate, key = certified(tmp_path)
    servers = Proxied(tmp_path / "data", {"SCOPEKEEPER_ISSUER": address})
    own = {
        r"listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        r"/etc/ssl/certs/id\.example\.com\.pem": str(certificate),
        r"/etc/ssl/private/id\.example\.com\.key": str(key),
    }
    nginx = Nginx(put_into_the_guide(servers.ports, own))
    try:
        servers.start()
        nginx.start(port)
        trusting = ssl.create_default_context(cafile=certificate)
        with httpx2.Client(base_url=address, verify=trusting, headers={"x-forwarded-for": FORGED}) as client:
            yield Site(servers, address, client)
    finally:
        nginx.remove()
        servers.close()


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "id.example.com")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).add_extension(here, critical=False)
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate, private = folder / "it.pem", folder / "it.key"
    certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, private


def test_it_serves_by_tls_and_no_client_says_itself_where_it_comes_from(site: Site) -> None:
    assert site.client.get("/.well-known/openid-configuration").json()["issuer"] == site.address
    assert "secure" in site.client.get("/login").headers["set-cookie"].lower()
    client_id, secret = site.application()
    assert site.token((client_id, secret)).status_code == 200

    def used_from() -> object:
        [kept] = site.servers.json("app", "show", client_id)["secrets"]
        return kept["last_used_address"]

    assert until(used_from) == "127.0.0.1"


def test_only_those_inside_look_after_it(site: Site) -> None:
    assert [site.client.get(path).status_code for path in ("/health/ready", "/health/live", "/metrics")] == [403] * 3
    assert site.client.get("/metrics/").status_code == 404


def test_an_authorization_request_of_the_longest_kind_is_carried_to_the_sign_in_page(site: Site) -> None:
    made = site.servers.json("app", "add", "Web", "--type", "web", "--scope", "rest", "--redirect-uri", REDIRECT)
    require_long_way(site.client, made["client_id"])


def test_one_server_goes_and_nobody_notices(site: Site) -> None:
    credentials = site.application()
    assert [site.token(credentials).status_code for _ in range(4)] == [200] * 4
    site.servers.leave_one()
    assert [site.token(credentials).status_code for _ in range(20)] == [200] * 20
