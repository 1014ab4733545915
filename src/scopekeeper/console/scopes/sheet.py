"""The catalogue as the browser gets it: every scope and what it opens, as one compressed file that it keeps."""

import gzip
import hashlib
from typing import Final, Self

import msgspec

from scopekeeper.console.call import Call
from scopekeeper.console.scopes.opening import Openings, path_of
from scopekeeper.pages.refusals import Refused
from scopekeeper.pages.shelf import Kept
from scopekeeper.scopes import Catalogue
from scopekeeper.sdk import Operation
from scopekeeper.wire import Reply, header

PREFIX: Final = "/console/scopes/catalogue/"

# It says nothing that the public descriptions do not; but those may be closed, so no cache that others share keeps it.
_HEADERS: Final = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"private, max-age=31536000, immutable"),
    (b"vary", b"accept-encoding, cookie"),
    (b"x-content-type-options", b"nosniff"),
)


class CatalogueSheet:
    """Made once. Its address has its digest in it: another catalogue is another address."""

    def __init__(self, digest: str, kept: Kept) -> None:
        self._digest = digest
        self._kept = kept

    @classmethod
    def of(cls, catalogue: Catalogue, operations: tuple[Operation, ...]) -> Self:
        """The sheet of this catalogue: `scopes` in the order of the catalogue, each with the places of its operations
        in `operations` (those that demand it, not those below it)."""
        openings, places = Openings.of(operations), {operation: at for at, operation in enumerate(operations)}
        told = {
            "scopes": [
                [
                    entry.scope,
                    entry.title,
                    entry.description,
                    [places[operation] for operation in openings.demanding(entry.scope)],
                ]
                for entry in catalogue
            ],
            "operations": [[each.method, path_of(each), each.field, each.title] for each in operations],
        }
        body = msgspec.json.encode(told)
        compressed = Reply(200, gzip.compress(body, 9, mtime=0), (*_HEADERS, (b"content-encoding", b"gzip")))
        return cls(hashlib.sha256(body).hexdigest()[:16], Kept(Reply(200, body, _HEADERS), compressed))

    @property
    def address(self) -> str:
        """Where it is."""
        return f"{PREFIX}{self._digest}"

    async def __call__(self, call: Call) -> Reply:
        """The sheet. Raises Refused for that of another catalogue."""
        if call.path["digest"] != self._digest:
            raise Refused("nowhere", "another catalogue")
        return self._kept.reply(header(call.visit.scope, b"accept-encoding"))
