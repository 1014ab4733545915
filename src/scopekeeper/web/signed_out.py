"""The end of a stay: the browser forgets it, tells other applications in frames, and goes on where it was to go on."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

from scopekeeper.oauth.logout.frames import origins_of
from scopekeeper.oauth.people import Session
from scopekeeper.pages.page import ON_THE_WAY, Pages, framing, sent_on
from scopekeeper.pages.visit import Reception, Stay, Visit, inside
from scopekeeper.wire import Reply


class Leaving(Protocol):
    """How somebody leaves."""

    def leave(self, session: Session, address: str | None, application: str | None = None) -> Awaitable[Sequence[str]]:
        """End the session; the addresses of what the browser is to load in frames.

        `application`: the client_id of the one that asked for it, where one did.
        """
        ...


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Answers whoever has left, or was not there."""

    reception: Reception
    pages: Pages

    def __call__(
        self, visit: Visit, stay: Stay | None, frames: Sequence[str], onward: str | None, application: str = ""
    ) -> Reply:
        """`stay`: the one that has just ended, if one has. `onward`: where to go on; None: to nothing but this page.

        `application`: the name of the one that they go on to; empty, where it is none.
        """
        jar = self.reception.jar
        forgotten = () if stay is None else (jar.session.forget(), jar.visitor.forget())
        if onward is not None and not frames:
            return sent_on(onward, *forgotten)
        facts = {"frames": frames, "onward": onward, "application": application}
        guards = framing(origins_of(frames)) if frames else ON_THE_WAY
        visit = visit if stay is None else inside(visit, stay)
        return self.pages(visit, "signed_out.html", facts, headers=forgotten, guards=guards)
