"""A logout request as an act (OpenID Connect RP-Initiated Logout 1.0): load who asks and who is there, decide, end."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Protocol

from scopekeeper.oauth.logout import Hint, Leave, LogoutRequest, Step, Unsound, hint_of, leave_of, next_step
from scopekeeper.oauth.logout.frames import frames_of
from scopekeeper.oauth.people import Session
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.steps import Present
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.services.authorize import Hints
from scopekeeper.services.ports import Clients, Farewells


class Stays(Protocol):
    """How a session is ended."""

    def sign_out(self, session: Session, address: str | None, *, application: str | None = None) -> Awaitable[None]:
        """End it. `application`: the client_id of the one that asked for it."""
        ...


@dataclass(frozen=True, slots=True)
class Logout:
    """Takes somebody from wanting to leave to having left, and says who else is to hear of it through their browser.

    Who is to hear of it from server to server is remembered by the store, in the transaction that ends the session.
    """

    clients: Clients
    farewells: Farewells
    hints: Hints
    stays: Stays
    subjects: Subjects
    issuer: str

    async def asked(self, request: LogoutRequest) -> Leave:
        """What is asked, and by whom. Raises Unsound."""
        hint = await self._hinted(request)
        try:
            return leave_of(request, hint, await self._asking(request, hint))
        except Unsound:
            if not await self.clients.catch_up():
                raise
        # Another process may have edited the application, or made the key of the hint, just now.
        hint = await self._hinted(request)
        return leave_of(request, hint, await self._asking(request, hint))

    def step(self, leave: Leave, present: Present | None) -> Step:
        """What comes next."""
        return next_step(leave, present, self.subjects)

    async def leave(self, session: Session, address: str | None, application: str | None = None) -> Sequence[str]:
        """The session ends now; the addresses of what the browser is to load in frames, so that applications hear it.

        `application`: the client_id of the one that asked for it, for the audit log.
        """
        frames = await self.frames(session)
        await self.stays.sign_out(session, address, application=application)
        return frames

    async def frames(self, session: Session) -> Sequence[str]:
        """What the browser is to load in frames when this session ends. It is asked for while the session is there."""
        told = [await self.clients.client(each) for each in await self.farewells.session_clients(session.id)]
        known = [client for client in told if client is not None]
        return frames_of(known, session.id, self.issuer, self.subjects)

    async def _hinted(self, request: LogoutRequest) -> Hint | None:
        sent = request.get("id_token_hint")
        claims = None if sent is None else await self.hints.verified(sent)
        return None if claims is None else hint_of(claims)

    async def _asking(self, request: LogoutRequest, hint: Hint | None) -> Client | None:
        """Whoever bears the client_id that was sent, else the one to whom the hint was issued."""
        client_id = request.get("client_id") or (None if hint is None else hint.client_id)
        return None if client_id is None else await self.clients.client(client_id)
