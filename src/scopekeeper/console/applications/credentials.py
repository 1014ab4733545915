"""`…/credentials`: what an application needs to begin, its secret among it, once; and the same as a file."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from scopekeeper.console.applications.asked import HERE
from scopekeeper.console.applications.endpoints import endpoints_of
from scopekeeper.console.applications.form import warning_of
from scopekeeper.console.applications.shown_once import shown_now
from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.quickstarts import quickstarts_of
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.secrets import digest_of
from scopekeeper.pages.page import sent_on
from scopekeeper.wire import Reply

PATH: Final = f"{HERE}/{{client_id}}/credentials"

NOTES: Final[Mapping[str, str]] = {
    "made": "The application is there. Take its credentials along: this page shows them once.",
    "rotated": "The new secret works from now on.",
    "confidential": "With the password grant the application needs a secret. Here it is.",
    "compromised": "Everything old has ended. The new secret works from now on.",
}


def rooms(desk: Desk) -> Sequence[Room]:
    """The page, and the file."""

    async def show(call: Call) -> Reply:
        client = await desk.applications.get(call.path["client_id"])
        secret, forgetting = shown_now(desk, call, client.client_id)
        facts = {
            "client": client,
            "secret": secret,
            "told": NOTES.get(call.query.one("note"), "") if forgetting else "",
            "endpoints": endpoints_of(desk),
            "quickstarts": quickstarts_of(desk, client),
            "wide": warning_of(client.scope),
        }
        return desk.sheets(call, "applications_credentials.html", facts, headers=forgetting)

    async def download(call: Call) -> Reply:
        """The page sends back the secret that it shows, and gets it as a file: no address has it, and we do not."""
        client, secret = await desk.applications.get(call.path["client_id"]), call.form.one("client_secret")
        if secret and all(each.digest != digest_of(secret) for each in client.secrets):
            return sent_on(f"{HERE}/{client.client_id}/credentials")
        facts = _facts(desk, client, secret)
        if call.form.one("as") == "json":
            return _file(f"{client.client_id}.json", b"application/json", json.dumps(facts, indent=2) + "\n")
        lines = [f"{name.upper()}={_quoted(value)}" for name, value in facts.items()]
        return _file(f"{client.client_id}.env", b"text/plain; charset=utf-8", "\n".join(lines) + "\n")

    return [Room("GET", PATH, show), Room("POST", f"{PATH}/download", download)]


def _facts(desk: Desk, client: Client, secret: str) -> dict[str, str]:
    urls = {each.key: each.url for each in endpoints_of(desk)}
    own = {"client_id": client.client_id, **({"client_secret": secret} if secret else {})}
    redirect = {"redirect_uri": client.redirect_uris[0]} if client.redirect_uris else {}
    return own | {"issuer": desk.issuer, "scope": " ".join(client.scope)} | redirect | urls


def _quoted(value: str) -> str:
    """As every reader of such files takes it. None of our values has an apostrophe but a redirect URI can."""
    return f"'{value}'" if "'" not in value else json.dumps(value).replace("$", "\\$")


def _file(name: str, kind: bytes, text: str) -> Reply:
    headers = (
        (b"content-type", kind),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", b"default-src 'none'; sandbox"),
    )
    return Reply(200, text.encode(), headers)
