"""The explorer's token as an act: the built-in application is made when it is needed; then load, decide, commit."""

from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.built_in import explorer
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.explorer import Selected, decide, ended_by, selected_of
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import EXPLORER, Client
from scopekeeper.oauth.token import Issue
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.ports import Act, Clients, Store, Taken
from scopekeeper.services.uses import Uses

BY_SESSION: Final = "session"
"""What these tokens are counted as, in place of a grant."""

_STEP: Final = 500
_STEPS: Final = 20


@dataclass(frozen=True, slots=True)
class Explorer:
    """Issues tokens to the console's own pages."""

    store: Store
    records: Clients
    """Where the application is looked for that another process may just have made: never a cache."""
    issuing: Issuing
    uses: Uses

    async def token(
        self, user: User, session: Session, asked: str, *, previous: int | None = None, address: str | None = None
    ) -> tuple[Issue, Selected]:
        """A token with these scopes; the one with the row id `previous` is revoked in the same commit.

        Raises Unselectable, Denied, OAuthError (while what a removed explorer had is being swept), Unavailable; Gone
        where the session was ended meanwhile. Then nothing is issued, and nothing revoked.
        """
        selected = selected_of(asked, self.issuing.known)
        client = await self.application(address)
        mint = self.issuing.mint_for_person()
        issue = decide(client, user, session, selected, mint, address=address)
        old = None if previous is None else await self.store.token(previous)
        ends = ended_by(user, session, old, await self.store.families(user.id, mint.now))
        await self.store.begin_family(issue.grant, issue.token, None, None, None, ends=ends)
        self.uses.tally.token(client.client_id, BY_SESSION)
        return issue, selected

    async def application(self, address: str | None = None) -> Client:
        """The built-in application; made, with a record in the audit log, where it is not there. Any number make one.

        Raises OAuthError, Unavailable.
        """
        client = await self.store.client(EXPLORER)
        return client if client is not None else await self._made(address)

    async def _made(self, address: str | None) -> Client:
        now = self.issuing.clock.now()
        client = explorer(now)
        details = {"name": client.name, "type": client.type.value, "scope": " ".join(client.scope)}
        act = Act(self.issuing.entropy.row_id(), now, "system", "application.add", EXPLORER, address, details)
        for _ in range(2):
            try:
                await self.store.add_client(client, act)
            except Taken:
                there = await self.records.client(EXPLORER)
                if there is not None:
                    return there
                await self._sweep()
            else:
                return client
        raise OAuthError.temporarily_unavailable("what the removed API Explorer had is not swept yet")

    async def _sweep(self) -> None:
        """It was removed, and comes back when nothing of before is left: that is not waited for, where it is little."""
        for _ in range(_STEPS):
            if await self.store.sweep(0, _STEP) < _STEP:
                return
