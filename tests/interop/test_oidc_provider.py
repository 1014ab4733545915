"""node-oidc-provider as the provider at which people of ours sign in: in each way in which it knows us as a client."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from tests.clients.inhabited import ALICE, PASSWORD, alice_at, inhabited
from tests.clients.page import Page
from tests.clients.person import Departure, Person
from tests.clients.program import program
from tests.live import Live, free_port

HERE: Final = Path(__file__).parent
PEOPLE: Final = {
    "sub-of-alice": {"email": "alice@example.com", "email_verified": True},
    "sub-of-eve": {"email": "alice@example.com", "email_verified": False},
}
WAYS: Final[dict[str, dict[str, Any]]] = {
    "basic": {"token_endpoint_auth_method": "client_secret_basic", "id_token_signed_response_alg": "RS256"},
    "post": {"token_endpoint_auth_method": "client_secret_post", "id_token_signed_response_alg": "ES256"},
    "public": {"token_endpoint_auth_method": "none", "id_token_signed_response_alg": "Ed25519"},
}
"""By name of a provider here: how it knows us."""
SECRET: Final = "a secret: of/both+sides %20"


def clients(issuer: str) -> list[dict[str, Any]]:
    """What is registered there of us."""
    return [
        {
            "client_id": f"us {name}",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "redirect_uris": [f"{issuer}/login/from/{name}"],
            **({} if name == "public" else {"client_secret": SECRET}),
            **way,
        }
        for name, way in WAYS.items()
    ]


def registered(server: Live, issuer: str, *more: str) -> None:
    """Each way is a provider here."""
    for name in WAYS:
        given = ("upstream", "add", name, "--issuer", issuer, "--client-id", f"us {name}", *more)
        proof, secret = ((), None) if name == "public" else (("--client-secret-stdin",), SECRET)
        done = server.run(*given, *proof, input=secret)
        assert done.returncode == 0, done.stderr


def signed_in_there(url: str, issuer: str, sub: str) -> str:
    """Sign in at its own pages, say yes, and be sent back: the address."""
    with Person(sub, "any", issuer) as somebody:
        at = somebody.open(url)
        assert isinstance(at, Page)
        at = somebody.send(at, {"login": sub, "password": "any"})
        if isinstance(at, Page):
            [form] = at.forms
            at = somebody.press(at, form.action.removeprefix(issuer))
    assert isinstance(at, Departure), at
    return at.url


def left(server: Live, person: Person, page: str, path: str) -> str:
    """Press the button of a page of ours that leads to the provider; where it leads."""
    at = person.open(f"{server.issuer}{page}")
    assert isinstance(at, Page)
    away = person.press(at, path)
    assert isinstance(away, Departure), away
    return away.url


@pytest.mark.one_process("what was changed on the command line is looked at at once")
def test_people_sign_in_at_node_oidc_provider(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules" / "oidc-provider").exists():
        pytest.fail("Node or its packages are missing: make system and make interop set them up")
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    with inhabited(tmp_path, {"SCOPEKEEPER_FETCH_ALLOW": f"127.0.0.1:{port}"}) as server:
        server.run("user", "edit", ALICE, "--email-verified")
        asked = json.dumps({"port": port, "clients": clients(server.issuer), "people": PEOPLE})
        with program(node, "oidc_provider.js", asked, folder=HERE) as provider:
            assert provider.hear() == {"ready": True}
            registered(server, issuer, "--link-by-email")
            for name in WAYS:
                with Person("eve", "none", server.issuer) as eve:
                    back = signed_in_there(left(server, eve, "/login", f"/login/with/{name}"), issuer, "sub-of-eve")
                    refused = eve.open(back)
                    assert isinstance(refused, Page)
                    assert (refused.status, eve.has_to_sign_in()) == (403, True)
                with Person(ALICE, PASSWORD, server.issuer) as alice:
                    back = signed_in_there(left(server, alice, "/login", f"/login/with/{name}"), issuer, "sub-of-alice")
                    home = alice.open(back)
                    assert isinstance(home, Page)
                    assert (home.status, ALICE in home.text) == (200, True), home
                    again = alice.open(back)
                    assert isinstance(again, Page)
                    assert again.status == 403, "what came back once does not come back again"
            with alice_at(server) as alice:
                alice.sign_in()
                at = alice.open(f"{server.issuer}/account/security")
                assert isinstance(at, Page)
                assert at.text.count("alice@example.com") >= len(WAYS)
