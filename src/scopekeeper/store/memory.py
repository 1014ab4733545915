"""The store in memory, for tests: the same promises, kept by never awaiting within a change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec

from scopekeeper.oauth.keys import SigningKey
from scopekeeper.oauth.records import Client, Secret, Token
from scopekeeper.services.ports import Act, Activity, Gone, Lease, Stale, Taken, Unavailable, Use
from scopekeeper.store.tables import PROCESSES


class MemoryStore:
    """All ports of the services, in dictionaries. Modules' data is not here: it lives in databases only."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._forgotten: set[str] = set()
        self._tokens: dict[int, Token] = {}
        self._keys: tuple[SigningKey, ...] = ()
        self._acts: dict[int, Act] = {}
        self._changes = 1
        self._leases: dict[int, tuple[str | None, Lease]] = {}
        self._closed = False

    async def client(self, client_id: str) -> Client | None:
        self._require_open()
        return self._clients.get(client_id)

    async def clients(self, *, after: str | None = None, limit: int = 500) -> Sequence[Client]:
        self._require_open()
        following = sorted(each for each in self._clients if after is None or each > after)
        return tuple(self._clients[client_id] for client_id in following[:limit])

    async def add_client(self, client: Client, act: Act) -> None:
        self._require_open()
        if client.client_id in self._clients or client.client_id in self._forgotten:
            raise Taken(f"there is an application {client.client_id!r} already")
        self._require_new(client.secrets)
        self._clients[client.client_id] = client
        self._note(act)

    async def save_client(self, client: Client, act: Act) -> None:
        stored = self._known(client.client_id)
        if stored.revision != client.revision - 1:
            raise Stale("the application was edited meanwhile")
        self._clients[client.client_id] = client.with_secrets(*stored.secrets)
        self._note(act)

    async def remove_client(self, client_id: str, act: Act) -> None:
        del self._clients[self._known(client_id).client_id]
        self._forgotten.add(client_id)
        self._note(act)

    async def add_secret(self, secret: Secret, ends: Mapping[int, int], act: Act) -> None:
        client = self._known(secret.client_id)
        self._require_new([secret])
        old = (_ending(each, ends.get(each.id)) for each in client.secrets)
        self._clients[client.client_id] = client.with_secrets(*sorted((*old, secret), key=lambda each: each.id))
        self._note(act)

    async def compromise(self, client_id: str, secret: Secret | None, act: Act) -> None:
        client = self._known(client_id)
        left = () if secret is None else (secret,)
        self._require_new(left)
        self._clients[client_id] = replace(
            client, secrets=left, generation=client.generation + 1, revision=client.revision + 1
        )
        self._note(act)

    async def token(self, row_id: int) -> Token | None:
        self._require_open()
        token = self._tokens.get(row_id)
        return None if token is None or token.client_id in self._forgotten else token

    async def issue(self, token: Token) -> None:
        self._require_open()
        if token.id in self._tokens:
            raise Taken("there is a token with this row id already")
        self._tokens[token.id] = token

    async def revoke(self, row_ids: Sequence[int], now: int, act: Act | None) -> int:
        self._require_open()
        found = {row_id: self._tokens[row_id] for row_id in row_ids if row_id in self._tokens}
        revoked = {row_id: replace(each, revoked_at=now) for row_id, each in found.items() if each.revoked_at is None}
        self._tokens |= revoked
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
        self._require_open()
        chosen = [
            token
            for token in self._tokens.values()
            if self._lives(token, now)
            and client_id in (None, token.client_id)
            and user in (None, token.user)
            and (before is None or token.id < before)
        ]
        return tuple(sorted(chosen, key=lambda token: -token.id)[:limit])

    async def activity(self, client_id: str, since: int, now: int) -> Activity:
        self._require_open()
        issued = [each for each in self._tokens.values() if each.client_id == client_id and each.issued_at >= since]
        times = [token.issued_at for token in issued]
        addresses = {address for token in issued for address in (token.address, token.last_used_address)}
        return Activity(
            tokens_issued=len(issued),
            tokens_live=sum(self._lives(token, now) for token in issued),
            first_issued_at=min(times, default=None),
            last_issued_at=max(times, default=None),
            last_used_at=max((each.last_used_at for each in issued if each.last_used_at is not None), default=None),
            scopes=tuple(sorted({scope for token in issued for scope in token.scope})),
            addresses=tuple(sorted(address for address in addresses if address is not None)),
        )

    async def used(self, tokens: Sequence[Use], secrets: Sequence[Use], acts: Sequence[Act]) -> None:
        self._require_open()
        for use in tokens:
            if (token := self._tokens.get(use.id)) is not None and (token.last_used_at or 0) <= use.at:
                self._tokens[use.id] = replace(token, last_used_at=use.at, last_used_address=use.address)
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
        self._forgotten &= {token.client_id for token in self._tokens.values()}
        return len(due[:limit])

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

    async def acts(self, *, before: int | None = None, limit: int = 500) -> Sequence[Act]:
        self._require_open()
        chosen = [act for row_id, act in self._acts.items() if before is None or row_id < before]
        return tuple(sorted(chosen, key=lambda act: -act.id)[:limit])

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

    async def close(self) -> None:
        self._closed = True

    def _require_open(self) -> None:
        if self._closed:
            raise Unavailable("the store is closed")

    def _known(self, client_id: str) -> Client:
        self._require_open()
        if client_id not in self._clients:
            raise Gone(f"there is no application {client_id!r}")
        return self._clients[client_id]

    def _require_new(self, secrets: Iterable[Secret]) -> None:
        known = {secret.id for client in self._clients.values() for secret in client.secrets}
        if any(secret.id in known for secret in secrets):
            raise Taken("there is a secret with this row id already")

    def _lives(self, token: Token, now: int) -> bool:
        client = self._clients.get(token.client_id)
        return (
            now < token.expires_at
            and token.revoked_at is None
            and client is not None
            and client.generation == token.generation
        )

    def _note(self, act: Act) -> None:
        self._changes += 1
        self._remember(act)

    def _remember(self, act: Act) -> None:
        """The details become what they are in a database: JSON."""
        self._acts[act.id] = replace(act, details=msgspec.json.decode(msgspec.json.encode(act.details)))


def _ending(secret: Secret, end: int | None) -> Secret:
    if end is None or (secret.expires_at is not None and secret.expires_at <= end):
        return secret
    return replace(secret, expires_at=end)


def _used(secret: Secret, use: Use | None) -> Secret:
    if use is None or (secret.last_used_at or 0) > use.at:
        return secret
    return replace(secret, last_used_at=use.at, last_used_address=use.address)
