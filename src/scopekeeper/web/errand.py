"""What somebody signs in for: a page of ours, or an application that waits for an answer."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, quote

from scopekeeper.oauth.authorize import Asked, Refused, Unproven
from scopekeeper.pages.onward import HOME, onward
from scopekeeper.pages.page import entrance
from scopekeeper.pages.visit import Stay, Visit
from scopekeeper.web.asking import AUTHORIZE, Asking, Requests, asking_of
from scopekeeper.web.language import spoken
from scopekeeper.wire.reply import Headers

LOGIN: Final = "/login"
SECOND: Final = f"{LOGIN}/second"

SURE: Final = "sure"
"""In the address of a page of ours: it takes a sign-in of more than one step. Whoever writes it there by themselves has
one step more to take."""

_LONGEST_HINT: Final = 100
"""Characters of a login_hint: no name and few addresses are longer."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Where to go on, once somebody has signed in."""

    path: str
    asking: Asking | None = None
    asked: Asked | None = None

    @property
    def login(self) -> str:
        """The address where one signs in for it."""
        return self._led_to_by(LOGIN)

    @property
    def second(self) -> str:
        """The address where one takes the second step for it."""
        return self._led_to_by(SECOND)

    @property
    def guards(self) -> Headers:
        """Those of the sign-in page: its form may end at an application, with an answer or a refusal."""
        return self.entrance()

    def entrance(self, *, scripted: bool = False) -> Headers:
        """The same, where there is a script for passkeys. What leads to other providers ends at a page of ours, too."""
        return entrance(on_the_way=self.path.startswith(AUTHORIZE), scripted=scripted)

    @property
    def stronger(self) -> bool:
        """Is one step of a sign-in not enough for it, whoever it is?"""
        if self.asked is None:
            return SURE in parse_qs(self.path.partition("?")[2])
        return self.asked.takes_more

    @property
    def application(self) -> str:
        """Its name; empty where none waits."""
        return "" if self.asked is None else self.asked.client.name

    @property
    def hint(self) -> str:
        """Who is going to sign in, as far as the application knows (`login_hint`)."""
        hint = "" if self.asked is None else self.asked.login_hint
        return hint if len(hint) <= _LONGEST_HINT and hint.isprintable() else ""

    def visit(self, visit: Visit) -> Visit:
        """The visit in the language that the application asks for."""
        return visit if self.asked is None else spoken(visit, self.asked.ui_locales)

    def done_by(self, visit: Visit, stay: Stay) -> bool:
        """Need this person not sign in? Who was sent to do so anew has to, whoever they are."""
        if self.asking is None or self.asking.ticket is None:
            return True
        return self.asking.signed_in_anew(visit.key, stay.session, visit.now)

    def _led_to_by(self, path: str) -> str:
        return path if self.path == HOME else f"{path}?next={quote(self.path, safe='')}"


async def errand_of(wanted: str | None, requests: Requests) -> Errand:
    """What this path is for, which came from outside. A request that is not sound is told so where it leads."""
    path = onward(wanted)
    if not path.startswith(f"{AUTHORIZE}?"):
        return Errand(path)
    try:
        asking = asking_of(path.partition("?")[2].encode())
        return Errand(path, asking, await requests.asked(asking.request))
    except (Unproven, Refused):
        return Errand(path)
