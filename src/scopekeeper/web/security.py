"""`/account/security`: how I prove who I am besides my password: passkeys, one-time codes, recovery codes, providers.

Whoever finds somebody's browser open, or has stolen their session, sees this and changes nothing: for that they have to
have signed in lately, and by all that the account has (`FactorBook.require_fresh`). What a passkey is called proves
nothing, and can be changed at any time.

Whoever sets up their first factor here has just shown it: their session goes on as one that began with both.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Protocol

from scopekeeper.oauth.authentication import MFA, OTP, POP, USER
from scopekeeper.oauth.factors import Factors
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.secrets import LARGEST_ID
from scopekeeper.oauth.upstreams import Identity, Upstream
from scopekeeper.pages.cookies import ONCE_AGE, Jar
from scopekeeper.pages.endpoint import Form, asked
from scopekeeper.pages.page import OWN, SCRIPTED, Pages, sent_on
from scopekeeper.pages.refusals import Refused
from scopekeeper.pages.visit import Stay, Visit
from scopekeeper.services.factors import Fresh, Needed, NotFresh
from scopekeeper.services.login import Begun
from scopekeeper.services.ports import Gone, Stale, Unavailable
from scopekeeper.web.factors import Adding, NotSetUp, SetUp
from scopekeeper.web.recovery import CODES, SECURITY, codes_page, shown_next, unseen
from scopekeeper.wire import Reply
from scopekeeper.wire.paths import Routes, segments_of
from scopekeeper.wire.reply import Headers

TOTP: Final = f"{SECURITY}/totp"
PASSKEYS: Final = f"{SECURITY}/passkeys"
RECOVERY: Final = f"{SECURITY}/recovery"

FEW: Final = 3
"""Recovery codes: whoever has no more left is told to make new ones."""

_DIGITS: Final = len(str(LARGEST_ID))


class Book(Adding, Protocol):
    """What becomes of second factors. What changes one raises NotFresh; what takes the last one away, Needed."""

    def of(self, user: User) -> Awaitable[Factors]:
        """All that this person has."""
        ...

    def require_fresh(self, factors: Factors, fresh: Fresh) -> None:
        """Have they signed in lately, and by all that they have? Raises NotFresh."""
        ...

    def remove_totp(self, user: User, fresh: Fresh, address: str | None) -> Awaitable[None]:
        """One-time codes are given up. Raises Gone."""
        ...

    def rename_passkey(self, user: User, passkey_id: int, name: str, address: str | None) -> Awaitable[None]:
        """What it is called. Raises Gone."""
        ...

    def remove_passkey(self, user: User, fresh: Fresh, passkey_id: int, address: str | None) -> Awaitable[None]:
        """One is given up. Raises Gone."""
        ...

    def new_recovery_codes(self, user: User, fresh: Fresh, address: str | None) -> Awaitable[tuple[str, ...]]:
        """In place of all before. Raises Gone."""
        ...


class Stronger(Protocol):
    """What becomes of the session in which somebody has just shown more than they signed in by."""

    def strengthened(
        self, session: Session, shown: tuple[str, ...], *, address: str | None, agent: str
    ) -> Awaitable[Begun]:
        """It goes on by another cookie, as strong as that. Raises Gone where it stays as it is, Stale."""
        ...


class Providers(Protocol):
    """Other providers whose word is taken."""

    def open(self) -> Awaitable[Sequence[Upstream]]:
        """Those at which people may sign in."""
        ...


class Linked(Protocol):
    """Whom they know."""

    def of(self, user: User) -> Awaitable[Sequence[tuple[Upstream, Identity]]]:
        """By which of them this person signs in."""
        ...


Answer = Callable[[Visit, Stay, Form], Awaitable[Reply]]
"""What answers at one address, with its query or its form."""


class SecurityDoor:
    """Everything at and below `/account/security` but what leads to other providers."""

    def __init__(
        self,
        pages: Pages,
        jar: Jar,
        book: Book,
        stronger: Stronger,
        set_up: SetUp,
        providers: Providers,
        linked: Linked,
        demands: Callable[[User], bool],
    ) -> None:
        self._pages = pages
        self._jar = jar
        self._book = book
        self._stronger = stronger
        self._set_up = set_up
        self._providers = providers
        self._linked = linked
        self._demands = demands
        self._routes: Routes[Answer] = Routes()
        for method, path, answer in (
            ("GET", SECURITY, self._overview),
            ("GET", TOTP, self._offer_totp),
            ("POST", TOTP, self._confirm_totp),
            ("POST", f"{TOTP}/remove", self._remove_totp),
            ("GET", PASSKEYS, self._offer_passkey),
            ("POST", PASSKEYS, self._add_passkey),
            ("POST", f"{PASSKEYS}/rename", self._rename_passkey),
            ("POST", f"{PASSKEYS}/remove", self._remove_passkey),
            ("POST", RECOVERY, self._new_codes),
            ("GET", CODES, self._codes),
        ):
            self._routes.add(method, path, answer)

    async def __call__(self, visit: Visit, stay: Stay, form: Form | None) -> Reply:
        segments = segments_of(visit.scope["raw_path"].lstrip(b"/")) or ()
        found = self._routes.find("GET" if form is None else "POST", segments)
        if found is None:
            if form is None and self._routes.methods(segments):
                return sent_on(SECURITY)  # an act has no page of its own
            raise Refused("nowhere", "no such page")
        if form is None and found[0] != self._codes and unseen(self._jar.once, visit, stay):
            return sent_on(f"{CODES}?next={SECURITY}")  # a form that was sent twice led past them
        try:
            return await found[0](visit, stay, asked(visit) if form is None else form)
        except NotFresh:
            return sent_on(SECURITY) if form is None else await self._show(visit, stay, refused="stale", status=403)
        except Needed:
            return await self._show(visit, stay, refused="needed", status=422)
        except Gone:
            return sent_on(SECURITY)  # done before: the page shows how things are

    async def _overview(self, visit: Visit, stay: Stay, query: Form) -> Reply:
        return await self._show(visit, stay, note=query.get("note", ""))

    async def _show(self, visit: Visit, stay: Stay, *, note: str = "", refused: str = "", status: int = 200) -> Reply:
        factors, linked = await self._book.of(stay.user), await self._linked.of(stay.user)
        theirs = {upstream.id for upstream, _ in linked}
        facts = {
            "user": stay.user,
            "since": stay.session.signed_in_at,
            "stale": self._staleness(stay, factors),
            "factors": factors,
            "few": FEW,
            "demanded": self._demands(stay.user),
            "available": self._set_up.making.available,
            "linked": linked,
            "providers": [each for each in await self._providers.open() if each.id not in theirs],
            "note": note,
            "refused": refused,
        }
        return self._pages(visit, "security.html", facts, status)

    def _staleness(self, stay: Stay, factors: Factors) -> str:
        """Why nothing can be changed just now; nothing where it can."""
        try:
            self._book.require_fresh(factors, _fresh(stay))
        except NotFresh:
            return "one factor" if factors.second and MFA not in stay.session.amr else "old"
        return ""

    async def _offer_totp(self, visit: Visit, stay: Stay, _: Form) -> Reply:
        return await self._totp_page(visit, stay)

    async def _confirm_totp(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        try:
            codes = await self._set_up.confirmed(visit, stay.user, _fresh(stay), form)
        except NotSetUp as failed:
            return await self._totp_page(visit, stay, {failed.field: failed.why})
        except (Gone, NotFresh):
            # Sent twice? Then this session is not what it takes any more, by what the first one has set up.
            if not await self._just_set_up(visit, stay):
                raise
            return sent_on(CODES)  # they are shown, if they came along
        stay, cookie = await self._renewed(visit, stay, (OTP,))
        wanted = f"{SECURITY}?note=totp"
        return shown_next(self._jar.once, visit, stay, codes, wanted, *cookie, self._jar.factor.forget())

    async def _renewed(self, visit: Visit, stay: Stay, shown: tuple[str, ...]) -> tuple[Stay, Headers]:
        """The session in which a factor was just set up, which showed this; and its cookie, if it is another now.

        Whatever comes between, the factor holds, and its recovery codes are still to be shown: then they sign in again.
        """
        if MFA in stay.session.amr:
            return stay, ()
        try:
            begun = await self._stronger.strengthened(stay.session, shown, address=visit.address, agent=visit.agent)
        except (Gone, Stale, Unavailable):
            return stay, ()
        return Stay(begun.session, stay.user, begun.cookie), (self._jar.session.set(begun.cookie),)

    async def _just_set_up(self, visit: Visit, stay: Stay) -> bool:
        totp = (await self._book.of(stay.user)).totp
        return totp is not None and visit.now - totp.created_at < ONCE_AGE

    async def _totp_page(self, visit: Visit, stay: Stay, errors: Mapping[str, str] | None = None) -> Reply:
        factors = await self._book.of(stay.user)
        self._book.require_fresh(factors, _fresh(stay))
        totp, headers = self._set_up.totp(visit, stay.user)
        facts = {"totp": totp, "replaces": factors.totp is not None}
        return self._form(visit, stay, "security_totp.html", facts, errors, headers)

    async def _remove_totp(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        await self._book.remove_totp(stay.user, _fresh(stay), visit.address)
        return sent_on(f"{SECURITY}?note=removed")

    async def _offer_passkey(self, visit: Visit, stay: Stay, _: Form) -> Reply:
        return await self._passkey_page(visit, stay)

    async def _add_passkey(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        try:
            codes = await self._set_up.made(visit, stay.user, _fresh(stay), form)
        except NotSetUp as failed:
            return await self._passkey_page(visit, stay, {failed.field: failed.why})
        stay, cookie = await self._renewed(visit, stay, (POP, USER))  # no other is made: it has verified its person
        return shown_next(self._jar.once, visit, stay, codes, f"{SECURITY}?note=passkey", *cookie)

    async def _passkey_page(self, visit: Visit, stay: Stay, errors: Mapping[str, str] | None = None) -> Reply:
        factors = await self._book.of(stay.user)
        self._book.require_fresh(factors, _fresh(stay))
        passkey = self._set_up.passkey(visit, stay.user, factors)
        if passkey is None:
            return sent_on(SECURITY)
        return self._form(visit, stay, "security_passkey.html", {"passkey": passkey}, errors, guards=SCRIPTED)

    async def _rename_passkey(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        await self._book.rename_passkey(stay.user, _number(form), form.get("name", ""), visit.address)
        return sent_on(f"{SECURITY}?note=renamed")

    async def _remove_passkey(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        await self._book.remove_passkey(stay.user, _fresh(stay), _number(form), visit.address)
        return sent_on(f"{SECURITY}?note=removed")

    async def _new_codes(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        codes = await self._book.new_recovery_codes(stay.user, _fresh(stay), visit.address)
        return shown_next(self._jar.once, visit, stay, codes, SECURITY)

    async def _codes(self, visit: Visit, stay: Stay, query: Form) -> Reply:
        return codes_page(self._pages, self._jar.once, visit, stay, query.get("next"))

    def _form(
        self,
        visit: Visit,
        stay: Stay,
        template: str,
        facts: Mapping[str, object],
        errors: Mapping[str, str] | None,
        headers: Headers = (),
        guards: Headers = OWN,
    ) -> Reply:
        facts = {"user": stay.user, "errors": errors or {}, **facts}
        return self._pages(visit, template, facts, 422 if errors else 200, headers, guards=guards)


def _fresh(stay: Stay) -> Fresh:
    return Fresh(stay.session.signed_in_at, stay.session.amr, stay.session.id)


def _number(form: Form) -> int:
    """Which passkey: a number that no person types. Raises Gone."""
    number = form.get("passkey", "")
    if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS and int(number) <= LARGEST_ID):
        raise Gone("no such passkey")
    return int(number)
