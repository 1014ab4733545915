"""One person's page: their account, sessions, connected applications, tokens, what they own, and what the log says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.listing import Place, total_of
from scopekeeper.console.naming import Names
from scopekeeper.console.telling import Told, told
from scopekeeper.console.users.boxes import profile_of_user, sentence_of
from scopekeeper.console.users.places import place_of
from scopekeeper.oauth.people import UnfitPerson, User
from scopekeeper.oauth.profile import PROFILE
from scopekeeper.services.lists import ActsAsked, ClientsAsked, TokensAsked
from scopekeeper.wire import Reply

_FEW: Final = 5
"""Acts that are shown, of the person and by them."""
_OWNED: Final = 50


@dataclass(frozen=True, slots=True)
class Attached:
    """How much hangs on an account."""

    sessions: int
    tokens: int
    refresh_tokens: int
    consents: int
    owned: int


async def attached(desk: Desk, user: User) -> Attached:
    """How much hangs on this account."""
    return Attached(
        sessions=len(await desk.logins.sessions(user)),
        tokens=await desk.tokens.count(TokensAsked(user=user.name)),
        refresh_tokens=await desk.tokens.refresh_count(TokensAsked(user=user.name)),
        consents=await desk.connections.count(user),
        owned=await desk.applications.count(ClientsAsked(owner=user.name)),
    )


@dataclass(frozen=True, slots=True)
class PersonPage:
    """The page. Acts that cannot be done come back to it, and say why."""

    desk: Desk

    async def shown(self, call: Call) -> Reply:
        """As it is."""
        return await self.again(call)

    async def again(
        self,
        call: Call,
        *,
        wrong: str = "",
        typed: str | None = None,
        status: int = 200,
        profile: Mapping[str, str | None] | None = None,
        unfit: UnfitPerson | None = None,
    ) -> Reply:
        """The page, with what went wrong, and the e-mail address or the profile as it was typed."""
        desk, user = self.desk, await self.desk.accounts.get(call.path["name"])
        by, of = ActsAsked(actor=f"user:{user.name}"), ActsAsked(target=user.name)
        links = await desk.log.page(ActsAsked(action="user.link", target=user.name), limit=1)
        facts = {
            "person": user,
            "place": place_of(user.name),
            "you": user.id == call.stay.user.id,
            "mine": call.stay.session.id,
            "sessions": await desk.logins.sessions(user),
            "factors": await desk.factors.of(user),
            "connections": await desk.connections.of(user),
            "extensions": await desk.extensions_of(user),
            "attached": await attached(desk, user),
            "owned": await desk.applications.find(ClientsAsked(owner=user.name), limit=_OWNED),
            "by": await self._told(by),
            "of": await self._told(of),
            "all_by": Place("/console/audit", {"actor": f"user:{user.name}"}).at(),
            "all_of": Place("/console/audit", {"target": user.name}).at(),
            "newest_link": str(links[0].id) if links else "0",
            "by_mail": desk.links is not None and user.email is not None,
            "wrong": wrong,
            "typed": user.email or "" if typed is None else typed,
            "profile": profile_of_user(user) if profile is None else profile,
            "vouched": user.email_verified if profile is None else "email_verified" in call.form,
            "unfit": dict.fromkeys(PROFILE, "") | ({} if unfit is None else {unfit.field: sentence_of(unfit)}),
            "done": call.query.one("done"),
            "total_of": total_of,
            "here": "/console/users",
        }
        return desk.sheets(call, "user.html", facts, status)

    async def _told(self, asked: ActsAsked) -> Sequence[Told]:
        names = Names(self.desk.applications, self.desk.accounts)
        return [await told(act, names) for act in await self.desk.log.page(asked, limit=_FEW)]
