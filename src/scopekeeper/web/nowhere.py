"""Every address where there is nothing: a page for people, a problem for programs."""

from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from scopekeeper.pages.page import Pages
from scopekeeper.pages.refusals import Refused, refusal
from scopekeeper.pages.visit import Reception
from scopekeeper.web.astray import NOTHING, wants_page
from scopekeeper.wire import Reply


@dataclass(frozen=True, slots=True)
class Nowhere:
    """404, in the words of whoever asked: browsers say that they want HTML."""

    reception: Reception
    pages: Pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._reply(scope)(scope, receive, send)

    def _reply(self, scope: Scope) -> Reply:
        if not wants_page(scope):
            return NOTHING
        return refusal(self.pages, self.reception.visit(scope), Refused("nowhere"), "/account")
