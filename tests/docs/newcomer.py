"""Somebody who does what a page of the documents says, word for word."""

import json
import re
import shlex
import shutil
import subprocess
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any, Final

from tests.live import Live

ROOT: Final = Path(__file__).parents[2]

_COPIED: Final = {
    "client_id": "CLIENT_ID",
    "client_secret": "CLIENT_SECRET",
    "access_token": "TOKEN",
    "device_code": "DEVICE_CODE",
    "user_code": "USER_CODE",
}
"""What is copied from what was printed, and what it then is put in place of."""


def blocks(text: str, language: str) -> list[str]:
    """The blocks of code of this kind (`sh`, `python client`), in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """The lines to type, in order."""
    return [line for block in blocks(text, "sh") for line in block.splitlines() if line.strip()]


def page(path: str) -> str:
    """The page's text."""
    return (ROOT / path).read_text(encoding="utf-8")


def told_in(jwt: str) -> dict[str, Any]:
    """The claims; the signature is looked at elsewhere."""
    payload = jwt.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


class Newcomer:
    """Types what the page says, and puts in what it got before."""

    def __init__(self, server: Live) -> None:
        self.server = server
        self.got: dict[str, str] = {}

    def type(self, command: str) -> str:
        words = shlex.split(self.put_in(command))
        if words[0].endswith("scopekeeper"):
            done = self.server.run(*words[1:])
        else:
            assert shutil.which(words[0]), f"{words[0]} is missing: make system installs it"
            done = subprocess.run([*words, "-sS"], capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        for key, name in _COPIED.items():
            if found := re.search(rf'"{key}": ?"([^"]+)"', done.stdout):
                self.got.setdefault(name, found[1])
        return done.stdout

    def put_in(self, text: str) -> str:
        """The text with what was got so far, and with this server's address."""
        for name, value in self.got.items():
            text = text.replace(name, value)
        return text.replace("http://127.0.0.1:8000", self.server.issuer)
