"""The providers that operators registered, and whom they know: kept by operators, and by the people themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from scopekeeper.oauth.applications import UNSET, Unfit
from scopekeeper.oauth.people import UnfitPerson, User, name_of
from scopekeeper.oauth.relying import Mistrusted
from scopekeeper.oauth.relying.id_token import LONGEST_SUBJECT
from scopekeeper.oauth.relying.provider import auth_method_of
from scopekeeper.oauth.relying.registration import (
    UpstreamChanges,
    UpstreamDraft,
    changed_upstream,
    secret_of_text,
    upstream_of,
)
from scopekeeper.oauth.upstreams import Identity, Upstream
from scopekeeper.services.factors import FactorBook, Fresh
from scopekeeper.services.notices import Notices
from scopekeeper.services.outbound import NotFetched
from scopekeeper.services.ports import Act, Clock, Entropy, Gone, Stale, Store, Taken, Users
from scopekeeper.services.relying import sealed_name
from scopekeeper.services.relying.providers import Providers
from scopekeeper.services.vault import Vault

_TRIES: Final = 5


class LastWay(Exception):
    """It is the only way in which they can sign in: another has to be there first."""


@dataclass(frozen=True, slots=True)
class Upstreams:
    """Providers. `actor` says who acts: `cli:root`, `user:alice`."""

    store: Store
    records: Users
    """Where accounts are read: never a cache."""
    providers: Providers
    vault: Vault
    clock: Clock
    entropy: Entropy
    notices: Notices

    async def all(self) -> Sequence[Upstream]:
        """Every one, by label and name. Raises Unavailable."""
        return await self.store.upstreams()

    async def open(self) -> Sequence[Upstream]:
        """Those at which people may sign in now. Raises Unavailable."""
        return [each for each in await self.store.upstreams() if each.enabled]

    async def get(self, name: str) -> Upstream:
        """The one with this name. Raises Gone."""
        found = await self.store.upstream(name)
        if found is None:
            raise Gone(f"there is no provider {name!r}")
        return found

    async def add(self, draft: UpstreamDraft, secret: str | None, actor: str, address: str | None = None) -> Upstream:
        """A new one, which is asked at once what it is. Without a secret we are a public client there.

        Raises Unfit, also where it cannot be asked, or signs nobody in in a way that is believed; Taken.
        """
        upstream = self._sealed(upstream_of(draft, self.entropy.row_id(), self.clock.now()), secret)
        await self._require_fit(upstream)
        details = {
            "issuer": upstream.issuer,
            "client_id": upstream.client_id,
            "scope": list(upstream.scope),
            "link_by_email": upstream.link_by_email,
        }
        try:
            await self.store.add_upstream(upstream, self._act(actor, "upstream.add", upstream.name, address, **details))
        except Taken:
            raise Taken(f"there is a provider {upstream.name!r} already") from None
        return upstream

    async def edit(
        self,
        name: str,
        changes: UpstreamChanges,
        actor: str,
        address: str | None = None,
        *,
        revision: int | None = None,
    ) -> Upstream:
        """Change what is named. `revision`: that which was looked at; of another one nothing is changed.

        Raises Gone, Unfit, Stale.
        """
        for _ in range(_TRIES):
            old = await self.get(name)
            if revision not in (None, old.revision):
                break
            new = changed_upstream(old, changes, self.clock.now())
            if changes.client_secret is not UNSET:
                new = self._sealed(new, changes.client_secret)
            act = self._act(actor, "upstream.change", name, address, **_diff(old, new))
            try:
                await self.store.save_upstream(new, act)
            except Stale:
                continue
            return new
        raise Stale("the provider is being edited by somebody else")

    async def enable(self, name: str, enabled: bool, actor: str, address: str | None = None) -> Upstream:
        """Let people sign in there, or no more. Sessions that began so go on. Raises Gone, Stale."""
        return await self.edit(name, UpstreamChanges(enabled=enabled), actor, address)

    async def remove(self, name: str, actor: str, address: str | None = None) -> None:
        """Forget it, and whom it knows. Sessions that began so go on. Raises Gone."""
        upstream = await self.get(name)
        await self.store.remove_upstream(upstream.id, self._act(actor, "upstream.remove", name, address))

    async def link(self, name: str, user_name: str, subject: str, actor: str, address: str | None = None) -> Identity:
        """By an operator's word: this subject of the provider is this person. Raises Gone, Unfit, Taken."""
        upstream, user = await self.get(name), await self._person(user_name)
        if not 0 < len(subject) <= LONGEST_SUBJECT or not (subject.isascii() and subject.isprintable()):
            raise Unfit("subject", f"a subject has 1 to {LONGEST_SUBJECT} printable characters of ASCII")
        identity = Identity(upstream.id, subject, user.id, self.clock.now())
        details = {"upstream": name, "subject": subject, "by": "operator"}
        try:
            await self.store.add_identity(identity, self._act(actor, "identity.add", user.name, address, **details))
        except Taken:
            raise Taken("that subject is somebody's already") from None
        await self.notices.changed(user, "identity.add", address)
        return identity

    async def unlink(self, name: str, user_name: str, subject: str, actor: str, address: str | None = None) -> None:
        """By an operator's word: it is not this person (any more). Raises Gone."""
        upstream, user = await self.get(name), await self._person(user_name)
        act = self._act(actor, "identity.remove", user.name, address, upstream=name, subject=subject)
        try:
            await self.store.remove_identity(upstream.id, subject, user.id, act)
        except Gone:
            raise Gone(f"the provider {name!r} does not know {user_name!r} by that subject") from None
        await self.notices.changed(user, "identity.remove", address)

    async def known(self, user_name: str) -> Sequence[tuple[Upstream, Identity]]:
        """By which of them the person with this name is known, the oldest first. Raises Gone."""
        return await self.knows(await self._person(user_name))

    async def knows(self, user: User) -> Sequence[tuple[Upstream, Identity]]:
        """By which of them this person is known, the oldest first. Raises Unavailable."""
        by_id = {each.id: each for each in await self.store.upstreams()}
        identities = await self.store.identities(user.id)
        return [(by_id[each.upstream_id], each) for each in identities if each.upstream_id in by_id]

    async def _require_fit(self, upstream: Upstream) -> None:
        try:
            auth_method_of(await self.providers.of(upstream.issuer), upstream)
        except NotFetched as failed:
            raise Unfit("issuer", f"{failed}: its OpenID Connect metadata, which name this very issuer") from None
        except Mistrusted as mistrusted:
            raise Unfit("issuer", str(mistrusted)) from None

    async def _person(self, name: str) -> User:
        try:
            user = await self.records.user(name_of(name))
        except UnfitPerson:
            user = None
        if user is None:
            raise Gone(f"there is no account {name!r}")
        return user

    def _sealed(self, upstream: Upstream, secret: str | None) -> Upstream:
        if secret is None:
            return replace(upstream, sealed=None)
        plain = secret_of_text(secret).encode()
        return replace(upstream, sealed=self.vault.wrap(sealed_name(upstream.id), plain))

    def _act(self, actor: str, action: str, target: str, address: str | None, /, **details: object) -> Act:
        return Act(self.entropy.row_id(), self.clock.now(), actor, action, target, address, details)


