"""What a person is told when a page cannot be given: what is the matter, and how to mend it."""

from typing import Final, Literal

from scopekeeper.pages.page import OWN, Pages
from scopekeeper.pages.visit import Visit
from scopekeeper.wire import Reply
from scopekeeper.wire.reply import Headers

Matter = Literal["away", "forged", "large", "link", "method", "nowhere", "often", "steward", "unreadable"]

_STATUS: Final[dict[Matter, int]] = {
    "away": 503,
    "forged": 403,
    "large": 413,
    "link": 410,
    "method": 405,
    "nowhere": 404,
    "often": 429,
    "steward": 403,
    "unreadable": 400,
}
_AWAY: Final = 5
"""Seconds after which trying again is worth it while the database is away."""


class Refused(Exception):
    """The page is not given. `reason` is for the log; the person is told by the template.

    `wait` is how many seconds it takes until trying again is worth it.
    """

    def __init__(self, matter: Matter, reason: str = "", *, wait: int | None = None) -> None:
        super().__init__(reason)
        self.matter: Final = matter
        self.reason: Final = reason
        self.wait: Final = wait


def refusal(pages: Pages, visit: Visit, refused: Refused, back: str, guards: Headers = OWN) -> Reply:
    """The page that says so, with a way back."""
    wait = _AWAY if refused.matter == "away" else refused.wait
    headers: Headers = () if wait is None else ((b"retry-after", b"%d" % wait),)
    if refused.matter == "method":
        headers = ((b"allow", b"GET, HEAD, POST"),)
    facts = {"matter": refused.matter, "wait": wait, "back": back}
    return pages(visit, "problem.html", facts, _STATUS[refused.matter], headers, guards=guards)
