"""`/forgot`: somebody has forgotten their password, and is sent a link by mail, if anybody is.

Whatever is typed, the answer is the same, at the same time: it tells nobody whose account there is. Where there is no
mail there is no such page.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, Protocol

from scopekeeper.pages.endpoint import Form, asked
from scopekeeper.pages.page import Pages, sent_on
from scopekeeper.pages.visit import Visit
from scopekeeper.wire import Reply

PATH: Final = "/forgot"


class Forgetting(Protocol):
    """The act that this page is for."""

    def __call__(self, typed: str, address: str | None) -> Awaitable[None]:
        """Send a link to whoever this name or e-mail address means, later. Raises TooMany."""
        ...


@dataclass(frozen=True, slots=True)
class ForgotPage:
    """Asks for a name or an e-mail address, and says that a mail is on its way if there is anybody to get it."""

    pages: Pages
    forgotten: Forgetting

    async def __call__(self, visit: Visit, form: Form | None) -> Reply:
        if form is None:
            return self._page(visit, sent=asked(visit).get("note") == "sent")
        typed = form.get("username", "").strip()
        if not typed:
            return self._page(visit, missing=True)
        await self.forgotten(typed, visit.address)
        return sent_on(f"{PATH}?note=sent")

    def _page(self, visit: Visit, *, sent: bool = False, missing: bool = False) -> Reply:
        errors = {"username": "missing"} if missing else {}
        return self.pages(visit, "forgot.html", {"sent": sent, "errors": errors}, 422 if missing else 200)
