"""The store on an SQL database. Other processes may use it at the same time."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from scopekeeper.oauth.keys import SigningKey
from scopekeeper.oauth.people import Link, Session, User
from scopekeeper.oauth.records import Client, Secret, Token
from scopekeeper.sdk.data import Data
from scopekeeper.sdk.table import Table
from scopekeeper.services.lists import TokensAsked
from scopekeeper.services.ports import NOTHING, Act, Activity, Entropy, Lease, Supposed, Use
from scopekeeper.store import decisions, people
from scopekeeper.store.asked import id_since
from scopekeeper.store.data import SqlData
from scopekeeper.store.engine import Engine
from scopekeeper.store.rows import (
    activity_of,
    clients_of,
    key_of,
    link_of,
    session_of,
    token_of,
    token_row,
    user_of,
)
from scopekeeper.store.sql_factors import SqlFactors
from scopekeeper.store.sql_farewells import SqlFarewells
from scopekeeper.store.sql_grants import SqlGrants
from scopekeeper.store.sql_lists import SqlLists
from scopekeeper.store.sql_mails import SqlMails
from scopekeeper.store.sql_shared import SqlShared
from scopekeeper.store.sql_upstreams import SqlUpstreams
from scopekeeper.store.statement import Statement


class SqlStore:
    """All ports of the services on one SQL database, whichever it is: what it can do is the engine's affair."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sql = engine.sql
        self._writer = engine.writer
        self._reader = engine.reader
        self._disowning: tuple[Statement, ...] = ()
        self._take_over(SqlGrants(self._sql.grants, self._reader, self._writer))
        self._take_over_lists(SqlLists(self._sql.lists, self._reader, self._writer))
        self._take_over_shared(SqlShared(self._sql.shared, self._reader, self._writer))
        farewells = SqlFarewells(self._sql.farewells, self._reader, self._writer)
        self.farewells, self.farewell_told = farewells.farewells, farewells.farewell_told
        self.session_clients = farewells.session_clients
        self._take_over_factors(SqlFactors(self._sql.factors, self._reader, self._writer))
        self._take_over_upstreams(SqlUpstreams(self._sql.upstreams, self._reader, self._writer))
        mails = SqlMails(self._sql.mails, self._reader, self._writer)
        self.add_mail, self.mails_due, self.mail_sent = mails.add_mail, mails.mails_due, mails.mail_sent
        self.mail_failed, self.waiting_mails = mails.mail_failed, mails.waiting_mails
        self.sweep_mails = mails.sweep_mails

    def _take_over(self, grants: SqlGrants) -> None:
        """What people grant is kept in a room of its own, and asked for here like all the rest."""
        self.consent, self.consents = grants.consent, grants.consents
        self.code, self.add_code, self.redeem_code = grants.code, grants.add_code, grants.redeem_code
        self.begin_family, self.family, self.families = grants.begin_family, grants.family, grants.families
        self.revoke_family, self.withdraw = grants.revoke_family, grants.withdraw
        self.refresh_token, self.rotate = grants.refresh_token, grants.rotate
        self.erase_sealed, self.refreshed = grants.erase_sealed, grants.refreshed
        self.add_device, self.device, self.device_with = grants.add_device, grants.device, grants.device_with
        self.claim_device, self.decide_device = grants.claim_device, grants.decide_device
        self.poll_device, self.redeem_device = grants.poll_device, grants.redeem_device
        self.sweep_unredeemed = grants.sweep_unredeemed
        self.sweep_waiting, self.sweep_grants = grants.sweep_waiting, grants.sweep_grants

    def _take_over_lists(self, lists: SqlLists) -> None:
        """So is what is listed a page at a time, and counted."""
        self.find_clients, self.count_clients = lists.find_clients, lists.count_clients
        self.find_tokens, self.count_tokens = lists.find_tokens, lists.count_tokens
        self.find_refresh_tokens, self.count_refresh_tokens = lists.find_refresh_tokens, lists.count_refresh_tokens
        self.find_consents, self.count_consents = lists.find_consents, lists.count_consents
        self.find_users, self.count_users = lists.find_users, lists.count_users
        self.act, self.acts, self.count_acts = lists.act, lists.acts, lists.count_acts
        self.count, self.sweep_counts = lists.count, lists.sweep_counts
        self.counts, self.sums = lists.counts, lists.sums

    def _take_over_shared(self, shared: SqlShared) -> None:
        """And so is what processes share among themselves."""
        self.fill, self.give_back, self.sweep_buckets = shared.fill, shared.give_back, shared.sweep_buckets
        self.spend, self.sweep_spent = shared.spend, shared.sweep_spent
        self.guess, self.take_back_guess = shared.guess, shared.take_back_guess
        self.turn, self.let_go = shared.turn, shared.let_go

    def _take_over_factors(self, factors: SqlFactors) -> None:
        """And so is what people prove who they are by besides a password."""
        self.factors, self.passkey, self.add_passkey = factors.factors, factors.passkey, factors.add_passkey
        self.rename_passkey, self.remove_passkey = factors.rename_passkey, factors.remove_passkey
        self.use_passkey, self.use_totp = factors.use_passkey, factors.use_totp
        self.save_totp, self.remove_totp = factors.save_totp, factors.remove_totp
        self.replace_recovery_codes, self.use_recovery_code = factors.replace_recovery_codes, factors.use_recovery_code
        self.remove_factors = factors.remove_factors

    def _take_over_upstreams(self, upstreams: SqlUpstreams) -> None:
        """And so are other providers, and whom they know."""
        self.upstreams, self.upstream = upstreams.upstreams, upstreams.upstream
        self.add_upstream, self.save_upstream = upstreams.add_upstream, upstreams.save_upstream
        self.remove_upstream = upstreams.remove_upstream
        self.identity, self.identities = upstreams.identity, upstreams.identities
        self.add_identity, self.use_identity = upstreams.add_identity, upstreams.use_identity
        self.remove_identity = upstreams.remove_identity

    async def catch_up(self) -> bool:
        return False  # nothing is remembered here

    async def client(self, client_id: str) -> Client | None:
        rows = await self._reader.at_once(self._sql.client, client_id)
        return next(clients_of(rows), None)

    async def clients(self, *, after: str | None = None, limit: int = 500) -> Sequence[Client]:
        return tuple(clients_of(await self._reader.aside(self._sql.clients, after or "", limit)))

    async def add_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        await self._writer.commit(partial(decisions.add_client, client=client, act=act, owner=owner))

    async def save_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        await self._writer.commit(partial(decisions.save_client, client=client, act=act, owner=owner))

    async def remove_client(self, client_id: str, act: Act, supposed: Supposed = NOTHING) -> None:
        await self._writer.commit(partial(decisions.remove_client, client_id=client_id, act=act, supposed=supposed))

    async def add_secret(self, secret: Secret, ends: Mapping[int, int], act: Act, supposed: Supposed = NOTHING) -> None:
        await self._writer.commit(partial(decisions.add_secret, secret=secret, ends=ends, act=act, supposed=supposed))

    async def end_secret(self, client_id: str, secret_id: int, at: int, act: Act) -> bool:
        return await self._writer.commit(
            partial(decisions.end_secret, client_id=client_id, secret_id=secret_id, at=at, act=act)
        )

    async def compromise(self, client_id: str, secret: Secret | None, act: Act, supposed: Supposed = NOTHING) -> None:
        await self._writer.commit(
            partial(decisions.compromise, client_id=client_id, secret=secret, act=act, supposed=supposed)
        )

    async def sweep_secrets(self, before: int, limit: int) -> int:
        return await self._writer.commit(partial(decisions.sweep_secrets, before=before, limit=limit))

    async def token(self, row_id: int) -> Token | None:
        rows = await self._reader.at_once(self._sql.token, row_id)
        return token_of(rows[0]) if rows else None

    async def issue(self, token: Token) -> None:
        await self._writer.insert(token_row(token))

    async def revoke(self, row_ids: Sequence[int], now: int, act: Act | None) -> int:
        return await self._writer.commit(partial(decisions.revoke, row_ids=row_ids, now=now, act=act))

    async def tokens(
        self,
        *,
        client_id: str | None = None,
        user: str | None = None,
        now: int,
        before: int | None = None,
        limit: int = 500,
    ) -> Sequence[Token]:
        return await self.find_tokens(TokensAsked(client_id, user), now=now, before=before, limit=limit)

    async def activity(self, client_id: str, since: int, now: int) -> Activity:
        asked = {"client_id": client_id, "since": since, "since_id": id_since(since), "now": now}
        numbers, words = self._sql.activity, self._sql.activity_words
        (told,) = await self._reader.aside(numbers, *numbers.places(asked))
        return activity_of(told, await self._reader.aside(words, *words.places(asked)))

    async def used(self, tokens: Sequence[Use], secrets: Sequence[Use], acts: Sequence[Act]) -> None:
        await self._writer.commit(partial(decisions.used, tokens=tokens, secrets=secrets, acts=acts))

    async def sweep(self, before: int, limit: int) -> int:
        return await self._writer.commit(partial(decisions.sweep, before=before, limit=limit))

    async def user(self, name: str) -> User | None:
        rows = await self._reader.at_once(self._sql.people.user, name)
        return user_of(rows[0]) if rows else None

    async def user_with(self, user_id: int) -> User | None:
        rows = await self._reader.at_once(self._sql.people.user_with, user_id)
        return user_of(rows[0]) if rows else None

    async def user_with_external_id(self, external_id: str) -> User | None:
        rows = await self._reader.at_once(self._sql.people.user_with_external_id, external_id)
        return user_of(rows[0]) if rows else None

    async def users(self, *, after: str | None = None, limit: int = 500) -> Sequence[User]:
        return tuple(map(user_of, await self._reader.aside(self._sql.people.users, after or "", limit)))

    async def has_admin(self) -> bool:
        return bool(await self._reader.aside(self._sql.people.some_admin))

    async def add_user(self, user: User, act: Act) -> None:
        await self._writer.commit(partial(people.add_user, user=user, act=act))

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
        ends = partial(people.save_user, end_sessions=end_sessions, keep=keep, end_links=end_links)
        await self._writer.commit(partial(ends, user=user, act=act, keep_admin=keep_admin))

    async def remove_user(self, name: str, act: Act, revision: int | None = None, *, keep_admin: bool = False) -> None:
        removed = partial(people.remove_user, name=name, revision=revision, keep_admin=keep_admin)
        after: int | None = -1
        while after is not None:
            after = await self._writer.commit(partial(removed, after=after, act=act, owned=self._disowning))

    async def rehash(self, user_id: int, was: str, password: str) -> None:
        await self._writer.commit(partial(people.rehash, user_id=user_id, was=was, password=password))

    async def link(self, row_id: int) -> Link | None:
        rows = await self._reader.at_once(self._sql.people.link, row_id)
        return link_of(rows[0]) if rows else None

    async def add_link(self, link: Link, act: Act | None, *, alone: bool) -> None:
        await self._writer.commit(partial(people.add_link, link=link, act=act, alone=alone))

    async def spend_link(self, link: Link, user: User, act: Act) -> None:
        await self._writer.commit(partial(people.spend_link, link=link, user=user, act=act))

    async def sweep_links(self, before: int, limit: int) -> int:
        return await self._writer.commit(partial(people.sweep_links, before=before, limit=limit))

    async def session(self, row_id: int) -> Session | None:
        rows = await self._reader.at_once(self._sql.people.session, row_id)
        return session_of(rows[0]) if rows else None

    async def sessions(self, user_id: int) -> Sequence[Session]:
        rows = await self._reader.at_once(self._sql.people.sessions, user_id, people.MOST_SESSIONS)
        return tuple(map(session_of, rows))

    async def begin_session(self, session: Session, user: User, ends: int | None, act: Act) -> None:
        await self._writer.commit(partial(people.begin_session, session=session, user=user, ends=ends, act=act))

    async def end_session(self, row_id: int, act: Act) -> None:
        await self._writer.commit(partial(people.end_session, row_id=row_id, act=act))

    async def seen(self, sessions: Sequence[Use]) -> None:
        await self._writer.commit(partial(people.seen, sessions=sessions))

    async def sweep_sessions(self, before: int, limit: int) -> int:
        return await self._writer.commit(partial(people.sweep_sessions, before=before, limit=limit))

    async def knows_origin(self, origin: str) -> bool:
        return bool(await self._reader.at_once(self._sql.knows_origin, origin))

    async def keys(self) -> tuple[SigningKey, ...]:
        return tuple(map(key_of, await self._reader.at_once(self._sql.keys)))

    async def save_keys(self, was: Sequence[SigningKey], keys: Sequence[SigningKey], act: Act | None) -> None:
        await self._writer.commit(partial(decisions.save_keys, was=was, keys=keys, act=act))

    async def changes(self) -> int:
        self._engine.require_same()
        ((number,),) = await self._reader.watch(self._sql.changes)
        return int(number)

    async def lease(self, holder: str, milliseconds: int, length: int) -> Lease:
        return await self._writer.commit(partial(decisions.lease, holder=holder, now=milliseconds, length=length))

    async def release(self, holder: str) -> None:
        await self._writer.commit(partial(decisions.release, holder=holder))

    async def latest_lease(self) -> int:
        ((latest,),) = await self._reader.aside(self._sql.latest_lease)
        return int(latest or 0)

    async def set_aside(self, after: int) -> int:
        return await self._writer.commit(partial(decisions.set_aside, after=after))

    def data(self, tables: Sequence[Table[Any]], entropy: Entropy) -> Data:
        """The modules' data in the same database: their tables are made, or extended. Raises SchemaError."""
        data = SqlData(self._engine, tables, entropy)
        self._disowning = data.disowning
        return data

    def hear(self, heard: Callable[[], None]) -> None:
        """Call this whenever another process may have changed something; where nobody tells, never."""
        self._engine.hear(heard)

    async def close(self) -> None:
        await self._engine.close()
