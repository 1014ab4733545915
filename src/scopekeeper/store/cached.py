"""A store around a store: it remembers applications, tokens, people and signing keys, while nothing has changed.

One number in the database rises with every change that could be hidden here. It is looked at when a request comes and
the last look is 250 ms ago, or somebody told of a change; where it has risen, all is forgotten. What a look cannot
confirm is not served: no fact is older than a second, and where the number cannot be read the answer is Unavailable.
What this process changes itself is forgotten at once. That something is not there is never remembered.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from scopekeeper.oauth.factors import Passkey, RecoveryCode, Totp
from scopekeeper.oauth.granted import Consent, Family, RefreshToken
from scopekeeper.oauth.keys import SigningKey
from scopekeeper.oauth.people import Link, Session, User
from scopekeeper.oauth.records import Client, Secret, Token
from scopekeeper.services.kept import Kept
from scopekeeper.services.ports import NOTHING, Act, Activity, Clock, Lease, Store, Supposed, Unavailable, Use

K = TypeVar("K")
V = TypeVar("V")

LOOK_EVERY: Final = 250
"""Milliseconds."""

LOOK_AGAIN: Final = 25
"""Milliseconds, where one has heard of a change: what is changed all the time is not looked at all the time."""

OLDEST: Final = 1_000
"""Milliseconds: what was confirmed longer ago is not served."""

_NEVER: Final = -(1 << 62)


class CachedStore:
    """Remembers the signing keys and some records of another store, by the keys that requests bring.

    All else it passes on.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        clients: int = 50_000,
        tokens: int = 50_000,
        users: int = 10_000,
        sessions: int = 10_000,
        refresh_tokens: int = 50_000,
    ) -> None:
        self._store = store
        self._now = clock.milliseconds
        self._clients: Kept[str, Client] = Kept(clients)
        self._tokens: Kept[int, Token] = Kept(tokens)
        self._users: Kept[str, User] = Kept(users)
        self._sessions: Kept[int, Session] = Kept(sessions)
        self._refresh_tokens: Kept[int, tuple[RefreshToken, Family]] = Kept(refresh_tokens)
        self._keys: tuple[SigningKey, ...] = ()
        self._looked_at = _NEVER
        self._look_after = LOOK_EVERY
        self._heard = 0
        """How often one has heard of a change."""
        self._seen: int | None = None
        self._looking: asyncio.Task[None] | None = None
        self._forgotten = 0
        """How often something was forgotten: what was read before must not be remembered after."""
        self._pass_on(store)

    def _pass_on(self, store: Store) -> None:
        """What people grant is asked of the store itself; what ends a grant is not here, for it is forgotten, too."""
        self.consent, self.consents = store.consent, store.consents
        self.code, self.add_code, self.redeem_code = store.code, store.add_code, store.redeem_code
        self.family, self.families = store.family, store.families
        self.erase_sealed, self.refreshed = store.erase_sealed, store.refreshed
        self.add_device, self.device, self.device_with = store.add_device, store.device, store.device_with
        self.claim_device, self.decide_device = store.claim_device, store.decide_device
        self.poll_device, self.redeem_device = store.poll_device, store.redeem_device
        self.sweep_unredeemed = store.sweep_unredeemed
        self.sweep_waiting, self.sweep_grants = store.sweep_waiting, store.sweep_grants
        self.knows_origin = store.knows_origin
        self.issue, self.used = store.issue, store.used
        self._pass_on_accounts(store)
        self._pass_on_lists(store)
        self._pass_on_shared(store)

    def _pass_on_accounts(self, store: Store) -> None:
        """What makes accounts stronger is remembered nowhere; what raises an account's revision is not here."""
        self.user_with_external_id = store.user_with_external_id
        self.factors, self.passkey = store.factors, store.passkey
        self.rename_passkey, self.use_passkey = store.rename_passkey, store.use_passkey
        self.use_totp, self.use_recovery_code = store.use_totp, store.use_recovery_code
        self.upstreams, self.upstream, self.add_upstream = store.upstreams, store.upstream, store.add_upstream
        self.save_upstream, self.remove_upstream = store.save_upstream, store.remove_upstream
        self.identity, self.identities = store.identity, store.identities
        self.add_identity, self.use_identity = store.add_identity, store.use_identity
        self.remove_identity = store.remove_identity
        self.add_mail, self.mails_due, self.mail_sent = store.add_mail, store.mails_due, store.mail_sent
        self.mail_failed, self.waiting_mails, self.sweep_mails = (
            store.mail_failed,
            store.waiting_mails,
            store.sweep_mails,
        )

    def _pass_on_lists(self, store: Store) -> None:
        """Lists are read anew each time. What is counted hides behind no change, so nothing is forgotten for it."""
        self.find_clients, self.count_clients = store.find_clients, store.count_clients
        self.find_tokens, self.count_tokens = store.find_tokens, store.count_tokens
        self.find_refresh_tokens, self.count_refresh_tokens = store.find_refresh_tokens, store.count_refresh_tokens
        self.find_consents, self.count_consents = store.find_consents, store.count_consents
        self.find_users, self.count_users = store.find_users, store.count_users
        self.act, self.acts, self.count_acts = store.act, store.acts, store.count_acts
        self.count, self.sweep_counts = store.count, store.sweep_counts
        self.counts, self.sums = store.counts, store.sums

    def _pass_on_shared(self, store: Store) -> None:
        """What processes share among themselves holds for all of them at once, so none remembers it."""
        self.fill, self.give_back, self.sweep_buckets = store.fill, store.give_back, store.sweep_buckets
        self.spend, self.sweep_spent = store.spend, store.sweep_spent
        self.guess, self.take_back_guess = store.guess, store.take_back_guess
        self.turn, self.let_go = store.turn, store.let_go
        self.farewells, self.farewell_told = store.farewells, store.farewell_told
        self.session_clients = store.session_clients

    def hear(self) -> None:
        """Others may have changed something: look at the next request, even if the last look was just now."""
        self._heard += 1
        self._look_after = LOOK_AGAIN

    async def catch_up(self) -> bool:
        seen, under_way = self._seen, self._looking
        await self._look()
        if seen == self._seen and under_way is not None:
            await self._look()  # the one before may have looked before what is to be seen
        return seen != self._seen

    async def client(self, client_id: str) -> Client | None:
        return await self._recalled(self._clients, client_id, self._store.client)

    async def token(self, row_id: int) -> Token | None:
        return await self._recalled(self._tokens, row_id, self._store.token)

    async def user(self, name: str) -> User | None:
        return await self._recalled(self._users, name, self._store.user)

    async def session(self, row_id: int) -> Session | None:
        return await self._recalled(self._sessions, row_id, self._store.session)

    async def refresh_token(self, row_id: int) -> tuple[RefreshToken, Family] | None:
        return await self._recalled(self._refresh_tokens, row_id, self._store.refresh_token)

    async def rotate(
        self, spent: RefreshToken, now: int, refresh: RefreshToken, sealed: bytes | None, token: Token
    ) -> None:
        """As it is promised; what comes next is remembered.

        That it has been spent in another process meanwhile, or its family revoked, no memory hides: the commit looks.
        """
        known, forgotten = self._refresh_tokens.get(spent.id), self._forgotten
        self._refresh_tokens.drop(spent.id)
        await self._store.rotate(spent, now, refresh, sealed, token)
        if known is not None and forgotten == self._forgotten:
            self._refresh_tokens.keep(refresh.id, (refresh, known[1]))

    async def _recalled(self, kept: Kept[K, V], key: K, read: Callable[[K], Awaitable[V | None]]) -> V | None:
        """What is remembered and confirmed, else what is read now."""
        if not 0 <= self._now() - self._looked_at < self._look_after:
            await self._look()
        found = kept.get(key)
        if found is not None:
            return found
        forgotten = self._forgotten
        found = await read(key)
        if found is not None and forgotten == self._forgotten:
            kept.keep(key, found)
        return found

    async def _look(self) -> None:
        """See whether anything has changed. Whoever comes while one looks waits for that look."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_now())
            self._looking.add_done_callback(_noted)
        await asyncio.shield(self._looking)
        if not 0 <= self._now() - self._looked_at < OLDEST:
            raise Unavailable("what is remembered could not be confirmed in time")

    async def _look_now(self) -> None:
        at, heard = self._now(), self._heard
        try:
            seen = await self._store.changes()
        finally:
            self._looking = None
        if seen != self._seen:
            self._seen = seen
            self._forget()
        self._looked_at = at
        if heard == self._heard:  # else it may have been looked at just before that change
            self._look_after = LOOK_EVERY

    def _forget(self, *, client_id: str | None = None, row_ids: Sequence[int] | None = None) -> None:
        """Forget this application, or these tokens; without either, all there is."""
        self._forgotten += 1
        if client_id is None and row_ids is None:
            for kept in (self._clients, self._tokens, self._users, self._sessions, self._refresh_tokens):
                kept.clear()
            self._keys = ()
        if client_id is not None:
            self._clients.drop(client_id)
        for row_id in row_ids or ():
            self._tokens.drop(row_id)

    def _forget_person(self, name: str) -> None:
        """Forget the account, all sessions and all tokens: whose they are is not worth an index."""
        self._users.drop(name)
        self._sessions.clear()
        self._forget_tokens()

    def _forget_people(self) -> None:
        """Forget all accounts: of one it is only the row id that is known."""
        self._forgotten += 1
        self._users.clear()

    def _forget_first(self, first: bool) -> None:
        """Forget all accounts; and with the first factor, or the last, what ended with it."""
        self._forget_people()
        if first:
            self._sessions.clear()
            self._forget_tokens()

    def _forget_session(self, row_id: int | None) -> None:
        """Forget this session, and the tokens, of which some may not outlive it."""
        self._forgotten += 1
        if row_id is not None:
            self._sessions.drop(row_id)
            self._forget_tokens()

    def _forget_tokens(self) -> None:
        self._forgotten += 1
        self._tokens.clear()
        self._refresh_tokens.clear()

    async def clients(self, *, after: str | None = None, limit: int = 500) -> Sequence[Client]:
        return await self._store.clients(after=after, limit=limit)

    async def add_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        await self._store.add_client(client, act, owner=owner)

    async def save_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        try:
            await self._store.save_client(client, act, owner=owner)
        finally:
            self._forget(client_id=client.client_id)

    async def remove_client(self, client_id: str, act: Act, supposed: Supposed = NOTHING) -> None:
        try:
            await self._store.remove_client(client_id, act, supposed)
        finally:
            self._forget()

    async def add_secret(self, secret: Secret, ends: Mapping[int, int], act: Act, supposed: Supposed = NOTHING) -> None:
        try:
            await self._store.add_secret(secret, ends, act, supposed)
        finally:
            self._forget(client_id=secret.client_id)

    async def end_secret(self, client_id: str, secret_id: int, at: int, act: Act) -> bool:
        try:
            return await self._store.end_secret(client_id, secret_id, at, act)
        finally:
            self._forget(client_id=client_id)

    async def compromise(self, client_id: str, secret: Secret | None, act: Act, supposed: Supposed = NOTHING) -> None:
        try:
            await self._store.compromise(client_id, secret, act, supposed)
        finally:
            self._forget(client_id=client_id)

    async def revoke(self, row_ids: Sequence[int], now: int, act: Act | None) -> int:
        try:
            return await self._store.revoke(row_ids, now, act)
        finally:
            self._forget(row_ids=row_ids)

    async def tokens(
        self,
        *,
        client_id: str | None = None,
        user: str | None = None,
        now: int,
        before: int | None = None,
        limit: int = 500,
    ) -> Sequence[Token]:
        return await self._store.tokens(client_id=client_id, user=user, now=now, before=before, limit=limit)

    async def activity(self, client_id: str, since: int, now: int) -> Activity:
        return await self._store.activity(client_id, since, now)

    async def sweep_secrets(self, before: int, limit: int) -> int:
        return await self._store.sweep_secrets(before, limit)  # they have opened nothing for long

    async def sweep(self, before: int, limit: int) -> int:
        return await self._store.sweep(before, limit)

    async def user_with(self, user_id: int) -> User | None:
        return await self._store.user_with(user_id)

    async def users(self, *, after: str | None = None, limit: int = 500) -> Sequence[User]:
        return await self._store.users(after=after, limit=limit)

    async def has_admin(self) -> bool:
        return await self._store.has_admin()

    async def add_user(self, user: User, act: Act) -> None:
        await self._store.add_user(user, act)

    async def save_user(
        self,
        user: User,
        act: Act,
        *,
        end_sessions: bool,
        keep: int | None = None,
        keep_admin: bool = False,
        end_links: bool = False,
    ) -> None:
        try:
            await self._store.save_user(
                user, act, end_sessions=end_sessions, keep=keep, keep_admin=keep_admin, end_links=end_links
            )
        finally:
            self._forget_person(user.name)

    async def remove_user(self, name: str, act: Act, revision: int | None = None, *, keep_admin: bool = False) -> None:
        try:
            await self._store.remove_user(name, act, revision, keep_admin=keep_admin)
        finally:
            self._forget()

    async def rehash(self, user_id: int, was: str, password: str) -> None:
        try:
            await self._store.rehash(user_id, was, password)
        finally:
            self._forget()

    async def add_passkey(
        self, passkey: Passkey, most: int, act: Act, *, first: bool = False, keep: int | None = None
    ) -> None:
        try:
            await self._store.add_passkey(passkey, most, act, first=first, keep=keep)
        finally:
            self._forget_first(first)

    async def remove_passkey(self, user_id: int, passkey_id: int, act: Act) -> None:
        try:
            await self._store.remove_passkey(user_id, passkey_id, act)
        finally:
            self._forget_people()

    async def save_totp(self, totp: Totp, act: Act, *, first: bool = False, keep: int | None = None) -> None:
        try:
            await self._store.save_totp(totp, act, first=first, keep=keep)
        finally:
            self._forget_first(first)

    async def remove_totp(self, user_id: int, act: Act) -> None:
        try:
            await self._store.remove_totp(user_id, act)
        finally:
            self._forget_people()

    async def replace_recovery_codes(self, user_id: int, codes: Sequence[RecoveryCode], act: Act) -> None:
        try:
            await self._store.replace_recovery_codes(user_id, codes, act)
        finally:
            self._forget_people()

    async def remove_factors(self, user_id: int, act: Act) -> bool:
        try:
            return await self._store.remove_factors(user_id, act)
        finally:
            self._forget_first(True)

    async def link(self, row_id: int) -> Link | None:
        return await self._store.link(row_id)

    async def add_link(self, link: Link, act: Act | None, *, alone: bool) -> None:
        await self._store.add_link(link, act, alone=alone)

    async def spend_link(self, link: Link, user: User, act: Act) -> None:
        try:
            await self._store.spend_link(link, user, act)
        finally:
            self._forget_person(user.name)

    async def sweep_links(self, before: int, limit: int) -> int:
        return await self._store.sweep_links(before, limit)

    async def sessions(self, user_id: int) -> Sequence[Session]:
        return await self._store.sessions(user_id)

    async def begin_session(self, session: Session, user: User, ends: int | None, act: Act) -> None:
        try:
            await self._store.begin_session(session, user, ends, act)
        finally:
            self._forget_session(ends)

    async def end_session(self, row_id: int, act: Act) -> None:
        try:
            await self._store.end_session(row_id, act)
        finally:
            self._forget_session(row_id)

    async def seen(self, sessions: Sequence[Use]) -> None:
        await self._store.seen(sessions)
        for use in sessions:
            # No change tells of it, so it is noted here: else a busy session would look idle.
            if (session := self._sessions.get(use.id)) is not None and session.last_seen_at < use.at:
                self._sessions.keep(use.id, replace(session, last_seen_at=use.at))

    async def sweep_sessions(self, before: int, limit: int) -> int:
        return await self._store.sweep_sessions(before, limit)

    async def begin_family(
        self,
        family: Family,
        token: Token,
        refresh: RefreshToken | None,
        consent: Consent | None,
        act: Act | None,
        *,
        ends: Sequence[int] = (),
    ) -> None:
        try:
            await self._store.begin_family(family, token, refresh, consent, act, ends=ends)
        finally:
            if ends:
                self._forget_tokens()

    async def revoke_family(self, family_id: int, now: int, act: Act | None) -> bool:
        try:
            return await self._store.revoke_family(family_id, now, act)
        finally:
            self._forget_tokens()

    async def withdraw(self, user_id: int, client_id: str | None, now: int, act: Act) -> int:
        try:
            return await self._store.withdraw(user_id, client_id, now, act)
        finally:
            self._forget_tokens()

    async def keys(self) -> tuple[SigningKey, ...]:
        if not 0 <= self._now() - self._looked_at < self._look_after:
            await self._look()
        if self._keys:
            return self._keys
        forgotten = self._forgotten
        found = await self._store.keys()
        if forgotten == self._forgotten:
            self._keys = found
        return found

    async def save_keys(self, was: Sequence[SigningKey], keys: Sequence[SigningKey], act: Act | None) -> None:
        try:
            await self._store.save_keys(was, keys, act)
        finally:
            self._forget()

    async def changes(self) -> int:
        return await self._store.changes()

    async def lease(self, holder: str, milliseconds: int, length: int) -> Lease:
        return await self._store.lease(holder, milliseconds, length)

    async def release(self, holder: str) -> None:
        await self._store.release(holder)

    async def latest_lease(self) -> int:
        return await self._store.latest_lease()

    async def set_aside(self, after: int) -> int:
        return await self._store.set_aside(after)

    async def close(self) -> None:
        await self._store.close()


def _noted(looking: "asyncio.Task[None]") -> None:
    """Take note of a failed look, even where all who waited for it have gone."""
    if not looking.cancelled():
        looking.exception()
