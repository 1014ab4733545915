"""`/link`: what a single-use link opens. The first administrator is made here, and new passwords are chosen.

The secret comes in the address once. It is taken out of it at once, into a cookie that no script can read, so that it
stays neither in the browser's history nor on the page, and goes to nobody as Referer.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from scopekeeper.oauth.people import Link, Purpose, UnfitPerson, User
from scopekeeper.oauth.secrets import Kind, row_of
from scopekeeper.pages.endpoint import Form, asked
from scopekeeper.pages.links import PATH
from scopekeeper.pages.page import Pages, sent_on
from scopekeeper.pages.refusals import Refused
from scopekeeper.pages.visit import Reception, Visit
from scopekeeper.services.ports import Gone, Taken
from scopekeeper.wire import Reply, query_of

_FIELDS: Final = {"name": "username"}
"""What a rule calls a field, and what the form calls it, where that differs."""


class Links(Protocol):
    """The acts that this page is for."""

    def open_link(self, secret: str) -> Awaitable[tuple[Link, User | None] | None]:
        """The link and whose it is, if it still works. It is not spent by that."""
        ...

    def use_link(
        self, secret: str, *, name: str | None, password: str, email: str | None, address: str | None
    ) -> Awaitable[User]:
        """Spend the link. Raises Gone, Taken, UnfitPerson."""
        ...


@dataclass(frozen=True, slots=True)
class LinkPage:
    """Shows what the link is for, and does it once."""

    reception: Reception
    pages: Pages
    links: Links

    async def __call__(self, visit: Visit, form: Form | None) -> Reply:
        if form is None and query_of(visit.scope):
            return self._put_away(visit)
        secret = self.reception.jar.link.of(visit.scope)
        opened = None if secret is None else await self.links.open_link(secret)
        if secret is None or opened is None:
            raise Refused("link", "does not work")
        if form is None:
            return self._page(visit, *opened)
        return await self._use(visit, secret, form, *opened)

    def _put_away(self, visit: Visit) -> Reply:
        secret = asked(visit).get("key", "")
        if row_of(secret, Kind.LINK) is None:
            raise Refused("link", "no link")
        return sent_on(PATH, self.reception.jar.link.set(secret))

    async def _use(self, visit: Visit, secret: str, form: Form, link: Link, user: User | None) -> Reply:
        setup = link.purpose is Purpose.SETUP
        missing = dict.fromkeys(("username", "password") if setup else ("password",), "missing")
        missing = {field: why for field, why in missing.items() if field not in form}
        if missing:
            return self._page(visit, link, user, form, missing)
        try:
            await self.links.use_link(
                secret,
                name=form["username"] if setup else None,
                password=form["password"],
                email=form.get("email") if setup else None,
                address=visit.address,
            )
        except UnfitPerson as unfit:
            wrong = {_FIELDS.get(unfit.field, unfit.field): visit.words.refusal(unfit)}
            return self._page(visit, link, user, form, wrong)
        except Gone:
            raise Refused("link", "somebody was faster") from None
        except Taken:
            # Either of the two: there is an administrator by now, or only the name is somebody's.
            if await self.links.open_link(secret) is None:
                raise Refused("link", "too late") from None
            return self._page(visit, link, user, form, {"username": visit.words.sentence("that name is taken")})
        note = "ready" if setup else "chosen"
        return sent_on(f"/login?note={note}", self.reception.jar.link.forget())

    def _page(
        self,
        visit: Visit,
        link: Link,
        user: User | None,
        form: Form | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> Reply:
        template = "setup.html" if link.purpose is Purpose.SETUP else "password.html"
        given = {field: (form or {}).get(field, "") for field in ("username", "email")}
        facts = {"user": user, "given": given, "errors": errors or {}}
        return self.pages(visit, template, facts, 422 if errors else 200)
