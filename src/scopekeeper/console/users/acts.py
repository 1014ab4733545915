"""What is done to one account. What cannot be undone is asked first, with all that goes with it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from scopekeeper.console import once
from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.users.boxes import profile_in
from scopekeeper.console.users.person import PersonPage, attached
from scopekeeper.console.users.places import PATH, place_of
from scopekeeper.oauth.applications import UNSET
from scopekeeper.oauth.people import UnfitPerson, User
from scopekeeper.pages.links import link_of
from scopekeeper.pages.onward import anew
from scopekeeper.pages.page import sent_on
from scopekeeper.services.accounts import LastAdministrator
from scopekeeper.services.factors import Fresh, NotFresh
from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.mail import NoAddress, TooMuchMail
from scopekeeper.services.ports import Gone, Stale
from scopekeeper.wire import Reply

_RESET: Final = "reset-factors"
_REMOVE: Final = "remove"

_FRESH: Final = (_RESET, _REMOVE)
"""Only for who has just signed in, as on `/account`: a stolen session takes nothing away for good, be it one's own."""

_LARGEST: Final = 19
"""Digits of a row id, and more than any revision has."""

_EDITED: Final = "Somebody else changed this account meanwhile. What it is now stands here: look, and do it again."


@dataclass(frozen=True, slots=True)
class PersonActs:
    """The acts, each with its address below the person's page."""

    desk: Desk
    page: PersonPage

    async def change_email(self, call: Call) -> Reply:
        """Another e-mail address, unless somebody else edited the account meanwhile."""
        user, typed = await self._user(call), call.form.one("email")
        try:
            await self.desk.accounts.edit(
                user.name,
                email=typed or None,
                actor=call.actor,
                address=call.address,
                revision=_number(call.form.one("revision")),
            )
        except UnfitPerson:
            return await self.page.again(call, wrong="That is no e-mail address.", typed=typed, status=422)
        except Stale:
            return await self.page.again(call, wrong=_EDITED, typed=typed, status=409)
        return sent_on(place_of(user.name, "?done=email"))

    async def change_profile(self, call: Call) -> Reply:
        """What applications may be told, and whether we vouch for the address, unless it was edited meanwhile."""
        user, profile = await self._user(call), profile_in(call.form)
        try:
            await self.desk.accounts.edit(
                user.name,
                email_verified="email_verified" in call.form if user.email else UNSET,
                profile=profile,
                actor=call.actor,
                address=call.address,
                revision=_number(call.form.one("revision")),
            )
        except UnfitPerson as unfit:
            return await self.page.again(call, profile=profile, unfit=unfit, status=422)
        except Stale:
            return await self.page.again(call, wrong=_EDITED, profile=profile, status=409)
        return sent_on(place_of(user.name, "?done=profile"))

    async def make_link(self, call: Call) -> Reply:
        """A link to choose a password with, shown once. Sent again by mistake, the form makes no other one."""
        user = await self._user(call)
        if await self._linked_meanwhile(call, user):
            return sent_on(place_of(user.name, "?done=linked"))
        secret = await self.desk.accounts.password_link(user.name, call.actor, call.address)
        kept = {"for": user.name, "link": link_of(self.desk.issuer, secret)}
        return sent_on(place_of(user.name, "/link"), once.left(self.desk.jar.once, call, kept))

    async def mail_link(self, call: Call) -> Reply:
        """The same by mail, as an invitation where there is no password yet. Nobody here sees it."""
        user, links = await self._user(call), self.desk.links
        if links is None:
            raise Gone("there is no mail here")
        if await self._linked_meanwhile(call, user):
            return sent_on(place_of(user.name, "?done=linked"))
        try:
            send = links.invite if user.password is None else links.reset
            await send(user.name, call.actor, call.address)
        except NoAddress:
            return await self.page.again(call, wrong="That account has no address to write to.", status=409)
        except TooMuchMail:
            return await self.page.again(call, wrong="So much mail waits that no more is taken.", status=503)
        return sent_on(place_of(user.name, "?done=mailed"))

    async def link_made(self, call: Call) -> Reply:
        """The link, once; whoever comes again is told that it was shown."""
        user, cookie = await self._user(call), self.desk.jar.once
        kept = once.taken(cookie, call)
        link = kept["link"] if kept is not None and kept.get("for") == user.name else ""
        facts = {
            "person": user,
            "place": place_of(user.name),
            "link": link,
            "added": call.query.one("done") == "added",
            "here": PATH,
        }
        return self.desk.sheets(call, "user_link.html", facts, headers=(cookie.forget(),) if link else ())

    async def enable(self, call: Call) -> Reply:
        """The door is open again."""
        user = await self._user(call)
        await self.desk.accounts.enable(user.name, True, call.actor, call.address)
        return sent_on(place_of(user.name, "?done=enabled"))

    async def end_session(self, call: Call) -> Reply:
        """One session ends; and with one's own, this one."""
        user, session = await self._user(call), _number(call.form.one("session"))
        if session is not None:
            await self.desk.logins.end(user, session, call.address, actor=call.actor)
        return sent_on(place_of(user.name, "?done=session"))

    async def ask(self, call: Call, *, wrong: str = "", status: int = 200) -> Reply:
        """What would go with it?"""
        user, act = await self._user(call), call.path["act"]
        if act not in self._acts():
            raise Gone("there is no such act")
        facts = {
            "person": user,
            "place": place_of(user.name),
            "act": act,
            "attached": await attached(self.desk, user),
            "factors": await self.desk.factors.of(user),
            "you": user.id == call.stay.user.id,
            "anew": anew(place_of(user.name, f"/{act}")) if act in _FRESH and not await self._fresh(call) else "",
            "wrong": wrong,
            "here": PATH,
        }
        return self.desk.sheets(call, "user_act.html", facts, status)

    async def act(self, call: Call) -> Reply:
        """It is done, unless nobody would be left to keep the server."""
        act = self._acts().get(call.path["act"])
        if act is None:
            raise Gone("there is no such act")
        user = await self._user(call)
        if call.path["act"] in _FRESH and not await self._fresh(call):
            return await self.ask(call, status=403)
        try:
            return await act(call, user)
        except LastAdministrator:
            why = f"{user.name} is the last administrator: make another one first, or nobody can keep this server."
            return await self.ask(call, wrong=why, status=409)
        except Stale:
            return await self.ask(call, wrong=_EDITED, status=409)

    def _acts(self) -> Mapping[str, Callable[[Call, User], Awaitable[Reply]]]:
        return {
            "disable": self._disable,
            _REMOVE: self._remove,
            "sign-out": self._sign_out,
            "administrator": self._promote,
            "no-administrator": self._demote,
            _RESET: self._reset_factors,
        }

    async def _disable(self, call: Call, user: User) -> Reply:
        await self.desk.accounts.enable(user.name, False, call.actor, call.address, keep_one=True)
        return sent_on(place_of(user.name, "?done=disabled"))

    async def _remove(self, call: Call, user: User) -> Reply:
        if call.form.one("typed").strip() != user.name:
            return await self.ask(call, wrong="That is not the name. Nothing was done.", status=422)
        await self.desk.accounts.remove(user.name, call.actor, call.address, keep_one=True)
        return sent_on(f"{PATH}?done=removed")

    async def _sign_out(self, call: Call, user: User) -> Reply:
        mine = call.stay.session.id if user.id == call.stay.user.id else None
        await self.desk.logins.end_all(user, call.address, actor=call.actor, keep=mine)
        return sent_on(place_of(user.name, "?done=sessions"))

    async def _reset_factors(self, call: Call, user: User) -> Reply:
        await self.desk.factors.reset(user.name, call.actor, call.address)
        return sent_on(place_of(user.name, f"?done={_RESET}"))

    async def _fresh(self, call: Call) -> bool:
        """Has whoever acts signed in lately, and by a second factor where they have one?"""
        session, factors = call.stay.session, self.desk.factors
        try:
            factors.require_fresh(await factors.of(call.stay.user), Fresh(session.signed_in_at, session.amr))
        except NotFresh:
            return False
        return True

    async def _promote(self, call: Call, user: User) -> Reply:
        return await self._set_admin(call, user, True)

    async def _demote(self, call: Call, user: User) -> Reply:
        return await self._set_admin(call, user, False)

    async def _set_admin(self, call: Call, user: User, admin: bool) -> Reply:
        if user.admin is not admin:
            await self.desk.accounts.edit(
                user.name,
                admin=admin,
                actor=call.actor,
                address=call.address,
                revision=_number(call.form.one("revision")),
                keep_one=True,
            )
        return sent_on(place_of(user.name, f"?done={'administrator' if admin else 'no-administrator'}"))

    async def _linked_meanwhile(self, call: Call, user: User) -> bool:
        """Was a link made since the form was shown, which may have been sent twice?"""
        links = await self.desk.log.page(ActsAsked(action="user.link", target=user.name), limit=1)
        return call.form.one("newest") != (str(links[0].id) if links else "0")

    async def _user(self, call: Call) -> User:
        return await self.desk.accounts.get(call.path["name"])


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LARGEST else None
