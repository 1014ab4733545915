"""The list of accounts, and a new one."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.console import once
from scopekeeper.console.call import Call, Fields
from scopekeeper.console.commands import cli, curl
from scopekeeper.console.desk import Desk
from scopekeeper.console.exports import Row, csv_file, json_file
from scopekeeper.console.listing import PAGE, Listing, Place
from scopekeeper.console.narrowing import text_of
from scopekeeper.console.users.boxes import profile_in, sentence_of
from scopekeeper.console.users.places import NEW, PATH, place_of
from scopekeeper.oauth.people import UnfitPerson, User, name_of
from scopekeeper.oauth.profile import PROFILE
from scopekeeper.pages.links import link_of
from scopekeeper.pages.moments import iso
from scopekeeper.pages.page import sent_on
from scopekeeper.services.lists import UsersAsked
from scopekeeper.services.ports import Taken
from scopekeeper.wire import Reply
from scopekeeper.wire.streamed import Streamed

COLUMNS: Final = ("name", "email", "administrator", "enabled", "created_at", "updated_at")

FILTERS: Final = ("text", "role", "state")

_ROLES: Final = {"administrator": ("--admin",), "person": ("--no-admin",)}
"""How the command line asks for them."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An account, and what hangs on it."""

    user: User
    extensions: Sequence[str]
    sessions: int
    applications: int
    """How many it lets act in its name."""


@dataclass(frozen=True, slots=True)
class AccountPages:
    """All accounts."""

    desk: Desk

    async def list(self, call: Call) -> Reply:
        """Those that the filters match, by name."""
        asked, typed = _asked(call.query)
        after = call.query.one("page") or None
        rows = await self.desk.accounts.find(asked, after=after, limit=PAGE + 1)
        listing = Listing(
            Place(PATH, typed),
            [await self._shown(user) for user in rows[:PAGE]],
            await self.desk.accounts.count(asked),
            cursor=rows[PAGE - 1].name if len(rows) > PAGE else "",
            cli=cli("user", "list", *_ROLES.get(typed["role"], ()), text=asked.text, state=_state(asked)),
            curl=curl(self.desk.issuer, "/users", **_question(asked)),
        )
        facts = {"listing": listing, "typed": typed, "done": call.query.one("done")}
        return self.desk.sheets(call, "users.html", facts)

    async def csv(self, call: Call) -> Streamed:
        return csv_file("users", COLUMNS, self._records(_asked(call.query)[0]))

    async def json(self, call: Call) -> Streamed:
        return json_file("users", self._records(_asked(call.query)[0]))

    async def new(self, call: Call) -> Reply:
        """The form of a new account."""
        return self._form(call, {})

    async def add(self, call: Call) -> Reply:
        """A new account, and a link by which its person chooses a password, shown once."""
        name, email, admin = call.form.one("name"), call.form.one("email"), "admin" in call.form
        profile = profile_in(call.form)
        try:
            user = await self.desk.accounts.add(
                name,
                password=None,
                email=email or None,
                admin=admin,
                profile=profile,
                actor=call.actor,
                address=call.address,
            )
        except UnfitPerson as unfit:
            return self._form(call, {unfit.field: sentence_of(unfit)})
        except Taken:
            return self._form(call, {"name": "There is an account of this name already."}, taken=name_of(name))
        secret = await self.desk.accounts.password_link(user.name, call.actor, call.address)
        kept = {"for": user.name, "link": link_of(self.desk.issuer, secret)}
        return sent_on(place_of(user.name, "/link?done=added"), once.left(self.desk.jar.once, call, kept))

    def _form(self, call: Call, errors: Mapping[str, str], taken: str = "") -> Reply:
        facts = {
            "here": PATH,
            "address": NEW,
            "typed": call.form,
            "errors": errors,
            "taken": taken,
            "profile": profile_in(call.form),
            "unfit": {**dict.fromkeys(PROFILE, ""), **errors},
            "told_wrong": not PROFILE.keys().isdisjoint(errors),
        }
        return self.desk.sheets(call, "user_new.html", facts, 422 if errors else 200)

    async def _shown(self, user: User) -> Shown:
        return Shown(
            user,
            await self.desk.extensions_of(user),
            len(await self.desk.logins.sessions(user)),
            await self.desk.connections.count(user),
        )

    async def _records(self, asked: UsersAsked) -> AsyncIterator[Row]:
        async for user in self.desk.accounts.every(asked):
            yield {
                "name": user.name,
                "email": user.email,
                "administrator": user.admin,
                "enabled": user.enabled,
                "created_at": iso(user.created_at),
                "updated_at": iso(user.updated_at),
            }


def _asked(query: Fields) -> tuple[UsersAsked, Mapping[str, str]]:
    """The question, and what the boxes show."""
    typed = {name: text_of(query, name) for name in FILTERS}
    admin = {"administrator": True, "person": False}.get(typed["role"])
    enabled = {"enabled": True, "disabled": False}.get(typed["state"])
    return UsersAsked(typed["text"], admin, enabled), typed


def _state(asked: UsersAsked) -> str | None:
    return None if asked.enabled is None else "enabled" if asked.enabled else "disabled"


def _question(asked: UsersAsked) -> Mapping[str, object]:
    """The same question, as it is asked of the API."""
    said = {True: "true", False: "false", None: None}
    return {"text": asked.text, "admin": said[asked.admin], "enabled": said[asked.enabled]}
