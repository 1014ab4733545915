"""Where there is nothing: programs hear so at once. Pages are for browsers, which say that they want HTML."""

from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from scopekeeper.wire import header, problem

NOTHING: Final = problem(404, "Not found", "There is nothing at this address.")


def wants_page(scope: Scope) -> bool:
    """Is it a person who asks?"""
    return b"text/html" in (header(scope, b"accept") or b"")


@dataclass(frozen=True, slots=True)
class Astray:
    """404: from `page` for people, here for programs, which call for no room to be made."""

    page: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply: ASGIApp = self.page if wants_page(scope) else NOTHING
        await reply(scope, receive, send)