@dataclass(frozen=True, slots=True)
class Linked:
    """By which providers people are known, at their own hands."""

    upstreams: Upstreams
    factors: FactorBook

    async def of(self, user: User) -> Sequence[tuple[Upstream, Identity]]:
        """All of this person's, the oldest first, those of disabled providers, too. Raises Unavailable."""
        return await self.upstreams.knows(user)

    async def require_fresh(self, user: User, fresh: Fresh) -> None:
        """Have they signed in lately, and by all that they have? Raises NotFresh."""
        self.factors.require_fresh(await self.factors.of(user), fresh)

    async def remove(self, user: User, fresh: Fresh, name: str, subject: str, address: str | None) -> None:
        """This provider's word does not stand for them any more. Raises NotFresh, LastWay, Gone."""
        factors = await self.factors.of(user)
        self.factors.require_fresh(factors, fresh)
        others = [
            each
            for each, identity in await self.of(user)
            if each.enabled and (each.name, identity.subject) != (name, subject)
        ]
        if user.password is None and not factors.passkeys and not others:
            raise LastWay
        await self.upstreams.unlink(name, user.name, subject, f"user:{user.name}", address)


def _diff(old: Upstream, new: Upstream) -> dict[str, object]:
    """What an edit changed, before and after; of a secret only that it is another."""
    changed: dict[str, object] = {
        name: {"before": getattr(old, name), "after": getattr(new, name)}
        for name in ("client_id", "label", "scope", "link_by_email", "enabled")
        if getattr(old, name) != getattr(new, name)
    }
    if old.sealed != new.sealed:
        changed["client_secret"] = "replaced" if new.sealed is not None else "removed"
    return changed
