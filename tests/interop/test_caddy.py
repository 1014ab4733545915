"""Behind Caddy, with the Caddyfile as it is: what a client hears, and what is known of it."""

import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2
import pytest

from tests.interop.longest import REDIRECT, require_long_way
from tests.live import Live, free_port, live
from tests.waiting import PATIENCE, until

CADDYFILE: Final = Path(__file__).parents[2] / "deploy" / "caddy" / "Caddyfile"
CADDY: Final = shutil.which("caddy")

CLIENT: Final = "127.0.0.2"
"""Where the client is: Caddy and the server are at another address."""

FORGED: Final = "203.0.113.9"
"""What it says where it comes from."""

_AROUND: Final = """\
{{
    admin off
    auto_https disable_redirects
    skip_install_trust
    storage file_system {folder}
}}
import {caddyfile}
"""
"""What is particular to a test. Of an address that is a number Caddy makes the certificate itself."""


@dataclass(frozen=True, slots=True)
class Site:
    """A server, and a client that believes the site's certificate."""

    server: Live
    client: httpx2.Client


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    address = f"https://127.0.0.1:{free_port()}"
    proxied = {"SCOPEKEEPER_ISSUER": address, "SCOPEKEEPER_TRUSTED_PROXIES": "127.0.0.1"}
    with live(tmp_path_factory.mktemp("site"), proxied) as server, caddy(address, server.port) as certificate:
        trusting = httpx2.HTTPTransport(verify=ssl.create_default_context(cafile=certificate), local_address=CLIENT)
        headers = {"x-forwarded-for": FORGED, "forwarded": f"for={FORGED}"}
        with httpx2.Client(base_url=address, transport=trusting, headers=headers) as client:
            yield Site(server, client)


@contextmanager
def caddy(address: str, port: int) -> Iterator[Path]:
    """A Caddy before the server on this port; the certificate of its authority."""
    assert CADDY is not None, "caddy is missing: make system installs it"
    with tempfile.TemporaryDirectory(prefix="skcd-") as name:
        folder = Path(name)
        (folder / "Caddyfile").write_text(_AROUND.format(folder=folder, caddyfile=CADDYFILE))
        own = {"SCOPEKEEPER_SITE": address, "SCOPEKEEPER_SERVERS": f"127.0.0.1:{port}", "HOME": name}
        command = [CADDY, "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log)
        certificate = folder / "pki" / "authorities" / "local" / "root.crt"
        try:
            until(lambda: process.poll() is not None or _serves(address))
            assert process.poll() is None, (folder / "log").read_text()
            yield certificate
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _serves(address: str) -> bool:
    return httpx2.get(f"{address}/login", verify=False).status_code == 200


@pytest.mark.one_process("its proxy is Caddy")
def test_the_log_has_the_clients_address_whatever_the_client_says(site: Site) -> None:
    made = site.server.json("app", "add", "It", "--type", "m2m", "--scope", "rest:admin rest:callforward")
    token = site.client.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=(made["client_id"], made["client_secret"])
    )
    bearer = {"authorization": f"Bearer {token.json()['access_token']}"}
    draft = {"name": "Another", "type": "m2m", "scope": "rest:callforward:read"}
    added = site.client.post("/api/rest/admin/applications", json=draft, headers=bearer)
    assert added.status_code == 201, added.text
    [act] = site.server.json("audit", "list", "--target", added.json()["client_id"])
    assert (act["action"], act["address"]) == ("application.add", CLIENT)


@pytest.mark.one_process("its proxy is Caddy")
def test_the_site_is_https_to_those_who_come_and_only_those_inside_look_after_it(site: Site) -> None:
    assert site.client.get("/.well-known/openid-configuration").json()["issuer"] == str(site.client.base_url).rstrip(
        "/"
    )
    assert "secure" in site.client.get("/login").headers["set-cookie"].lower()
    looked = ("/health/ready", "/health/live", "/metrics", "/%6detrics")
    assert [site.client.get(path).status_code for path in looked] == [403] * len(looked)


@pytest.mark.one_process("its proxy is Caddy")
def test_an_authorization_request_of_the_longest_kind_is_carried_to_the_sign_in_page(site: Site) -> None:
    made = site.server.json("app", "add", "Web", "--type", "web", "--scope", "rest", "--redirect-uri", REDIRECT)
    require_long_way(site.client, made["client_id"])
