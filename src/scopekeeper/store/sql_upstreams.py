"""Other providers, and whom they know, on an SQL database."""

from collections.abc import Sequence
from functools import partial

from scopekeeper.oauth.upstreams import Identity, Upstream
from scopekeeper.services.ports import Act
from scopekeeper.store import upstreams
from scopekeeper.store.account_rows import identity_of, upstream_of
from scopekeeper.store.engine import Reading, Writing
from scopekeeper.store.upstream_statements import UpstreamStatements


class SqlUpstreams:
    """The port `UpstreamsKept`, on the readers and the writer of a store."""

    def __init__(self, sql: UpstreamStatements, reader: Reading, writer: Writing) -> None:
        self._sql = sql
        self._reader = reader
        self._writer = writer

    async def upstreams(self) -> Sequence[Upstream]:
        return tuple(map(upstream_of, await self._reader.at_once(self._sql.upstreams)))

    async def upstream(self, name: str) -> Upstream | None:
        rows = await self._reader.at_once(self._sql.upstream, name)
        return upstream_of(rows[0]) if rows else None

    async def add_upstream(self, upstream: Upstream, act: Act) -> None:
        await self._writer.commit(partial(upstreams.add_upstream, upstream=upstream, act=act))

    async def save_upstream(self, upstream: Upstream, act: Act) -> None:
        await self._writer.commit(partial(upstreams.save_upstream, upstream=upstream, act=act))

    async def remove_upstream(self, upstream_id: int, act: Act) -> None:
        removed = partial(upstreams.remove_upstream, upstream_id=upstream_id, act=act)
        while not await self._writer.commit(removed):
            pass

    async def identity(self, upstream_id: int, subject: str) -> Identity | None:
        rows = await self._reader.at_once(self._sql.identity, upstream_id, subject)
        return identity_of(rows[0]) if rows else None

    async def identities(self, user_id: int) -> Sequence[Identity]:
        return tuple(map(identity_of, await self._reader.at_once(self._sql.identities, user_id)))

    async def add_identity(self, identity: Identity, act: Act) -> None:
        await self._writer.commit(partial(upstreams.add_identity, identity=identity, act=act))

    async def use_identity(self, identity: Identity, email: str | None, at: int) -> None:
        await self._writer.commit(partial(upstreams.use_identity, identity=identity, email=email, at=at))

    async def remove_identity(self, upstream_id: int, subject: str, user_id: int, act: Act) -> None:
        removed = partial(upstreams.remove_identity, upstream_id=upstream_id, subject=subject)
        await self._writer.commit(partial(removed, user_id=user_id, act=act))
