"""The floor: the least that a server can do for a token-shaped request, on uvicorn as Scopekeeper sets it.

No storage, no errors told apart, no metrics, no log. Whatever an authorization server does comes on top of this, so the
ratio to it is what the doing costs, on any machine.
"""

import hashlib
import hmac
import sys
from base64 import b64decode
from typing import Final
from urllib.parse import parse_qsl

import msgspec
import uvicorn
from starlette.types import Receive, Scope, Send

CLIENT_ID: Final = "floor"
SECRET: Final = "skpr_cs_" + "0" * 49

_DIGEST: Final = hashlib.sha256(SECRET.encode()).digest()
_ANSWER: Final = {
    "access_token": "skpr_at_" + "0" * 49,
    "token_type": "Bearer",
    "expires_in": 3600,
    "scope": "rest:callforward:read",
}
_HEADERS: Final = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]

_encode = msgspec.json.Encoder().encode


async def floor(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a token to a good POST, the same body to any GET, and 401 to all else."""
    if scope["type"] != "http":
        return
    good = scope["method"] == "GET" or _proven(scope, (await receive())["body"])
    body = _encode(_ANSWER)
    headers = [*_HEADERS, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200 if good else 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _proven(scope: Scope, body: bytes) -> bool:
    authorization = next(value for name, value in scope["headers"] if name == b"authorization")
    client_id, _, secret = b64decode(authorization.removeprefix(b"Basic ")).partition(b":")
    form = dict(parse_qsl(body.decode()))
    return (
        form["grant_type"] == "client_credentials"
        and client_id == CLIENT_ID.encode()
        and hmac.compare_digest(hashlib.sha256(secret).digest(), _DIGEST)
    )


def main() -> None:
    """Serve on the port that is named, on loopback."""
    uvicorn.run(
        floor,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="error",
    )


if __name__ == "__main__":
    main()
