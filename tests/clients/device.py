"""A device without a keyboard: it shows a code, and asks again and again until somebody has decided (RFC 8628 §3).

Started with the issuer, its client_id and an extension. It says what its screen shows, every answer that it gets while
it waits, and then what it read.
"""

import json
import sys
import time
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SCOPE = "rest:callforward:read"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
MORE = 5
"""Seconds that slow_down adds to the time between two questions (RFC 8628 §3.5)."""


def fetched(url: str, form: dict[str, str] | None = None, token: str = "") -> Any:
    """The JSON that a GET or, with a form, a POST is answered with, be it an error's."""
    body = None if form is None else urlencode(form).encode()
    try:
        with urlopen(Request(url, body, {"Authorization": f"Bearer {token}"} if token else {}), timeout=30) as answer:
            return json.load(answer)
    except HTTPError as refused:
        with refused:
            return json.load(refused)


def main(issuer: str, client_id: str, extension: str) -> None:
    found = fetched(f"{issuer}/.well-known/oauth-authorization-server")
    begun = fetched(found["device_authorization_endpoint"], {"client_id": client_id, "scope": SCOPE})
    say({name: begun[name] for name in ("verification_uri", "verification_uri_complete", "user_code", "expires_in")})
    form = {"grant_type": GRANT, "client_id": client_id, "device_code": begun["device_code"]}
    interval = begun.get("interval", 5)
    while "error" in (bought := fetched(found["token_endpoint"], form)):
        say({"error": bought["error"]})
        if bought["error"] not in ("authorization_pending", "slow_down"):
            return
        interval += MORE if bought["error"] == "slow_down" else 0
        time.sleep(interval)
    forward = fetched(f"{issuer}/api/rest/callforward/users/{extension}", token=bought["access_token"])
    say({"forward": forward, "scope": bought["scope"], "refreshable": "refresh_token" in bought})


def say(value: Any) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
