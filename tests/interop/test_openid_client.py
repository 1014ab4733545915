"""openid-client 6 on Node against a real server: code, refresh, userinfo, introspection, revocation, device."""

import json
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.clients.inhabited import ALICE, alice_at, forward_of, inhabited
from tests.clients.program import program

HERE: Final = Path(__file__).parent
SCOPE: Final = "openid profile rest:callforward:read"
BACK: Final = "https://forwards.example.com/callback"


def test_openid_client_does_all_that_it_can(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules" / "openid-client").exists():
        pytest.fail("Node or its packages are missing: make system and make interop set them up")
    with inhabited(tmp_path) as server, alice_at(server) as alice:
        given = ("--scope", SCOPE, "--redirect-uri")
        asked = {
            "issuer": server.issuer,
            "web": server.json("app", "add", "On the web", "--type", "web", *given, BACK),
            "device": server.json("app", "add", "On the shelf", "--type", "native", *given, "http://[::1]/"),
            "scope": SCOPE,
            "api": forward_of(server),
        }
        with program(node, "openid_client.js", json.dumps(asked), folder=HERE) as client:
            client.tell(alice.allow(client.hear()["open"]).url)
            web = client.hear()
            screen = client.hear()
            assert alice.enter(screen["enter"], screen["user_code"]).status == 200
            device = client.hear()
    assert (web["scope"], web["refreshed"], web["status"]) == (SCOPE, SCOPE, 200)
    assert web["person"]["preferred_username"] == web["told"]["username"] == ALICE
    assert web["revoked"] == {"status": 401, "error": "invalid_token"}
    assert (device["scope"], device["status"]) == (SCOPE, 200)
    assert device["sub"] == web["person"]["sub"]
