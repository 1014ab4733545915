"""Accounts as acts: add, edit, remove, passwords, and the single-use links that stand in for them."""

import hmac
from dataclasses import dataclass, replace
from typing import Final

from scopekeeper.oauth.people import (
    LINK_LIFETIME,
    Link,
    Purpose,
    Session,
    UnfitPerson,
    User,
    email_of,
    link_holds,
    name_of,
    password_of,
)
from scopekeeper.oauth.secrets import Kind, digest_of, row_of, secret_of
from scopekeeper.services.passwords import Passwords, WrongPassword
from scopekeeper.services.ports import Act, Clock, Entropy, Gone, Stale, Store, Users
from scopekeeper.services.proof import Proof

_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Accounts:
    """All that is done to accounts, by operators and by the people themselves.

    `actor` says who does it: `cli:root`, `user:alice`. A name may be written in any case.
    """

    store: Store
    records: Users
    """Where accounts are read that are to be edited: never a cache."""
    passwords: Passwords
    prove: Proof
    clock: Clock
    entropy: Entropy

    async def add(
        self,
        name: str,
        *,
        password: str | None,
        email: str | None,
        admin: bool,
        actor: str,
        address: str | None = None,
    ) -> User:
        """A new account. Without a password nobody signs in to it before one is chosen. Raises Taken, UnfitPerson."""
        folded = name_of(name)
        user = User(
            id=self.entropy.row_id(),
            name=folded,
            password=None if password is None else await self.passwords.hash(password_of(password, folded)),
            created_at=self.clock.now(),
            email=None if email is None else email_of(email),
            admin=admin,
            updated_at=self.clock.now(),
        )
        await self.store.add_user(user, self._act(actor, "user.add", user, address, admin=admin, email=user.email))
        return user

    async def all(self) -> list[User]:
        """Every account, in the order of the names."""
        found: list[User] = []
        while page := await self.store.users(after=found[-1].name if found else None):
            found += page
        return found

    async def get(self, name: str) -> User:
        """The account. Raises Gone."""
        try:
            user = await self.records.user(name_of(name))
        except UnfitPerson:
            user = None
        if user is None:
            raise Gone(f"there is no account {name!r}")
        return user

    async def set_password(
        self, name: str, password: str, actor: str, *, keep_session: int | None = None, address: str | None = None
    ) -> None:
        """Another password. All sessions but `keep_session` end, all links, and what the old password itself bought.

        Raises Gone, UnfitPerson.
        """
        user = await self.get(name)
        hashed = await self.passwords.hash(password_of(password, user.name))
        for _ in range(_TRIES):
            try:
                return await self._save_password(user, hashed, actor, keep_session, address)
            except Stale:
                user = await self._again(user)
        raise _edited_elsewhere()

    async def change_password(self, user: User, old: str, new: str, session: Session, address: str | None) -> None:
        """A person's own: the old one is proven first, and their other sessions end.

        Raises WrongPassword, TooMany, UnfitPerson.
        """
        chosen = password_of(new, user.name)
        proven = known = await self.prove(user.name, old, address)
        hashed = await self.passwords.hash(chosen)
        for _ in range(_TRIES):
            try:
                return await self._save_password(known, hashed, f"user:{user.name}", session.id, address)
            except Stale:
                known = await self._again(user)
                if known.password != proven.password:
                    raise WrongPassword from None  # it was right, and no longer is
        raise _edited_elsewhere()

    async def enable(self, name: str, enabled: bool, actor: str, address: str | None = None) -> None:
        """Open or close the door. Raises Gone.

        Whoever is shut out loses all sessions and links, and the families that they granted are revoked for good: they
        do not come back with the account. What they consented to is remembered.
        """
        user = await self._enabled(name, enabled, actor, address)
        if not enabled:
            await self._revoke_families(user)

    async def _enabled(self, name: str, enabled: bool, actor: str, address: str | None) -> User:
        user = await self.get(name)
        for _ in range(_TRIES):
            if user.enabled is enabled:
                return user
            edited = replace(user, enabled=enabled, updated_at=self.clock.now(), revision=user.revision + 1)
            act = self._act(actor, "user.enable" if enabled else "user.disable", user, address)
            try:
                await self.store.save_user(edited, act, end_sessions=not enabled)
            except Stale:
                user = await self._again(user)
            else:
                return edited
        raise _edited_elsewhere()

    async def _revoke_families(self, user: User) -> None:
        """End all that this person granted, one family after the other: there may be many."""
        now = self.clock.now()
        while due := await self.store.families(user.id, now):
            for family in due:
                await self.store.revoke_family(family.id, now, None)

    async def remove(self, name: str, actor: str, address: str | None = None) -> None:
        """Forget the account, its sessions, links and consents; its tokens die; what it owned is nobody's.

        Raises Gone.
        """
        user = await self.get(name)
        await self.store.remove_user(user.name, self._act(actor, "user.remove", user, address))

    async def password_link(self, name: str, actor: str, address: str | None = None) -> str:
        """The secret of a link to choose a password with, once. An older one dies. Raises Gone."""
        user = await self.get(name)
        link, secret = self._link(Purpose.PASSWORD, user.id)
        await self.store.add_link(link, self._act(actor, "user.link", user, address), alone=True)
        return secret

    async def setup_link(self) -> str | None:
        """The secret of a link to make the first administrator with; None once there is one. An older link dies."""
        if await self.store.has_admin():
            return None
        link, secret = self._link(Purpose.SETUP, None)
        act = Act(self.entropy.row_id(), self.clock.now(), "system", "setup.link", "administrator")
        await self.store.add_link(link, act, alone=True)
        return secret

    async def open_link(self, secret: str) -> tuple[Link, User | None] | None:
        """The link, if it still works, and whose password it sets. That does not use it up."""
        row = row_of(secret, Kind.LINK)
        link = await self.store.link(row) if row is not None else None
        if link is None or not hmac.compare_digest(link.digest, digest_of(secret)):
            return None
        if not link_holds(link, self.clock.now()):
            return None
        if link.user_id is None:
            return None if await self.store.has_admin() else (link, None)
        user = await self.records.user_with(link.user_id)
        return (link, user) if user is not None and user.enabled else None

    async def use_link(
        self, secret: str, *, name: str | None, password: str, address: str | None, email: str | None = None
    ) -> User:
        """Use the link up: choose a password, or become the first administrator, by `name`. It works once.

        `name` and `email` are the new account's; one that is there keeps its own.

        Raises Gone where the link does not work (any more), Taken where the name is, UnfitPerson, Stale.
        """
        opened = await self.open_link(secret)
        if opened is None:
            raise Gone("the link does not work any more")
        link, user = opened
        known_as = user.name if user is not None else name_of(name or "")
        reached_at = email_of(email) if email else None
        hashed = await self.passwords.hash(password_of(password, known_as))
        for _ in range(_TRIES):
            now = self.clock.now()
            if user is None:
                chosen = User(self.entropy.row_id(), known_as, hashed, now, reached_at, admin=True, updated_at=now)
                act = self._act(f"user:{known_as}", "user.add", chosen, address, admin=True, by="setup link")
            else:
                chosen = replace(user, password=hashed, updated_at=now, revision=user.revision + 1)
                act = self._act(f"user:{known_as}", "user.password", chosen, address, by="link")
            try:
                await self.store.spend_link(link, chosen, act)
            except Stale:
                user = None if user is None else await self._again(user)
            else:
                return chosen
        raise _edited_elsewhere()

    async def _save_password(
        self, user: User, hashed: str, actor: str, keep_session: int | None, address: str | None
    ) -> None:
        edited = replace(user, password=hashed, updated_at=self.clock.now(), revision=user.revision + 1)
        act = self._act(actor, "user.password", user, address)
        await self.store.save_user(edited, act, end_sessions=True, keep=keep_session)

    async def _again(self, user: User) -> User:
        """The account as it is now. Raises Gone."""
        found = await self.records.user_with(user.id)
        if found is None:
            raise Gone(f"there is no account {user.name!r}")
        return found

    def _link(self, purpose: Purpose, user_id: int | None) -> tuple[Link, str]:
        row, now = self.entropy.row_id(), self.clock.now()
        secret = secret_of(Kind.LINK, row, self.entropy.entropy())
        return Link(row, digest_of(secret), purpose, user_id, now, now + LINK_LIFETIME), secret

    def _act(self, actor: str, action: str, user: User, address: str | None, **details: object) -> Act:
        return Act(self.entropy.row_id(), self.clock.now(), actor, action, user.name, address, details)


def _edited_elsewhere() -> Stale:
    return Stale("the account is being edited by somebody else")
