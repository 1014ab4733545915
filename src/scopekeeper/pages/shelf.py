"""The static files of the pages. Each has its digest in its name, so that browsers may keep it forever."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from scopekeeper.wire import Reply

PREFIX: Final = "/static/"
PAGES: Final = "scopekeeper.pages"

_KINDS: Final = {"css": b"text/css; charset=utf-8", "js": b"text/javascript; charset=utf-8", "svg": b"image/svg+xml"}
_FOREVER: Final = (
    (b"cache-control", b"public, max-age=31536000, immutable"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"vary", b"accept-encoding"),
)
_COMPRESSED: Final = (b"content-encoding", b"gzip")

_LONGEST: Final = 512
"""Bytes of Accept-Encoding that are looked at."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it is, and compressed. There is no secret in it, and nothing of a request: it may be compressed."""

    plain: Reply
    compressed: Reply

    def reply(self, accept_encoding: bytes | None) -> Reply:
        """What to give to whoever reads these encodings (RFC 9110 §12.5.3)."""
        return self.compressed if reads_gzip(accept_encoding) else self.plain


class Shelf:
    """Every file, read and compressed at the start. A path that is not in the dict is not there: no folder to climb
    out of."""

    def __init__(self, *packages: str) -> None:
        self._addresses: dict[str, str] = {}
        self._kept: dict[str, Kept] = {}
        for file in [file for package in packages or (PAGES,) for file in files(package).joinpath("static").iterdir()]:
            stem, _, kind = file.name.rpartition(".")
            content = file.read_bytes()
            address = f"{PREFIX}{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{kind}"
            headers = ((b"content-type", _KINDS[kind]), *_FOREVER)
            packed = gzip.compress(content, mtime=0)
            self._addresses[file.name] = address
            self._kept[address] = Kept(Reply(200, content, headers), Reply(200, packed, (*headers, _COMPRESSED)))

    def at(self, path: str) -> Kept | None:
        """The file at this address."""
        return self._kept.get(path)

    def address_of(self, name: str) -> str:
        """Where the file with this plain name is. Raises KeyError, when a template is first rendered."""
        return self._addresses[name]


@cache
def shelf_of(*packages: str) -> Shelf:
    """The shelf with the static files of these packages, read once for a process."""
    return Shelf(*packages)


def reads_gzip(accept_encoding: bytes | None) -> bool:
    """Does the browser say that it reads gzip? `*` stands for what is not named; a weight of 0 is a no."""
    weights: dict[str, bool] = {}
    for wish in (accept_encoding or b"")[:_LONGEST].decode("latin-1").lower().split(","):
        coding, _, weight = wish.partition(";")
        weights[coding.strip()] = not _is_no(weight)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", False)))


def _is_no(weight: str) -> bool:
    name, _, value = weight.partition("=")
    return name.strip() == "q" and not value.strip().strip("0.")
