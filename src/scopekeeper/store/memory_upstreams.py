"""Other providers, and whom they know, in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from scopekeeper.oauth.people import User
from scopekeeper.oauth.upstreams import Identity, Upstream
from scopekeeper.services.ports import Act, Gone, Stale, Taken


class MemoryUpstreams:
    """The port `UpstreamsKept`, in dictionaries."""

    def __init__(
        self, users: Mapping[str, User], remember: Callable[[Act], None], require_open: Callable[[], None]
    ) -> None:
        self._users = users
        self._remember = remember
        self._require_open = require_open
        self._upstreams: dict[str, Upstream] = {}
        self._identities: dict[tuple[int, str], Identity] = {}

    def forget_person(self, user_id: int) -> None:
        """Nobody's subjects are this person's any more."""
        self._identities = {key: each for key, each in self._identities.items() if each.user_id != user_id}

    async def upstreams(self) -> Sequence[Upstream]:
        self._require_open()
        return tuple(sorted(self._upstreams.values(), key=lambda each: (each.label, each.name)))

    async def upstream(self, name: str) -> Upstream | None:
        self._require_open()
        return self._upstreams.get(name)

    async def add_upstream(self, upstream: Upstream, act: Act) -> None:
        self._require_open()
        if upstream.name in self._upstreams or self._upstream_with(upstream.id) is not None:
            raise Taken(f"there is a provider {upstream.name!r} already")
        self._upstreams[upstream.name] = upstream
        self._remember(act)

    async def save_upstream(self, upstream: Upstream, act: Act) -> None:
        self._require_open()
        stored = self._upstream_with(upstream.id)
        if stored is None:
            raise Gone(f"there is no provider {upstream.name!r}")
        if stored.revision != upstream.revision - 1:
            raise Stale("the provider was edited meanwhile")
        self._upstreams[stored.name] = replace(upstream, name=stored.name)
        self._remember(act)

    async def remove_upstream(self, upstream_id: int, act: Act) -> None:
        self._require_open()
        stored = self._upstream_with(upstream_id)
        if stored is None:
            raise Gone("there is no such provider")
        del self._upstreams[stored.name]
        self._identities = {key: each for key, each in self._identities.items() if each.upstream_id != upstream_id}
        self._remember(act)

    async def identity(self, upstream_id: int, subject: str) -> Identity | None:
        self._require_open()
        return self._identities.get((upstream_id, subject))

    async def identities(self, user_id: int) -> Sequence[Identity]:
        self._require_open()
        theirs = (each for each in self._identities.values() if each.user_id == user_id)
        return tuple(sorted(theirs, key=lambda each: (each.created_at, each.upstream_id, each.subject)))

    async def add_identity(self, identity: Identity, act: Act) -> None:
        self._require_open()
        if identity.user_id not in {each.id for each in self._users.values()}:
            raise Gone("the account is not there any more")
        if self._upstream_with(identity.upstream_id) is None:
            raise Gone("the provider is not there any more")
        if (identity.upstream_id, identity.subject) in self._identities:
            raise Taken("this subject is somebody's already")
        self._identities[identity.upstream_id, identity.subject] = identity
        self._remember(act)

    async def use_identity(self, identity: Identity, email: str | None, at: int) -> None:
        self._require_open()
        key = identity.upstream_id, identity.subject
        known = self._identities.get(key)
        if known is not None and known.user_id == identity.user_id:
            self._identities[key] = replace(known, email=email, last_used_at=at)

    async def remove_identity(self, upstream_id: int, subject: str, user_id: int, act: Act) -> None:
        self._require_open()
        known = self._identities.get((upstream_id, subject))
        if known is None or known.user_id != user_id:
            raise Gone("this subject is not theirs")
        del self._identities[upstream_id, subject]
        self._remember(act)

    def _upstream_with(self, upstream_id: int) -> Upstream | None:
        return next((each for each in self._upstreams.values() if each.id == upstream_id), None)
