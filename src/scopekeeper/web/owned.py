"""`/account/applications`: the owner's door. What whoever owns an application sees of it, and may do to it.

They may rotate its secrets, and declare it compromised. Everything else is for administrators.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol
from urllib.parse import quote

from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client
from scopekeeper.pages.cookies import Cookie
from scopekeeper.pages.endpoint import Form, asked
from scopekeeper.pages.findings import FINDINGS
from scopekeeper.pages.once import left, taken
from scopekeeper.pages.page import Pages, sent_on
from scopekeeper.pages.refusals import Refused
from scopekeeper.pages.selection import along
from scopekeeper.pages.visit import Stay, Visit
from scopekeeper.pages.wording import grouped
from scopekeeper.scopes import Catalogue
from scopekeeper.services.applications import Compromise, Credential
from scopekeeper.services.lists import MOST_COUNTED
from scopekeeper.services.owned import AtStake, Sight
from scopekeeper.services.ports import Gone, Stale
from scopekeeper.web.docs import DOCS
from scopekeeper.wire import Reply, json_reply
from scopekeeper.wire.paths import Routes, segments_of

OWNED: Final = "/account/applications"

OVERLAPS: Final = (0, 3_600, 86_400, 7 * 86_400)
"""Seconds for which the old secrets may be let work after a rotation."""
SINCE: Final = (86_400, 7 * 86_400, 30 * 86_400)
"""Seconds that the report of a compromise may reach back."""

PAGE: Final = 50
"""Applications on one page."""

_MOST: Final = 2**63


class Owned(Protocol):
    """What becomes of applications at their owner's hands. All but `of` raise Gone for one that is not theirs."""

    def of(self, user: User, *, after: str | None = None, limit: int = PAGE) -> Awaitable[Sequence[Client]]:
        """This person's, by name, from behind the one with this client_id."""
        ...

    def seen(self, user: User, client_id: str) -> Awaitable[Sight]:
        """One of them, with all that there is to be seen of it."""
        ...

    def at_stake(self, user: User, client_id: str) -> Awaitable[AtStake]:
        """What would die with it if it were declared compromised."""
        ...

    def rotate(
        self, user: User, client_id: str, overlap: int, *, newest: int, address: str | None
    ) -> Awaitable[Credential]:
        """A new secret. Raises Stale where `newest` is not its newest any more."""
        ...

    def compromised(
        self, user: User, client_id: str, since: int, *, generation: int, address: str | None
    ) -> Awaitable[Compromise]:
        """Whatever may have leaked dies. Raises Stale where that was done meanwhile."""
        ...

    def report(self, user: User, client_id: str, act_id: int) -> Awaitable[Mapping[str, object]]:
        """What had been done with it when this person declared it compromised."""
        ...


Answer = Callable[[Visit, Stay, str, Form], Awaitable[Reply]]
"""What answers at one address: whose client_id stands in it, and with which query or form."""


