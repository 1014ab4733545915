"""A server that somebody lives on: alice has an account, and the extension 1001 is hers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.clients.person import Person
from tests.live import Live, live

ALICE: Final = "alice"
PASSWORD: Final = "correct horse battery"
OWN: Final = "1001"
OTHERS: Final = "1002"


@contextmanager
def inhabited(folder: Path, environ: Mapping[str, str] | None = None) -> Iterator[Live]:
    """The sample, running, with alice in it."""
    with live(folder, environ) as server:
        added = server.run(
            "user", "add", ALICE, "--email", "alice@example.com", "--password-stdin", input=PASSWORD + "\n"
        )
        assert added.returncode == 0, added.stderr
        steward = server.json("app", "add", "Steward", "--type", "m2m", "--scope", "rest:extensions")
        given = httpx2.patch(
            f"{server.issuer}/api/rest/extensions/{OWN}",
            json={"owner": ALICE},
            headers={"authorization": f"Bearer {server.token(steward)}"},
        )
        assert given.status_code == 200, given.text
        yield server


def alice_at(server: Live) -> Person:
    """Alice at a browser in which nobody has signed in yet."""
    return Person(ALICE, PASSWORD, server.issuer)


def discovered(server: Live) -> dict[str, Any]:
    """All that a client needs to know (OpenID Connect Discovery §4)."""
    found: dict[str, Any] = httpx2.get(f"{server.issuer}/.well-known/openid-configuration").json()
    return found


def forward_of(server: Live, extension: str = OWN) -> str:
    """The address of where an extension's calls go."""
    return f"{server.issuer}/api/rest/callforward/users/{extension}"
