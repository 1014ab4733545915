"""The static files of the pages. Each has its digest in its name, so that browsers may keep it forever."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from scopekeeper.wire import Reply

PREFIX: Final = "/static/"

_KINDS: Final = {"css": b"text/css; charset=utf-8", "js": b"text/javascript; charset=utf-8", "svg": b"image/svg+xml"}
_FOREVER: Final = (
    (b"cache-control", b"public, max-age=31536000, immutable"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Shelf:
    """Every file, read at the start. A path that is not in the dict is not there: no folder to climb out of."""

    def __init__(self, package: str = "scopekeeper.pages") -> None:
        addresses: dict[str, str] = {}
        replies: dict[str, Reply] = {}
        for file in files(package).joinpath("static").iterdir():
            stem, _, kind = file.name.rpartition(".")
            content = file.read_bytes()
            address = f"{PREFIX}{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{kind}"
            addresses[file.name] = address
            replies[address] = Reply(200, content, ((b"content-type", _KINDS[kind]), *_FOREVER))
        self.replies: Final[Mapping[str, Reply]] = replies
        self._addresses = addresses

    def address_of(self, name: str) -> str:
        """Where the file with this plain name is. Raises KeyError, when a template is first rendered."""
        return self._addresses[name]
