"""An authorization request of the longest kind, which every proxy has to carry."""

from typing import Final

import httpx2

from scopekeeper.oauth.authorize import LONGEST_NONCE, LONGEST_STATE
from scopekeeper.oauth.pkce import challenge_of

REDIRECT: Final = "https://app.example.com/callback"


def require_long_way(client: httpx2.Client, client_id: str) -> None:
    """See that such a request is carried to the sign-in page, by addresses that are longer still."""
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": REDIRECT, "scope": "rest"}
    asked |= {"state": '"' * LONGEST_STATE, "nonce": '"' * LONGEST_NONCE}
    asked |= {"code_challenge": challenge_of("v" * 43), "code_challenge_method": "S256"}
    sent = client.get("/oauth/authorize", params=asked)
    assert sent.status_code == 303
    assert len(sent.headers["location"]) > 8_000
    assert client.get(sent.headers["location"]).status_code == 200