class OwnersDoor:
    """Everything at and below `/account/applications`."""

    def __init__(
        self, pages: Pages, once: Cookie, owned: Owned, catalogue: Catalogue, *, documented: bool = False
    ) -> None:
        self._pages = pages
        self._once = once
        self._owned = owned
        self._catalogue = catalogue
        self._documented = documented
        self._routes: Routes[Answer] = Routes()
        for method, path, answer in (
            ("GET", OWNED, self._list),
            ("GET", f"{OWNED}/{{client_id}}", self._one),
            ("POST", f"{OWNED}/{{client_id}}/secrets", self._rotate),
            ("GET", f"{OWNED}/{{client_id}}/compromised", self._ask),
            ("POST", f"{OWNED}/{{client_id}}/compromised", self._compromise),
            ("GET", f"{OWNED}/{{client_id}}/report", self._report),
        ):
            self._routes.add(method, path, answer)

    async def __call__(self, visit: Visit, stay: Stay, form: Form | None) -> Reply:
        segments = segments_of(visit.scope["raw_path"].lstrip(b"/"))
        found = None if segments is None else self._routes.find("GET" if form is None else "POST", segments)
        if found is None:
            if segments is not None and self._routes.methods(segments):
                raise Refused("method", visit.scope["method"])
            raise Refused("nowhere", "no such page")
        answer, values = found
        try:
            return await answer(visit, stay, values[0] if values else "", asked(visit) if form is None else form)
        except Gone as gone:
            raise Refused("nowhere", str(gone)) from gone

    async def _list(self, visit: Visit, stay: Stay, _: str, query: Form) -> Reply:
        found = await self._owned.of(stay.user, after=query.get("after"), limit=PAGE + 1)
        facts = {"clients": found[:PAGE], "next": found[PAGE - 1].client_id if len(found) > PAGE else None}
        return self._pages(visit, "owned.html", facts)

    async def _one(self, visit: Visit, stay: Stay, client_id: str, query: Form) -> Reply:
        sight = await self._owned.seen(stay.user, client_id)
        made = taken(self._once, visit, stay)
        if made is not None and made.get("client_id") != client_id:
            made = None
        facts = {
            "client": sight.client,
            "groups": grouped(sight.client.scope, self._catalogue),
            "standings": sight.standings,
            "newest": max((each.id for each in sight.client.secrets), default=0),
            "observed": sight.observed,
            "used": grouped([each.what for each in sight.observed.scopes], self._catalogue),
            "findings": [(each, FINDINGS[each.code]) for each in sight.findings],
            "documentation": _documentation_of(sight.client.scope) if self._documented else "",
            "overlaps": OVERLAPS,
            "made": made,
            "note": query.get("note", ""),
        }
        return self._pages(visit, "owned_one.html", facts, headers=() if made is None else (self._once.forget(),))

    async def _rotate(self, visit: Visit, stay: Stay, client_id: str, form: Form) -> Reply:
        overlap = _number(form.get("overlap"))
        if overlap not in OVERLAPS:
            raise Refused("unreadable", "no such overlap")
        newest = _number(form.get("newest"))
        try:
            made = await self._owned.rotate(stay.user, client_id, overlap, newest=newest, address=visit.address)
        except Stale:
            return sent_on(f"{_address_of(client_id)}?note=rotated-before")
        return self._shown_next(visit, stay, made, "rotated")

    async def _ask(self, visit: Visit, stay: Stay, client_id: str, query: Form) -> Reply:
        return await self._asking(visit, stay, client_id)

    async def _compromise(self, visit: Visit, stay: Stay, client_id: str, form: Form) -> Reply:
        back = _number(form.get("since"))
        if back not in SINCE:
            raise Refused("unreadable", "no such time")
        client = (await self._owned.at_stake(stay.user, client_id)).client
        if form.get("typed", "").strip() != client.name:
            return await self._asking(visit, stay, client_id, back=back, error=True)
        since, generation = visit.now - back, _number(form.get("generation"))
        try:
            done = await self._owned.compromised(
                stay.user, client_id, since, generation=generation, address=visit.address
            )
        except Stale:
            return sent_on(f"{_address_of(client_id)}?note=compromised-before")
        return self._shown_next(visit, stay, done.credential, "compromised", act=str(done.act.id))

    async def _asking(
        self, visit: Visit, stay: Stay, client_id: str, *, back: int = SINCE[-1], error: bool = False
    ) -> Reply:
        stake = await self._owned.at_stake(stay.user, client_id)
        facts = {
            "client": stake.client,
            "stake": stake,
            "errors": error,
            "back": back,
            "choices": SINCE,
            "most": MOST_COUNTED,
        }
        return self._pages(visit, "owned_compromised.html", facts, 422 if error else 200)

    async def _report(self, visit: Visit, stay: Stay, client_id: str, query: Form) -> Reply:
        """The report, to take away."""
        report = await self._owned.report(stay.user, client_id, _number(query.get("act")))
        return json_reply(
            report,
            headers=(
                (b"content-disposition", f'attachment; filename="compromised-{client_id}.json"'.encode()),
                (b"cache-control", b"no-store"),
                (b"content-security-policy", b"default-src 'none'; sandbox"),
            ),
        )

    def _shown_next(self, visit: Visit, stay: Stay, made: Credential, note: str, **more: str) -> Reply:
        """On to the application, which shows once what was just made."""
        client_id = made.client.client_id
        facts = {"client_id": client_id, "client_secret": made.client_secret or "", **more}
        return sent_on(f"{_address_of(client_id)}?note={note}", left(self._once, visit, stay, facts))


def _address_of(client_id: str) -> str:
    return f"{OWNED}/{quote(client_id, safe='')}"


def _documentation_of(scope: Iterable[str]) -> str:
    """Where everybody can read what these scopes open."""
    return DOCS + along(" ".join(scope))


def _number(text: str | None) -> int:
    """A number that a form or an address of ours has in it; nobody types it. Raises Refused."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < _MOST):
        raise Refused("unreadable", "a number is missing or is none")
    return int(text)
