"""Accounts as acts: add, edit, remove, passwords, and the single-use links that stand in for them."""

import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scopekeeper.oauth.applications import UNSET, Unset
from scopekeeper.oauth.giving import EVERYTHING, Holding, require_account, require_link
from scopekeeper.oauth.people import (
    LINK_LIFETIME,
    Link,
    Purpose,
    Session,
    UnfitPerson,
    User,
    email_of,
    external_id_of,
    link_holds,
    name_of,
    password_of,
)
from scopekeeper.oauth.profile import PROFILE, with_profile
from scopekeeper.oauth.secrets import Kind, digest_of, row_of, secret_of
from scopekeeper.services.lists import UsersAsked
from scopekeeper.services.notices import SILENT, Notices
from scopekeeper.services.passwords import Passwords, WrongPassword
from scopekeeper.services.ports import Act, Clock, Entropy, Gone, Stale, Store, Users
from scopekeeper.services.proof import Proof

_TRIES: Final = 5
_STEP: Final = 500


class LastAdministrator(Exception):
    """It would leave nobody who can keep the server. Nothing was done."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """All that is done to accounts, by operators and by the people themselves.

    `actor` says who does it: `cli:root`, `user:alice`. A name may be written in any case. `holding` is what they hold
    themselves: nobody gives more than that (Exceeds). With `keep_one` the last administrator stays (LastAdministrator).
    """

    store: Store
    records: Users
    """Where accounts are read that are to be edited: never a cache."""
    passwords: Passwords
    prove: Proof
    clock: Clock
    entropy: Entropy
    notices: Notices = SILENT

    async def add(
        self,
        name: str,
        *,
        password: str | None,
        email: str | None,
        admin: bool,
        actor: str,
        address: str | None = None,
        holding: Holding = EVERYTHING,
        email_verified: bool = False,
        profile: Mapping[str, str | None] | None = None,
        external_id: str | None = None,
        enabled: bool = True,
    ) -> User:
        """A new account. Without a password nobody signs in to it before one is chosen.

        `profile`: what else it tells of its person, by the names of `oauth/profile.py`. `external_id`: what those call
        it who keep it from elsewhere. Whoever chooses its password can be that person: that takes as much as a link.

        Raises Taken, UnfitPerson, Exceeds.
        """
        folded = name_of(name)
        user = User(
            id=self.entropy.row_id(),
            name=folded,
            password=None,
            created_at=self.clock.now(),
            email=None if email is None else email_of(email),
            admin=admin,
            updated_at=self.clock.now(),
            email_verified=email is not None and email_verified,
            external_id=None if external_id is None else external_id_of(external_id),
            enabled=enabled,
        )
        user = with_profile(user, profile or {})
        require_account(holding, None, user)
        if password is not None:
            require_link(holding)
            user = replace(user, password=await self._chosen(password, folded, *_known(user)))
        await self.store.add_user(user, self._act(actor, "user.add", user, address, admin=admin, email=user.email))
        return user

    async def all(self) -> list[User]:
        """Every account, in the order of the names."""
        found: list[User] = []
        while page := await self.store.users(after=found[-1].name if found else None):
            found += page
        return found

    async def find(self, asked: UsersAsked, *, after: str | None = None, limit: int = 50) -> Sequence[User]:
        """Accounts by name, from behind this name."""
        return await self.store.find_users(asked, after=after, limit=limit)

    async def count(self, asked: UsersAsked) -> int:
        """How many; at most MOST_COUNTED + 1."""
        return await self.store.count_users(asked)

    async def every(self, asked: UsersAsked) -> AsyncIterator[User]:
        """All that match, read as they are taken."""
        after: str | None = None
        while page := await self.find(asked, after=after, limit=_STEP):
            for user in page:
                yield user
            after = page[-1].name

    async def get(self, name: str) -> User:
        """The account. Raises Gone."""
        try:
            user = await self.records.user(name_of(name))
        except UnfitPerson:
            user = None
        if user is None:
            raise Gone(f"there is no account {name!r}")
        return user

    async def get_with(self, user_id: int) -> User:
        """The account with this row id. Raises Gone."""
        user = await self.records.user_with(user_id)
        if user is None:
            raise Gone("there is no such account")
        return user

    async def called(self, external_id: str) -> User | None:
        """The account that those call so who keep it from elsewhere, or None."""
        try:
            return await self.records.user_with_external_id(external_id_of(external_id))
        except UnfitPerson:
            return None

    async def set_password(
        self, name: str, password: str, actor: str, *, keep_session: int | None = None, address: str | None = None
    ) -> None:
        """Another password. All sessions but `keep_session` end, all links, and what the old password itself bought.

        Raises Gone, UnfitPerson.
        """
        user = await self.get(name)
        hashed = await self._chosen(password, user.name, *_known(user))
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
        password_of(new, user.name)  # what is wrong with it at first sight is told before the old one is proven
        proven = known = await self.prove(user.name, old, address)
        hashed = await self._chosen(new, user.name, *_known(known))
        for _ in range(_TRIES):
            try:
                return await self._save_password(known, hashed, f"user:{user.name}", session.id, address)
            except Stale:
                known = await self._again(user)
                if known.password != proven.password:
                    raise WrongPassword from None  # it was right, and no longer is
        raise _edited_elsewhere()

    async def edit(
        self,
        name: str,
        *,
        email: str | Unset | None = UNSET,
        admin: bool | Unset = UNSET,
        enabled: bool | Unset = UNSET,
        email_verified: bool | Unset = UNSET,
        profile: Mapping[str, str | None] | None = None,
        external_id: str | Unset | None = UNSET,
        password: str | None = None,
        actor: str,
        address: str | None = None,
        revision: int | None = None,
        holding: Holding = EVERYTHING,
        keep_one: bool = False,
    ) -> User:
        """Another e-mail address, or word that it is theirs; administrator, or no more; the door opened or closed; what
        else is told of the person. What is UNSET, or not among `profile`, stays. Another address is vouched for anew,
        and no link works any more that may have been sent to the one before.

        Whoever is shut out loses all sessions and links, and the families that they granted are revoked for good: they
        do not come back with the account. What they consented to is remembered.

        With a `password` what `set_password` ends ends as well; that takes as much as a link to choose one with.

        `revision`: the one that was seen. Raises Gone, Taken, UnfitPerson, Exceeds, LastAdministrator, Stale.
        """
        user = await self.get(name)
        called = external_id_of(external_id) if isinstance(external_id, str) else external_id
        hashed: str | None = None
        if password is not None:
            require_link(holding)
            hashed = await self._chosen(password, user.name, *_known(user))
        for _ in range(_TRIES):
            if revision is not None and user.revision != revision:
                raise _edited_elsewhere()
            reached_at = user.email if email is UNSET else (email_of(email) if email else None)
            verified = user.email_verified and reached_at == user.email
            edited = replace(
                with_profile(user, profile or {}),
                email=reached_at,
                email_verified=reached_at is not None and (verified if email_verified is UNSET else email_verified),
                admin=user.admin if admin is UNSET else admin,
                enabled=user.enabled if enabled is UNSET else enabled,
                external_id=user.external_id if called is UNSET else called,
                password=hashed or user.password,
            )
            require_account(holding, user, edited)
            less = keep_one and not (edited.admin and edited.enabled)
            keep_admin = less and await self._require_another(user)
            if edited.enabled and not user.enabled:
                # Whoever shut them out may have been stopped before all of these had ended: they come back with nobody.
                await self._revoke_families(user)
            try:
                edited = await self._saved(user, edited, actor, address, keep_admin)
            except Stale:
                user = await self._again(user)
                continue
            if enabled is False:
                await self._revoke_families(edited)
            return edited
        raise _edited_elsewhere()

    async def _saved(self, user: User, edited: User, actor: str, address: str | None, keep_admin: bool) -> User:
        """The account as it is remembered: where nothing changed, as it was. Raises Stale, Gone."""
        if edited == user:
            return user
        diff, chosen = _diff(user, edited), edited.password != user.password
        edited = replace(edited, updated_at=self.clock.now(), revision=user.revision + 1)
        if chosen and not diff:
            act = self._act(actor, "user.password", user, address)
        elif list(diff) == ["enabled"] and not chosen:
            act = self._act(actor, "user.enable" if edited.enabled else "user.disable", user, address)
        else:
            told = {**diff, "password": True} if chosen else diff
            act = self._act(actor, "user.change", user, address, **told)
        ends = chosen or (user.enabled and not edited.enabled)
        # A link that was sent by mail lies at the address that it was: where that was a wrong one, with somebody else.
        moved = "email" in diff
        await self.store.save_user(edited, act, end_sessions=ends, keep_admin=keep_admin, end_links=moved)
        if chosen:
            await self.notices.changed(edited, "password", address)
        if moved:
            await self.notices.changed(user, "email", address)  # at the address that it was
        return edited

    async def _require_another(self, user: User) -> bool:
        """See that somebody else keeps the server, if this one does. Does this one? Raises LastAdministrator.

        The commit looks again, for of two who make each other less in the same moment one has to stay.
        """
        if not (user.admin and user.enabled):
            return False
        others = [each async for each in self.every(UsersAsked(admin=True, enabled=True)) if each.id != user.id]
        if not any(each.password is not None for each in others):
            raise LastAdministrator(f"{user.name} is the last administrator: make another one first")
        return True

    async def enable(
        self,
        name: str,
        enabled: bool,
        actor: str,
        address: str | None = None,
        *,
        holding: Holding = EVERYTHING,
        keep_one: bool = False,
    ) -> None:
        """Open or close the door, as `edit`. Raises Gone, Exceeds, LastAdministrator."""
        await self.edit(name, enabled=enabled, actor=actor, address=address, holding=holding, keep_one=keep_one)

    async def _revoke_families(self, user: User) -> None:
        """End all that this person granted, one family after the other: there may be many."""
        now = self.clock.now()
        while due := await self.store.families(user.id, now):
            for family in due:
                await self.store.revoke_family(family.id, now, None)

    async def remove(
        self,
        name: str,
        actor: str,
        address: str | None = None,
        *,
        revision: int | None = None,
        keep_one: bool = False,
    ) -> None:
        """Forget the account, its sessions, links and consents; its tokens die; what it owned is nobody's.

        `revision`: the one that was seen. Raises Gone, LastAdministrator, Stale.
        """
        user = await self.get(name)
        keep_admin = keep_one and await self._require_another(user)
        act = self._act(actor, "user.remove", user, address)
        try:
            await self.store.remove_user(user.name, act, revision, keep_admin=keep_admin)
        except Stale:
            if keep_admin:
                await self._require_another(user)
            raise

    async def password_link(
        self,
        name: str,
        actor: str,
        address: str | None = None,
        *,
        holding: Holding = EVERYTHING,
        lifetime: int = LINK_LIFETIME,
        alone: bool = True,
        by: str | None = None,
    ) -> str:
        """The secret of a link to choose a password with, once, within so many seconds. Raises Gone, Exceeds.

        An older one dies, unless it is not to be `alone`: when one is used all others are gone in any case. `by`: how
        it is given to them, where not by whoever asked for it.
        """
        require_link(holding)
        user = await self.get(name)
        link, secret = self._link(Purpose.PASSWORD, user.id, lifetime)
        act = self._act(actor, "user.link", user, address, **({} if by is None else {"by": by}))
        await self.store.add_link(link, act, alone=alone)
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
        about = (reached_at,) if user is None else _known(user)
        hashed = await self._chosen(password, known_as, *about)
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
                if user is not None:
                    await self.notices.changed(chosen, "password", address)
                return chosen
        raise _edited_elsewhere()

    async def _save_password(
        self, user: User, hashed: str, actor: str, keep_session: int | None, address: str | None
    ) -> None:
        edited = replace(user, password=hashed, updated_at=self.clock.now(), revision=user.revision + 1)
        act = self._act(actor, "user.password", user, address)
        await self.store.save_user(edited, act, end_sessions=True, keep=keep_session)
        await self.notices.changed(edited, "password", address)

    async def _chosen(self, password: str, name: str, *about: str | None) -> str:
        """The hash of a password, fit to be chosen for the account with this name. Raises UnfitPerson."""
        return await self.passwords.choose(password_of(password, name), (name, *about))

    async def _again(self, user: User) -> User:
        """The account as it is now. Raises Gone."""
        found = await self.records.user_with(user.id)
        if found is None:
            raise Gone(f"there is no account {user.name!r}")
        return found

    def _link(self, purpose: Purpose, user_id: int | None, lifetime: int = LINK_LIFETIME) -> tuple[Link, str]:
        row, now = self.entropy.row_id(), self.clock.now()
        secret = secret_of(Kind.LINK, row, self.entropy.entropy())
        return Link(row, digest_of(secret), purpose, user_id, now, now + lifetime), secret

    def _act(self, actor: str, action: str, user: User, address: str | None, /, **details: object) -> Act:
        return Act(self.entropy.row_id(), self.clock.now(), actor, action, user.name, address, details)


def _diff(old: User, new: User) -> dict[str, object]:
    """What an edit changed, before and after, in the audit log's words."""
    return {
        name: {"before": getattr(old, name), "after": getattr(new, name)}
        for name in ("email", "email_verified", "admin", "enabled", "external_id", *PROFILE)
        if getattr(old, name) != getattr(new, name)
    }


def _known(user: User) -> tuple[str | None, ...]:
    """What whoever guesses may know of somebody."""
    return user.email, *(getattr(user, name) for name in PROFILE)


def _edited_elsewhere() -> Stale:
    return Stale("the account is being edited by somebody else")
