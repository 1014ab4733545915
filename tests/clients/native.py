"""A native application, in the standard library alone: the browser comes back to a port of its own (RFC 8252 §7.3).

Started with the issuer, its client_id and an extension. It says which address to open, and then what it read.
"""

import json
import secrets
import sys
from base64 import urlsafe_b64encode
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

SCOPE = "rest:callforward:read"


def fetched(url: str, form: dict[str, str] | None = None, token: str = "") -> Any:
    """The JSON that a GET or, with a form, a POST is answered with."""
    body = None if form is None else urlencode(form).encode()
    with urlopen(Request(url, body, {"Authorization": f"Bearer {token}"} if token else {}), timeout=30) as answer:
        return json.load(answer)


class Desk(BaseHTTPRequestHandler):
    """Where the browser comes back to. It tells the person what to do, and keeps what the browser brought."""

    brought: dict[str, str]

    def do_GET(self) -> None:
        type(self).brought = dict(parse_qsl(urlsplit(self.path).query))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"You can close this window.")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the address holds a code."""


def main(issuer: str, client_id: str, extension: str) -> None:
    found = fetched(f"{issuer}/.well-known/oauth-authorization-server")
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    with HTTPServer(("127.0.0.1", 0), Desk) as desk:
        redirect_uri = f"http://127.0.0.1:{desk.server_port}/callback"
        request = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "code_challenge": urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        say({"open": f"{found['authorization_endpoint']}?{urlencode(request)}"})
        desk.handle_request()
    brought = Desk.brought
    if (brought.get("state"), brought.get("iss")) != (state, found["issuer"]):
        raise SystemExit("this is not the answer to what was asked")
    if "error" in brought:
        say({"error": brought["error"]})
        return
    bought = fetched(
        found["token_endpoint"],
        {
            "grant_type": "authorization_code",
            "client_id": client_id,
            "code": brought["code"],
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        },
    )
    forward = fetched(f"{issuer}/api/rest/callforward/users/{extension}", token=bought["access_token"])
    say({"forward": forward, "scope": bought["scope"], "refreshable": "refresh_token" in bought})


def say(value: Any) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
