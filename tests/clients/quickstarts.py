"""Quick starts as somebody takes them from the console and runs them; and the person whom they ask."""

import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from threading import Timer
from typing import Any, Final

import httpx2

from tests.clients.inhabited import PASSWORD
from tests.clients.page import page_of
from tests.clients.person import Person
from tests.live import Live

STEWARD: Final = "steward"
PATIENCE: Final = 40.0
"""Seconds after which a program that has not ended is ended."""

SHOWN: Final = re.compile(r"Save it as <code>([^<]+)</code>.*?<pre[^>]*><code>(.*?)</code></pre>", re.DOTALL)

APPLICATIONS: Final[dict[str, tuple[str, ...]]] = {
    "client_credentials": ("--type", "m2m", "--scope", "rest:callforward:read rest:extensions:read"),
    "authorization_code": (
        "--type", "web", "--scope", "openid gql:callforward:read", "--redirect-uri", "https://a.example/it's?$x=(1)",
    ),
    "device_code": ("--type", "native", "--scope", "rest:callforward:read"),
}  # fmt: skip
"""An application for each way to a token: with a REST call, with a GraphQL call, and without a secret."""

EXPECTED: Final = {
    "client_credentials": '"items":',
    "authorization_code": '"callForwards":{"nodes":',
    "device_code": '"items":',
}
"""What the call that each makes is answered."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The files of one application, and its secret."""

    folder: Path
    secret: str
    issuer: str

    def run(self, *command: str, alice: Person | None = None) -> str:
        """Run one of them to its good end, while alice does what it asks for: what it said."""
        environ = {**os.environ, **({"CLIENT_SECRET": self.secret} if self.secret else {})}
        with subprocess.Popen(
            command, cwd=self.folder, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            watch = Timer(PATIENCE, process.kill)
            watch.start()
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                said = self._heard(process.stdout.readline, process.stdin.write, alice) if alice is not None else ""
                more, _ = process.communicate()
                assert process.returncode == 0, said + more
                return said + more
            finally:
                watch.cancel()
                process.kill()

    def _heard(self, hear: Callable[[], str], tell: Callable[[str], Any], alice: Person) -> str:
        """Listen until it asks for her."""
        said = ""
        while line := hear():
            said += line
            if line.startswith(f"{self.issuer}/oauth/authorize?"):
                tell(alice.allow(line.strip()).url + "\n")
                return said
            if entering := re.match(r"Open (\S+) and enter (\S+)", line):
                assert alice.enter(entering[1], entering[2]).status == 200
                return said
        return said


def taken(server: Live, folder: Path, grant: str) -> Taken:
    """Register an application, and save every quick start that the console shows for it."""
    made = server.json("app", "add", "Quick", *APPLICATIONS[grant])
    page = page_of_the_console(server, f"/console/applications/{made['client_id']}/quick-start")
    secret = made.get("client_secret", "")
    assert not secret or secret not in page
    for name, text in SHOWN.findall(page):
        (folder / name).write_text(unescape(text), encoding="utf-8")
    return Taken(folder, secret, server.issuer)


def page_of_the_console(server: Live, address: str) -> str:
    """A page of the console, as an administrator sees it."""
    if STEWARD not in [user["name"] for user in server.json("user", "list")]:
        added = server.run("user", "add", STEWARD, "--admin", "--password-stdin", input=PASSWORD + "\n")
        assert added.returncode == 0, added.stderr
    with httpx2.Client(base_url=server.issuer, follow_redirects=True) as client:
        asked = client.get(address)
        form = page_of(str(asked.url), asked.status_code, asked.text).form("username")
        assert form is not None
        shown = client.post(form.action, data=form.filled({"username": STEWARD, "password": PASSWORD}))
        assert shown.status_code == 200, shown.text
        return shown.text
