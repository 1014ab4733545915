"""Asking an ASGI application, without a server: one request, one answer."""

import asyncio
import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message, Scope


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (names in lower case) and body."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()
    """The values of Set-Cookie, of which there may be several."""

    def json(self) -> Any:
        return json.loads(self.body)


async def ask(
    app: ASGIApp,
    method: str,
    target: str,
    *,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    chunks: Iterable[bytes] | None = None,
    address: str = "203.0.113.7",
) -> Answer:
    """Send one request to the application and wait for its answer."""
    path, _, query = target.partition("?")
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": (address, 40_000),
        "server": ("127.0.0.1", 8000),
    }
    pending = list(chunks) if chunks is not None else [body]
    sent: list[Message] = []

    async def receive() -> Message:
        if not pending:
            await asyncio.Event().wait()  # whoever asks stays until they are answered
        chunk = pending.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(pending)}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    shown = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    told = [(key.decode(), value.decode()) for key, value in start["headers"]]
    cookies = tuple(value for name, value in told if name == "set-cookie")
    return Answer(start["status"], dict(told), shown, cookies)


async def post_form(
    app: ASGIApp,
    path: str,
    form: Mapping[str, str] | str,
    *,
    headers: Iterable[tuple[str, str]] = (),
    address: str = "203.0.113.7",
) -> Answer:
    """POST a form."""
    text = form if isinstance(form, str) else urlencode(form)
    kind = ("content-type", "application/x-www-form-urlencoded")
    return await ask(app, "POST", path, headers=[kind, *headers], body=text.encode(), address=address)


def basic(client_id: str, secret: str) -> tuple[str, str]:
    """The Authorization header of HTTP Basic."""
    return "authorization", "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def bearer(token: str) -> tuple[str, str]:
    """The Authorization header of a Bearer token."""
    return "authorization", f"Bearer {token}"
