"""What is done to users by SCIM: the acts of the module `admin`, in the words of RFC 7644 §3.

Each act is on the account as it was seen: where somebody else comes first, it is looked at anew, with the condition
that the request sets, and decided anew.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

from scopekeeper.api.admin.office import Acting
from scopekeeper.api.admin.refusals import sentence
from scopekeeper.api.scim.attributes import Place
from scopekeeper.api.scim.bodies import State
from scopekeeper.api.scim.faults import Fault
from scopekeeper.api.scim.filters import Filter, terms_in
from scopekeeper.api.scim.narrowing import Key, asked_of, keys_of
from scopekeeper.api.scim.patching import Change, patched
from scopekeeper.api.scim.resources import account_of, attribute_named, resource_of, state_of_user
from scopekeeper.oauth.applications import UNSET, Unset
from scopekeeper.oauth.giving import Exceeds
from scopekeeper.oauth.people import UnfitPerson, User, name_of
from scopekeeper.oauth.secrets import id_of
from scopekeeper.services.accounts import Accounts, LastAdministrator
from scopekeeper.services.lists import MOST_COUNTED, UsersAsked
from scopekeeper.services.ports import Gone, Stale, Taken

MOST_LOOKED_AT: Final = 50_000
"""Accounts that are looked at for one list."""

MOST_COMPARED: Final = 250_000
"""Comparisons that are made for one list: of a filter with many there are as many fewer accounts."""

_AT_A_TIME: Final = 20
"""Accounts that are looked at until others get their turn: a filter of 50 comparisons takes half a millisecond each."""

_TRIES: Final = 5

T = TypeVar("T")

Require = Callable[[User], None]
"""Sees that an account is as the request supposes. Raises Fault."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of users, and how many there are in all."""

    total: int
    users: list[User] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Directory:
    """Users, as SCIM keeps them. All of it raises Fault."""

    accounts: Accounts
    issuer: str
    vouches: bool = False
    """Is an address verified that is written down by who holds everything?"""

    async def get(self, id: str) -> User:
        """The user with this id."""
        row_id = id_of(id)
        if row_id is None:
            raise Fault.not_found()
        with told():
            return await self.accounts.get_with(row_id)

    async def add(self, state: State, acting: Acting) -> User:
        """A new account (RFC 7644 §3.3). It administers nothing."""
        account = account_of(state, None)
        with told():
            return await self.accounts.add(
                account.name,
                password=account.password,
                email=account.email,
                email_verified=self._vouched(account.email, None, acting) is True,
                admin=False,
                actor=acting.actor,
                address=acting.address,
                holding=acting.holding,
                profile=account.profile,
                external_id=account.external_id,
                enabled=account.enabled is not False,
            )

    async def replace(self, id: str, state: State, acting: Acting, require: Require) -> User:
        """The account as the client has it (RFC 7644 §3.5.1): what it does not name is cleared."""
        return await self._written(id, lambda user: self._saved(user, state, acting), require)

    async def patch(self, id: str, changes: list[Change], acting: Acting, require: Require) -> User:
        """The account with these changes (RFC 7644 §3.5.2): all of them, or none."""
        return await self._written(
            id, lambda user: self._saved(user, patched(state_of_user(user), changes), acting), require
        )

    async def remove(self, id: str, acting: Acting, require: Require) -> User:
        """Forget the account, its sessions, tokens and consents (RFC 7644 §3.6). The last administrator stays."""

        async def remove(user: User) -> User:
            await self.accounts.remove(user.name, acting.actor, acting.address, revision=user.revision, keep_one=True)
            return user

        return await self._written(id, remove, require)

    async def find(self, filter: Filter | None, first: int, count: int) -> Found:
        """Users by name, `count` of them from the one with this number on; the first has number 1."""
        keys = keys_of(filter)
        if keys is not None:
            return self._page(sorted(await self._with(keys), key=lambda user: user.name), filter, first, count)
        asked = asked_of(filter)
        if filter is None:
            total = await self.accounts.count(asked)
            if total <= MOST_COUNTED:
                return Found(total, (await self._walked(asked, None, first, count, enough=True)).users)
        return await self._walked(asked, filter, first, count)

    async def _written(self, id: str, write: Callable[[User], Awaitable[User]], require: Require) -> User:
        """What the write makes of the account as it is, if it is as the request supposes."""
        for _ in range(_TRIES):
            user = await self.get(id)
            require(user)
            try:
                with told():
                    return await write(user)
            except Stale:
                continue
        raise Fault.conflict("The account keeps changing under this request. Try again.")

    async def _saved(self, user: User, state: State, acting: Acting) -> User:
        account = account_of(state, user)
        if name_of(account.name) != user.name:
            raise Fault.mutability("userName is for ever: make another account, and disable this one.")
        return await self.accounts.edit(
            user.name,
            email=account.email,
            email_verified=self._vouched(account.email, user.email, acting),
            enabled=user.enabled if account.enabled is None else account.enabled,
            profile=account.profile,
            external_id=account.external_id,
            password=account.password,
            actor=acting.actor,
            address=acting.address,
            revision=user.revision,
            holding=acting.holding,
            keep_one=True,
        )

    def _vouched(self, email: str | None, was: str | None, acting: Acting) -> bool | Unset:
        """Is it verified that this address is theirs? What was vouched for otherwise stays so: only another one is new.

        Whoever writes an address down need not have proven that it is read by whom they mean.
        """
        if email == was or email is None:
            return UNSET
        return True if self.vouches and acting.holding.everything else UNSET

    async def _with(self, keys: list[Key]) -> list[User]:
        """The accounts with these keys."""
        found = [await self._one(key) for key in dict.fromkeys(keys)]
        return list({user.id: user for user in found if user is not None}.values())

    async def _one(self, key: Key) -> User | None:
        try:
            if key.place == Place("userName"):
                return await self.accounts.get(key.value)
            if key.place == Place("id"):
                row_id = id_of(key.value)
                return None if row_id is None else await self.accounts.get_with(row_id)
            return await self.accounts.called(key.value)
        except Gone:
            return None

    def _page(self, users: list[User], filter: Filter | None, first: int, count: int) -> Found:
        fitting = [user for user in users if self._fits(user, filter)]
        return Found(len(fitting), fitting[first - 1 : first - 1 + count])

    async def _walked(
        self, asked: UsersAsked, filter: Filter | None, first: int, count: int, *, enough: bool = False
    ) -> Found:
        """The same of a list that is read page by page; with `enough` no further than to what is asked for."""
        page: list[User] = []
        fitting = looked_at = 0
        most = MOST_LOOKED_AT if filter is None else min(MOST_LOOKED_AT, MOST_COMPARED // terms_in(filter))
        async for user in self.accounts.every(asked):
            if enough and fitting >= first - 1 + count:
                break
            looked_at += 1
            if looked_at % _AT_A_TIME == 0:
                await asyncio.sleep(0)
            if looked_at > most:
                raise Fault.too_many(
                    f"More than {most} accounts would have to be looked at: filter by userName, externalId "
                    "or id with eq, or by text in userName or emails."
                )
            if self._fits(user, filter):
                fitting += 1
                if first <= fitting < first + count:
                    page.append(user)
        return Found(fitting, page)

    def _fits(self, user: User, filter: Filter | None) -> bool:
        return filter is None or filter.matches(resource_of(user, self.issuer))


@contextmanager
def told() -> Iterator[None]:
    """Let what the services refuse be told in the words of SCIM. What would give more than is held is a plain 403."""
    try:
        yield
    except Exceeds as exceeds:
        raise Fault.forbidden(sentence(exceeds)) from exceeds
    except UnfitPerson as unfit:
        raise Fault.invalid_value(f"{attribute_named(unfit.field)}: {sentence(unfit)}") from unfit
    except Gone:
        raise Fault.not_found() from None
    except Taken as taken:
        raise Fault.uniqueness(sentence(taken)) from taken
    except LastAdministrator as last:
        # Without the name: whoever may write, and not read, asked by the id alone.
        raise Fault.conflict("This is the last administrator: make another one first.") from last
