"""`/static/`: the files that pages are drawn with."""

from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from scopekeeper.pages.shelf import Shelf
from scopekeeper.wire import header, problem

_ALLOW: Final = ((b"allow", b"GET, HEAD"),)


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """Gives a file of the shelf, or what `otherwise` says where there is none of that name."""

    shelf: Shelf
    otherwise: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = self.shelf.at(scope["path"])
        reply: ASGIApp = self.otherwise if kept is None else kept.reply(header(scope, b"accept-encoding"))
        if scope["method"] not in ("GET", "HEAD"):
            reply = problem(405, "Method not allowed", "This address is there to be read.", headers=_ALLOW)
        await reply(scope, receive, send)
