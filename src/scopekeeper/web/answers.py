"""How an authorization request is answered: to the client through the browser, or to the person if that is unsafe."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass

import structlog

from scopekeeper.oauth.authorize import Refused, Unproven
from scopekeeper.oauth.responses import Destination, Redirect, error_of, response_of
from scopekeeper.pages.page import ON_THE_WAY, POSTING_ON, Pages, sent_on
from scopekeeper.pages.visit import Visit
from scopekeeper.wire import Reply

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answers:
    """Writes them."""

    pages: Pages
    issuer: str

    async def of(self, visit: Visit, reply: Awaitable[Reply]) -> Reply:
        """The reply, or what has to be said instead."""
        try:
            return await reply
        except Unproven as unproven:
            log.info("authorization refused to the person", fault=unproven.fault)
            facts = {"fault": unproven.fault, "client": unproven.client}
            return self.pages(visit, "unproven.html", facts, 400, guards=ON_THE_WAY)
        except Refused as refused:
            log.info("authorization refused", error=refused.error.error, reason=refused.error.reason)
            return self.carried(visit, refused.destination, error_of(refused.error))

    def carried(self, visit: Visit, destination: Destination, answer: Mapping[str, str]) -> Reply:
        """The answer, carried to the client by 303, or by a form that posts itself (RFC 9700 §4.12)."""
        response = response_of(destination, answer, self.issuer)
        if isinstance(response, Redirect):
            return sent_on(response.location)
        facts = {"action": response.action, "fields": response.fields}
        return self.pages(visit, "onward.html", facts, guards=POSTING_ON)
