"""What versions the peers are of: those that are pinned here, and the system's."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import msgspec

ROOT: Final = Path(__file__).parents[2]

_PINNED: Final = ("authlib", "django-oauth-toolkit", "django", "flask", "gunicorn", "psycopg", "sqlalchemy")


class _Package(msgspec.Struct):
    dependencies: dict[str, str]


def versions() -> dict[str, str]:
    """By name; what is not installed is not among them."""
    package = msgspec.json.decode((ROOT / "bench" / "peers" / "package.json").read_bytes(), type=_Package)
    pinned = (ROOT / "requirements" / "peers.txt").read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([a-z-]+)==(\S+)", pinned, re.MULTILINE))
    system = {"node": _said("node", "--version"), "glewlwyd": _said("dpkg-query", "-W", "-f=${Version}", "glewlwyd")}
    return {
        **{name: version for name, version in system.items() if version},
        **package.dependencies,
        **{name: pins[name] for name in _PINNED},
    }


def _said(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
