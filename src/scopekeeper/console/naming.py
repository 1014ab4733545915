"""Names for ids: what an application is called, what a person's name may be, and which row an id of ours means."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.people import UnfitPerson, name_of
from scopekeeper.oauth.secrets import id_of
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.applications import Applications
from scopekeeper.services.ports import Gone

__all__ = ["Names", "folded", "id_of", "jti_of", "row_in", "rows_in"]

_MOST: Final = 500
"""Ids that one form names."""


class Names:
    """The names of applications and people, each looked up once."""

    def __init__(self, applications: Applications, accounts: Accounts | None = None) -> None:
        self._applications = applications
        self._accounts = accounts
        self._known: dict[str, str | None] = {}
        self._people: dict[str, bool] = {}

    async def of(self, client_id: str) -> str:
        """What the application is called; its client_id, where it is gone."""
        return await self.known(client_id) or client_id

    async def known(self, client_id: str) -> str | None:
        """What the application is called, if it is there."""
        if client_id not in self._known:
            try:
                self._known[client_id] = (await self._applications.get(client_id)).name
            except Gone:
                self._known[client_id] = None
        return self._known[client_id]

    async def is_person(self, name: str) -> bool:
        """Is there an account of this name?"""
        if name not in self._people:
            try:
                self._people[name] = self._accounts is not None and bool(await self._accounts.get(name))
            except Gone:
                self._people[name] = False
        return self._people[name]


def folded(name: str) -> str:
    """The name as accounts bear it; as it is, where no account can bear it."""
    try:
        return name_of(name)
    except UnfitPerson:
        return name


def row_in(text: str) -> int:
    """The row that this id means. Raises Gone where it is none."""
    row = id_of(text)
    if row is None:
        raise Gone("that is no id")
    return row


def rows_in(texts: Iterable[str]) -> list[int]:
    """The rows that these ids mean, without those that are none."""
    return [row for row in map(id_of, islice(texts, _MOST)) if row is not None]
