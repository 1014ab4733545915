"""The store in memory, for tests: the same promises, kept by never awaiting within a change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec
from msgspec import structs

from scopekeeper.oauth.granted import Code, Consent, DeviceCode, Family, Grantor, RefreshToken
from scopekeeper.oauth.keys import SigningKey
from scopekeeper.oauth.people import Link, Purpose, Session, User
from scopekeeper.oauth.records import ApplicationType, Client, Secret, Token
from scopekeeper.oauth.redirects import origin_of
from scopekeeper.services.lists import TokensAsked
from scopekeeper.services.ports import NOTHING, Act, Activity, Gone, Lease, Stale, Supposed, Taken, Unavailable, Use
from scopekeeper.store.memory_factors import MemoryFactors
from scopekeeper.store.memory_farewells import MemoryFarewells
from scopekeeper.store.memory_grants import MemoryGrants
from scopekeeper.store.memory_lists import MemoryLists
from scopekeeper.store.memory_mails import MemoryMails
from scopekeeper.store.memory_shared import MemoryShared
from scopekeeper.store.memory_upstreams import MemoryUpstreams
from scopekeeper.store.people import MOST_SESSIONS
from scopekeeper.store.standing import last_gone, owner_gone, require_standing
from scopekeeper.store.tables import PROCESSES, SET_ASIDE


class MemoryStore:
    """All ports of the services, in dictionaries. Modules' data is not here: it lives in databases only."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._forgotten: set[str] = set()
        self._grants = MemoryGrants()
        self._tokens = self._grants.tokens
        self._users: dict[str, User] = {}
        self._links: dict[int, Link] = {}
        self._sessions: dict[int, Session] = {}
        self._keys: tuple[SigningKey, ...] = ()
        self._acts: dict[int, Act] = {}
        self._changes = 1
        self._leases: dict[int, tuple[str | None, Lease]] = {}
        self._closed = False
        self._lists = MemoryLists(self._clients, self._users, self._acts, self._grants, self._require_open)
        self._take_over(self._lists)
        self._wrong_codes: dict[int, int] = {}
        shared = MemoryShared(self._require_open)
        self.fill, self.give_back, self.sweep_buckets = shared.fill, shared.give_back, shared.sweep_buckets
        self.spend, self.sweep_spent = shared.spend, shared.sweep_spent
        self.turn, self.let_go = shared.turn, shared.let_go
        self._farewells = MemoryFarewells(self._clients, self._grants, self._require_open)
        self.farewells, self.farewell_told = self._farewells.farewells, self._farewells.farewell_told
        self.session_clients = self._farewells.session_clients
        self._factors = MemoryFactors(
            self._users, self._note, self._remember, self._end_sessions, self._end_weaker, self._require_open
        )
        self._upstreams = MemoryUpstreams(self._users, self._remember, self._require_open)
        self._mails = MemoryMails(self._users, self._require_open)
        self._take_over_accounts(self._factors, self._upstreams, self._mails)

    def _take_over_accounts(self, factors: MemoryFactors, upstreams: MemoryUpstreams, mails: MemoryMails) -> None:
        """So is what makes accounts stronger."""
        self.factors, self.passkey, self.add_passkey = factors.factors, factors.passkey, factors.add_passkey
        self.rename_passkey, self.remove_passkey = factors.rename_passkey, factors.remove_passkey
        self.use_passkey, self.use_totp = factors.use_passkey, factors.use_totp
        self.save_totp, self.remove_totp = factors.save_totp, factors.remove_totp
        self.replace_recovery_codes, self.use_recovery_code = factors.replace_recovery_codes, factors.use_recovery_code
        self.remove_factors = factors.remove_factors
        self.upstreams, self.upstream = upstreams.upstreams, upstreams.upstream
        self.add_upstream, self.save_upstream = upstreams.add_upstream, upstreams.save_upstream
        self.remove_upstream = upstreams.remove_upstream
        self.identity, self.identities = upstreams.identity, upstreams.identities
        self.add_identity, self.use_identity = upstreams.add_identity, upstreams.use_identity
        self.remove_identity = upstreams.remove_identity
        self.add_mail, self.mails_due, self.mail_sent = mails.add_mail, mails.mails_due, mails.mail_sent
        self.mail_failed, self.waiting_mails = mails.mail_failed, mails.waiting_mails
        self.sweep_mails = mails.sweep_mails

    def _take_over(self, lists: MemoryLists) -> None:
        """What is listed a page at a time, and counted, is asked for here like all the rest."""
        self.find_clients, self.count_clients = lists.find_clients, lists.count_clients
        self.find_tokens, self.count_tokens = lists.find_tokens, lists.count_tokens
        self.find_refresh_tokens, self.count_refresh_tokens = lists.find_refresh_tokens, lists.count_refresh_tokens
        self.find_consents, self.count_consents = lists.find_consents, lists.count_consents
        self.find_users, self.count_users = lists.find_users, lists.count_users
        self.act, self.acts, self.count_acts = lists.act, lists.acts, lists.count_acts
        self.count, self.sweep_counts = lists.count, lists.sweep_counts
        self.counts, self.sums = lists.counts, lists.sums

    async def catch_up(self) -> bool:
        return False

    async def client(self, client_id: str) -> Client | None:
        self._require_open()
        return self._clients.get(client_id)

    async def clients(self, *, after: str | None = None, limit: int = 500) -> Sequence[Client]:
        self._require_open()
        following = sorted(each for each in self._clients if after is None or each > after)
        return tuple(self._clients[client_id] for client_id in following[:limit])

    async def add_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        self._require_open()
        if client.client_id in self._clients or client.client_id in self._forgotten:
            raise Taken(f"there is an application {client.client_id!r} already")
        await self._require_owner(owner)
        self._require_new(client.secrets)
        self._clients[client.client_id] = client
        self._note(act)

    async def save_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        await self._require_owner(owner)
        stored = self._known(client.client_id)
        if stored.revision != client.revision - 1:
            raise Stale("the application was edited meanwhile")
        self._clients[client.client_id] = replace(client, secrets=stored.secrets, last_used_at=stored.last_used_at)
        self._note(act)

    async def remove_client(self, client_id: str, act: Act, supposed: Supposed = NOTHING) -> None:
        del self._clients[self._standing(client_id, supposed).client_id]
        self._forgotten.add(client_id)
        self._grants.forget_consents(client_id)
        self._note(act)

    async def add_secret(self, secret: Secret, ends: Mapping[int, int], act: Act, supposed: Supposed = NOTHING) -> None:
        client = self._standing(secret.client_id, supposed)
        self._require_new([secret])
        old = (_ending(each, ends.get(each.id)) for each in client.secrets)
        self._clients[client.client_id] = client.with_secrets(*sorted((*old, secret), key=lambda each: each.id))
        self._note(act)

    async def end_secret(self, client_id: str, secret_id: int, at: int, act: Act) -> bool:
        client = self._clients.get(client_id)
        lives = {each.id for each in client.secrets if each.lives(at)} if client is not None else set()
        if client is None or secret_id not in lives:
            return False
        if lives == {secret_id}:
            raise Stale("no other secret works any more")
        ended = (_ending(each, at if each.id == secret_id else None) for each in client.secrets)
        self._clients[client_id] = client.with_secrets(*ended)
        self._note(act)
        return True

    async def compromise(self, client_id: str, secret: Secret | None, act: Act, supposed: Supposed = NOTHING) -> None:
        client = self._standing(client_id, supposed)
        left = () if secret is None else (secret,)
        self._require_new(left)
        self._clients[client_id] = replace(
            client, secrets=left, generation=client.generation + 1, revision=client.revision + 1
        )
        self._note(act)

    async def sweep_secrets(self, before: int, limit: int) -> int:
        self._require_open()
        swept = 0
        for client in list(self._clients.values()):
            newest = max((each.id for each in client.secrets), default=0)
            due = [
                each.id
                for each in client.secrets
                if each.expires_at is not None and each.expires_at < before and each.id != newest
            ][: limit - swept]
            swept += len(due)
            left = (each for each in client.secrets if each.id not in due)
            self._clients[client.client_id] = client.with_secrets(*left)
        return swept

    async def token(self, row_id: int) -> Token | None:
        self._require_open()
        token = self._grants.token(row_id)
        return None if token is None or token.client_id in self._forgotten else token

    async def issue(self, token: Token) -> None:
        self._require_open()
        if token.id in self._tokens:
            raise Taken("there is a token with this row id already")
        self._tokens[token.id] = token

    async def revoke(self, row_ids: Sequence[int], now: int, act: Act | None) -> int:
        self._require_open()
        found = {row_id: self._tokens[row_id] for row_id in row_ids if row_id in self._tokens}
        revoked = {
            row_id: structs.replace(each, revoked_at=now) for row_id, each in found.items() if each.revoked_at is None
        }
        self._tokens.update(revoked)
        self._changes += bool(revoked)
        if act is not None:
            self._remember(act)
        return len(revoked)

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
        self._require_open()
        client = self._clients.get(client_id)
        issued = [each for each in self._tokens.values() if each.client_id == client_id and each.issued_at >= since]
        times = [token.issued_at for token in issued]
        addresses = {address for token in issued for address in (token.address, token.last_used_address)}
        return Activity(
            tokens_issued=len(issued),
            tokens_live=sum(self._lists.lives(token, now) for token in issued),
            first_issued_at=min(times, default=None),
            last_issued_at=max(times, default=None),
            last_used_at=max((each.last_used_at for each in issued if each.last_used_at is not None), default=None),
            scopes=tuple(sorted({scope for token in issued for scope in token.scope})),
            addresses=tuple(sorted(address for address in addresses if address is not None)),
            people=len({each.user_id for each in issued if each.user_id is not None}),
            consents=sum(each.holds(client) for each in self._grants.consents.values()) if client is not None else 0,
        )

    async def used(self, tokens: Sequence[Use], secrets: Sequence[Use], acts: Sequence[Act]) -> None:
        self._require_open()
        for use in tokens:
            if (token := self._tokens.get(use.id)) is not None and (token.last_used_at or 0) <= use.at:
                self._tokens[use.id] = structs.replace(token, last_used_at=use.at, last_used_address=use.address)
        of_secret = {use.id: use for use in secrets}
        for client in list(self._clients.values()):
            if any(secret.id in of_secret for secret in client.secrets):
                told = (_used(secret, of_secret.get(secret.id)) for secret in client.secrets)
                self._clients[client.client_id] = client.with_secrets(*told)
        for act in acts:
            self._remember(act)

    async def sweep(self, before: int, limit: int) -> int:
        self._require_open()
        expired = (each for each in self._tokens.values() if each.expires_at < before)
        due = [token.id for token in sorted(expired, key=lambda token: token.expires_at)]
        due += [each.id for each in self._tokens.values() if each.client_id in self._forgotten and each.id not in due]
        for row_id in due[:limit]:
            del self._tokens[row_id]
        swept = len(due[:limit])
        for client_id in self._forgotten - {token.client_id for token in self._tokens.values()}:
            swept += self._grants.forget_application(client_id) + self._lists.forget_counts(client_id)
            swept += self._farewells.forget_application(client_id)
            self._forgotten.remove(client_id)
        return swept

    async def user(self, name: str) -> User | None:
        self._require_open()
        return self._users.get(name)

    async def user_with(self, user_id: int) -> User | None:
        self._require_open()
        return next((user for user in self._users.values() if user.id == user_id), None)

    async def user_with_external_id(self, external_id: str) -> User | None:
        self._require_open()
        return next((user for user in self._users.values() if user.external_id == external_id), None)

    async def users(self, *, after: str | None = None, limit: int = 500) -> Sequence[User]:
        self._require_open()
        following = sorted(each for each in self._users if after is None or each > after)
        return tuple(self._users[name] for name in following[:limit])

    async def has_admin(self) -> bool:
        self._require_open()
        return any(map(_keeps, self._users.values()))

    async def add_user(self, user: User, act: Act) -> None:
        self._require_open()
        self._add_user(user)
        self._note(act)

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
        self._require_open()
        if keep_admin:
            self._require_admin(replacing=user)
        self._save_user(user)
        if end_sessions:
            self._end_all(user.id, keep, act.at)
        elif end_links:
            self._end_links(user.id)
        self._note(act)

    async def remove_user(self, name: str, act: Act, revision: int | None = None, *, keep_admin: bool = False) -> None:
        self._require_open()
        if name not in self._users:
            raise Gone(f"there is no account {name!r}")
        if revision is not None and self._users[name].revision != revision:
            raise Stale("the account was edited meanwhile")
        if keep_admin:
            self._require_admin(replacing=replace(self._users[name], admin=False))
        user_id = self._users.pop(name).id
        self._end_all(user_id, None, act.at)
        self._factors.forget_person(user_id)
        self._upstreams.forget_person(user_id)
        self._mails.forget_person(user_id)
        self._grants.withdraw(user_id, None, act.at)
        for token in list(self._tokens.values()):
            if token.user == name and token.revoked_at is None:
                self._tokens[token.id] = structs.replace(token, revoked_at=act.at)
        for client in list(self._clients.values()):
            if client.owner == name:
                self._clients[client.client_id] = replace(client, owner=None, revision=client.revision + 1)
        self._note(act)

    async def rehash(self, user_id: int, was: str, password: str) -> None:
        user = await self.user_with(user_id)
        if user is not None and user.password == was:
            self._users[user.name] = replace(user, password=password)
            self._changes += 1

    async def link(self, row_id: int) -> Link | None:
        self._require_open()
        return self._links.get(row_id)

    async def add_link(self, link: Link, act: Act | None, *, alone: bool) -> None:
        if link.user_id is not None and await self.user_with(link.user_id) is None:
            raise Gone("the account is not there any more")
        if link.id in self._links:
            raise Taken("there is a link with this row id already")
        if alone:
            self._drop_links(link.purpose, link.user_id)
        self._links[link.id] = link
        if act is not None:
            self._remember(act)

    async def spend_link(self, link: Link, user: User, act: Act) -> None:
        if link.id not in self._links:
            raise Gone("the link has been used, or replaced by a newer one")
        if link.purpose is Purpose.SETUP:
            if await self.has_admin():
                raise Taken("there is an administrator already")
            self._add_user(user)
            self._drop_links(link.purpose, None)
        else:
            self._save_user(user)
            self._end_all(user.id, None, act.at)
        self._links.pop(link.id, None)
        self._note(act)

    async def sweep_links(self, before: int, limit: int) -> int:
        due = [link.id for link in self._links.values() if link.expires_at < before][:limit]
        for row_id in due:
            del self._links[row_id]
        return len(due)

    async def session(self, row_id: int) -> Session | None:
        self._require_open()
        return self._sessions.get(row_id)

    async def sessions(self, user_id: int) -> Sequence[Session]:
        self._require_open()
        theirs = [session for session in self._sessions.values() if session.user_id == user_id]
        return tuple(sorted(theirs, key=lambda session: -session.id)[:MOST_SESSIONS])

    async def begin_session(self, session: Session, user: User, ends: int | None, act: Act) -> None:
        self._require_open()
        known = self._users.get(user.name)
        if known is None or (known.id, known.revision) != (session.user_id, user.revision):
            raise Stale("the account was edited meanwhile")
        old = self._sessions.get(session.id)
        if ends == session.id and (old is None or old.user_id != session.user_id):
            raise Gone("the session has been ended")
        if ends != session.id and old is not None:
            raise Taken("there is a session with this row id already")
        changed = ends == session.id or (ends is not None and self._end(ends, act.at))
        self._sessions[session.id] = session
        theirs = sorted(each.id for each in self._sessions.values() if each.user_id == session.user_id)
        for row_id in theirs[:-MOST_SESSIONS]:
            changed |= self._end(row_id, act.at)
        self._changes += changed
        self._remember(act)

    async def end_session(self, row_id: int, act: Act) -> None:
        self._require_open()
        if self._end(row_id, act.at):
            self._note(act)

    async def seen(self, sessions: Sequence[Use]) -> None:
        self._require_open()
        for use in sessions:
            if (session := self._sessions.get(use.id)) is not None and session.last_seen_at < use.at:
                self._sessions[use.id] = replace(session, last_seen_at=use.at)

    async def guess(self, row_id: int, most: int) -> bool:
        self._require_open()
        wrong = self._wrong_codes.get(row_id, 0)
        if row_id not in self._sessions or wrong >= most:
            return False
        self._wrong_codes[row_id] = wrong + 1
        return True

    async def take_back_guess(self, row_id: int) -> None:
        self._require_open()
        self._wrong_codes[row_id] = max(self._wrong_codes.get(row_id, 0) - 1, 0)

    async def sweep_sessions(self, before: int, limit: int) -> int:
        old = (session for session in self._sessions.values() if session.signed_in_at < before)
        due = [session.id for session in sorted(old, key=lambda session: session.signed_in_at)][:limit]
        for row_id in due:
            del self._sessions[row_id]
        return len(due)

    async def consent(self, user_id: int, client_id: str) -> Consent | None:
        self._require_open()
        return self._grants.consents.get((user_id, client_id))

    async def consents(self, user_id: int) -> Sequence[Consent]:
        self._require_open()
        return self._grants.consents_of(user_id)

    async def code(self, row_id: int) -> Code | None:
        self._require_open()
        return self._grants.codes.get(row_id)

    async def add_code(self, code: Code, consent: Consent | None, act: Act | None) -> None:
        await self._require_person(consent)
        self._grants.add_code(code, consent)
        if act is not None:
            self._remember(act)

    async def redeem_code(self, code: Code, family: Family, token: Token, refresh: RefreshToken | None) -> None:
        self._require_open()
        self._grants.redeem_code(code, family, token, refresh, stands=self._stands(family))
        self._tell_if_over(family)

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
        await self._require_person(consent)
        if not self._stands(family):
            raise Gone("the session has been ended")
        self._grants.begin(family, token, refresh)
        self._tell_if_over(family)
        ended = [each for each in ends if self._grants.revoke(each, family.issued_at)]
        self._changes += bool(ended)
        self._grants.remember(consent)
        if act is not None:
            self._remember(act)

    async def family(self, family_id: int) -> Family | None:
        self._require_open()
        return self._grants.families.get(family_id)

    async def families(self, user_id: int, now: int) -> Sequence[Family]:
        self._require_open()
        return self._grants.families_of(user_id, now)

    async def revoke_family(self, family_id: int, now: int, act: Act | None) -> bool:
        self._require_open()
        revoked = self._grants.revoke(family_id, now)
        self._changes += revoked
        if revoked and act is not None:
            self._remember(act)
        return revoked

    async def withdraw(self, user_id: int, client_id: str | None, now: int, act: Act) -> int:
        self._require_open()
        revoked = self._grants.withdraw(user_id, client_id, now)
        self._note(act)
        return revoked

    async def refresh_token(self, row_id: int) -> tuple[RefreshToken, Family] | None:
        self._require_open()
        return self._grants.refresh_token(row_id)

    async def rotate(
        self, spent: RefreshToken, now: int, refresh: RefreshToken, sealed: bytes | None, token: Token
    ) -> None:
        self._require_open()
        self._grants.rotate(spent, now, refresh, sealed, token)

    async def erase_sealed(self, issued_before: int, limit: int) -> int:
        self._require_open()
        return self._grants.erase_sealed(issued_before, limit)

    async def refreshed(self, families: Sequence[Use]) -> None:
        self._require_open()
        for use in families:
            self._grants.refreshed(use)

    async def add_device(self, device: DeviceCode) -> None:
        self._require_open()
        self._grants.add_device(device)

    async def device(self, row_id: int) -> DeviceCode | None:
        self._require_open()
        return self._grants.devices.get(row_id)

    async def device_with(self, user_code: str) -> DeviceCode | None:
        self._require_open()
        return self._grants.device_with(user_code)

    async def claim_device(self, row_id: int, grantor: Grantor) -> None:
        self._require_open()
        self._grants.claim_device(row_id, grantor)

    async def decide_device(self, device: DeviceCode, consent: Consent | None, act: Act) -> None:
        await self._require_person(consent)
        self._grants.decide_device(device, consent)
        self._remember(act)

    async def poll_device(self, row_id: int, now: int) -> bool:
        self._require_open()
        return self._grants.poll_device(row_id, now)

    async def redeem_device(
        self, device: DeviceCode, family: Family, token: Token, refresh: RefreshToken | None
    ) -> None:
        self._require_open()
        self._grants.redeem_device(device, family, token, refresh, stands=self._stands(family))
        self._tell_if_over(family)

    async def sweep_unredeemed(self, before: int, limit: int) -> int:
        self._require_open()
        return self._grants.sweep_unredeemed(before, limit)

    async def sweep_waiting(self, before: int, below: int, limit: int) -> int:
        self._require_open()
        return self._grants.sweep_waiting(before, below, limit)

    async def sweep_grants(self, before: int, below: int, limit: int) -> int:
        self._require_open()
        return self._grants.sweep(before, below, limit)

    async def knows_origin(self, origin: str) -> bool:
        self._require_open()
        apps = (each for each in self._clients.values() if each.type is ApplicationType.SPA and each.enabled)
        return any(origin_of(uri) == origin for client in apps for uri in client.redirect_uris)

    async def keys(self) -> tuple[SigningKey, ...]:
        self._require_open()
        return tuple(sorted(self._keys, key=lambda key: key.created_at))

    async def save_keys(self, was: Sequence[SigningKey], keys: Sequence[SigningKey], act: Act | None) -> None:
        self._require_open()
        if {(key.kid, key.state) for key in was} != {(key.kid, key.state) for key in self._keys}:
            raise Stale("the signing keys have changed meanwhile")
        self._keys = tuple(keys)
        self._changes += 1
        if act is not None:
            self._remember(act)

    async def changes(self) -> int:
        self._require_open()
        return self._changes

    async def lease(self, holder: str, milliseconds: int, length: int) -> Lease:
        self._require_open()
        never = (None, Lease(0, 0, 0))
        numbers = {number: self._leases.get(number, never) for number in range(PROCESSES)}
        held = [number for number, (of, _) in numbers.items() if of == holder]
        free = [number for number, (of, lease) in numbers.items() if of is None or lease.until <= milliseconds]
        if not held and not free:
            raise Taken("all process numbers are held")
        number = held[0] if held else min(free, key=lambda each: (numbers[each][1].until, each))
        last = numbers[number][1]
        since = last.not_before if held else max(milliseconds, last.until + 1)
        lease = Lease(number, since, max(last.until, max(milliseconds, since) + length))
        self._leases[number] = (holder, lease)
        return lease

    async def release(self, holder: str) -> None:
        self._require_open()
        for number, (of, lease) in self._leases.items():
            if of == holder:
                self._leases[number] = (None, lease)

    async def latest_lease(self) -> int:
        self._require_open()
        return max((lease.until for of, lease in self._leases.values() if of != SET_ASIDE), default=0)

    async def set_aside(self, after: int) -> int:
        self._require_open()
        held = [(number, lease) for number, (of, lease) in self._leases.items() if of != SET_ASIDE]
        late = [(number, lease) for number, lease in held if lease.until > after]
        self._leases |= {number: (SET_ASIDE, lease) for number, lease in late}
        return len(late)

    async def close(self) -> None:
        self._closed = True

    def _require_open(self) -> None:
        if self._closed:
            raise Unavailable("the store is closed")

    async def _require_person(self, consent: Consent | None) -> None:
        self._require_open()
        if consent is not None and await self.user_with(consent.user_id) is None:
            raise Gone("the account is not there any more")

    async def _require_owner(self, owner: int | None) -> None:
        if owner is not None and await self.user_with(owner) is None:
            raise owner_gone()

    def _require_admin(self, replacing: User) -> None:
        """See that somebody keeps the server once this account is as it is here."""
        if not any(map(_keeps, {**self._users, replacing.name: replacing}.values())):
            raise last_gone()

    def _stands(self, family: Family) -> bool:
        """Is the session there still on which it depends, if it does?"""
        return family.offline or family.session_id is None or family.session_id in self._sessions

    def _tell_if_over(self, family: Family) -> None:
        """What may outlive its session may begin when that is over: then its application hears of it at once."""
        if family.session_id is not None and family.session_id not in self._sessions:
            self._farewells.of_family(family, family.session_id, family.issued_at)

    def _standing(self, client_id: str, supposed: Supposed) -> Client:
        """The application, as it was supposed to be. Raises Gone, Stale."""
        client = self._known(client_id)
        owner = self._users.get(client.owner or "")
        owner_id = owner.id if owner is not None and owner.enabled else None
        newest = max((each.id for each in client.secrets), default=0)
        require_standing(supposed, client_id, client.generation, client.revision, newest, owner_id)
        return client

    def _known(self, client_id: str) -> Client:
        self._require_open()
        if client_id not in self._clients:
            raise Gone(f"there is no application {client_id!r}")
        return self._clients[client_id]

    def _require_new(self, secrets: Iterable[Secret]) -> None:
        known = {secret.id for client in self._clients.values() for secret in client.secrets}
        if any(secret.id in known for secret in secrets):
            raise Taken("there is a secret with this row id already")

    def _add_user(self, user: User) -> None:
        if user.name in self._users or user.id in {each.id for each in self._users.values()}:
            raise Taken(f"there is an account {user.name!r} already")
        self._require_own_external_id(user)
        self._users[user.name] = user

    def _save_user(self, user: User) -> None:
        stored = next((each for each in self._users.values() if each.id == user.id), None)
        if stored is None:
            raise Gone(f"there is no account {user.name!r}")
        if stored.revision != user.revision - 1:
            raise Stale("the account was edited meanwhile")
        self._require_own_external_id(user)
        self._users[user.name] = user

    def _require_own_external_id(self, user: User) -> None:
        others = (each.external_id for each in self._users.values() if each.id != user.id)
        if user.external_id is not None and user.external_id in others:
            raise Taken("another account has this external id already")

    def _end(self, row_id: int, now: int) -> bool:
        """The session is over, if it was not yet: what may not outlive it is dead, applications are to hear of it."""
        if self._sessions.pop(row_id, None) is None:
            return False
        self._grants.revoke_of_session(row_id, now)
        self._farewells.of_session(row_id, now)
        return True

    def _end_all(self, user_id: int, keep: int | None, now: int) -> None:
        """All sessions of this person but `keep`, what may not outlive them, what their password bought, all links."""
        self._end_weaker(user_id, now, keep)
        self._end_links(user_id)

    def _end_weaker(self, user_id: int, now: int, keep: int | None) -> None:
        """The same, and their links stay."""
        self._grants.revoke_of_password(user_id, now)
        self._end_sessions(user_id, now, keep)

    def _end_links(self, user_id: int) -> None:
        self._links = {row_id: link for row_id, link in self._links.items() if link.user_id != user_id}

    def _end_sessions(self, user_id: int, now: int, keep: int | None = None) -> None:
        for row_id in [each.id for each in self._sessions.values() if each.user_id == user_id and each.id != keep]:
            self._end(row_id, now)

    def _drop_links(self, purpose: Purpose, user_id: int | None) -> None:
        self._links = {
            row_id: link for row_id, link in self._links.items() if (link.purpose, link.user_id) != (purpose, user_id)
        }

    def _note(self, act: Act) -> None:
        self._changes += 1
        self._remember(act)

    def _remember(self, act: Act) -> None:
        """The details become what they are in a database: JSON."""
        self._acts[act.id] = replace(act, details=msgspec.json.decode(msgspec.json.encode(act.details)))


def _keeps(user: User) -> bool:
    return user.admin and user.enabled and user.password is not None


def _ending(secret: Secret, end: int | None) -> Secret:
    if end is None or (secret.expires_at is not None and secret.expires_at <= end):
        return secret
    return replace(secret, expires_at=end)


def _used(secret: Secret, use: Use | None) -> Secret:
    if use is None or (secret.last_used_at or 0) > use.at:
        return secret
    return replace(secret, last_used_at=use.at, last_used_address=use.address)
