"""openid-client 6 on Node against a real server: code, refresh, userinfo, introspection, step-up, sign-out, device."""

import json
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.clients.inhabited import ALICE, alice_at, forward_of, inhabited
from tests.clients.person import Departure
from tests.clients.program import program
from tests.live import free_port

HERE: Final = Path(__file__).parent
SCOPE: Final = "openid profile rest:callforward:read"
BACK: Final = "https://forwards.example.com/callback"
OUT: Final = "https://forwards.example.com/out"
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


def test_openid_client_does_all_that_it_can(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules" / "openid-client").exists():
        pytest.fail("Node or its packages are missing: make system and make interop set them up")
    told = f"127.0.0.1:{free_port()}"
    with inhabited(tmp_path, {"SCOPEKEEPER_FETCH_ALLOW": told}) as server, alice_at(server) as alice:
        given = ("--scope", SCOPE, "--redirect-uri")
        ending = ("--post-logout-redirect-uri", OUT, "--backchannel-logout-uri", f"http://{told}/ended")
        asked = {
            "issuer": server.issuer,
            "web": server.json("app", "add", "On the web", "--type", "web", *ending, *given, BACK),
            "device": server.json("app", "add", "On the shelf", "--type", "native", *given, "http://[::1]/"),
            "scope": SCOPE,
            "out": OUT,
            "ended": told,
            "api": forward_of(server),
        }
        with program(node, "openid_client.js", json.dumps(asked), folder=HERE) as client:
            client.tell(alice.allow(client.hear()["open"]).url)
            web = client.hear()
            again = client.hear()["open"]
            assert alice.has_to_sign_in(again)
            client.tell(alice.allow(again).url)
            assert not alice.has_to_sign_in()
            left = alice.open(client.hear()["open"])
            assert isinstance(left, Departure)
            client.tell(left.url)
            out = client.hear()
            assert alice.has_to_sign_in()
            screen = client.hear()
            assert alice.enter(screen["enter"], screen["user_code"]).status == 200
            device = client.hear()
    assert (web["scope"], web["refreshed"], web["status"]) == (SCOPE, SCOPE, 200)
    assert web["person"]["preferred_username"] == web["told"]["username"] == ALICE
    assert web["revoked"] == {"status": 401, "error": "invalid_token"}
    before, after, ended = out["before"], out["after"], out["told"]
    assert out["returned"]
    assert (after["acr"], after["sid"]) == ("urn:scopekeeper:acr:password", before["sid"])
    assert (ended["sub"], ended["sid"], ended["events"]) == (after["sub"], after["sid"], {EVENT: {}})
    assert "nonce" not in ended
    assert (device["scope"], device["status"]) == (SCOPE, 200)
    assert device["sub"] == web["person"]["sub"]
