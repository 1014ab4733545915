"""Applications as acts: register, edit, rotate, compromised, remove. A secret is answered once, by what made it."""

import secrets as system_entropy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from scopekeeper.oauth.applications import Changes, Draft, Unfit, changed, registered
from scopekeeper.oauth.people import UnfitPerson, name_of
from scopekeeper.oauth.records import Client, Secret
from scopekeeper.oauth.secrets import ALPHABET, Kind, digest_of, secret_of
from scopekeeper.services.ports import Act, Activity, Clients, Clock, Entropy, Gone, Stale, Store

LONGEST_OVERLAP: Final = 90 * 86_400
"""Seconds that old secrets may go on working after a rotation."""

_CLIENT_ID_LENGTH: Final = 22
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Credential:
    """An application and, once and only here, its new secret. None for a public client: it has none."""

    client: Client
    client_secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Compromise:
    """What was done about a leak, and what the leaked credential had done."""

    credential: Credential
    secrets_ended: int
    activity: Activity
    old_secrets: tuple[Secret, ...]


@dataclass(frozen=True, slots=True)
class Applications:
    """All that is done to applications. `actor` says who does it: `cli:root`, `user:alice`."""

    store: Store
    records: Clients
    """Where applications are read: never a cache, which does not know of last uses."""
    clock: Clock
    entropy: Entropy
    known: Callable[[str], bool]
    """Does this scope exist?"""

    async def add(self, draft: Draft, actor: str, address: str | None = None) -> Credential:
        """Register an application. Raises Unfit."""
        now = self.clock.now()
        draft = replace(draft, owner=await self._owner(draft.owner))
        client = registered(draft, _fresh_client_id(), now, self.known)
        secret, text = self._secret(client, actor, "first")
        client = client if secret is None else client.with_secrets(secret)
        details = {"name": client.name, "type": client.type.value, "scope": " ".join(client.scope)}
        await self.store.add_client(client, self._act(actor, "application.add", client.client_id, address, details))
        return Credential(client, text)

    async def get(self, client_id: str) -> Client:
        """The application. Raises Gone."""
        client = await self.records.client(client_id)
        if client is None:
            raise Gone(f"there is no application {client_id!r}")
        return client

    async def all(self) -> list[Client]:
        """Every application, in the order of their client_id."""
        found: list[Client] = []
        while page := await self.store.clients(after=found[-1].client_id if found else None):
            found += page
        return found

    async def change(self, client_id: str, changes: Changes, actor: str, address: str | None = None) -> Credential:
        """Edit an application. Raises Gone, Unfit.

        An application that becomes confidential by the edit (native, password switched on) gets its secret here, once.
        """
        for _ in range(_TRIES):
            old = await self.get(client_id)
            new = changed(old, changes, self.clock.now(), self.known)
            if new.owner != old.owner:
                new = replace(new, owner=await self._owner(new.owner))
            try:
                await self.store.save_client(
                    new, self._act(actor, "application.change", client_id, address, _diff(old, new))
                )
            except Stale:
                continue
            if new.confidential and not new.secrets:
                secret, text = self._secret(new, actor, "first")
                assert secret is not None
                await self.store.add_secret(secret, {}, self._act(actor, "application.secret", client_id, address, {}))
                return Credential(await self.get(client_id), text)
            return Credential(new, None)
        raise Stale("the application is being changed by others all the time")

    async def rotate(self, client_id: str, overlap: int, actor: str, address: str | None = None) -> Credential:
        """A new secret; the old ones work for `overlap` seconds more (0: they end now). Raises Gone."""
        client = await self.get(client_id)
        secret, text = self._secret(client, actor, "rotated")
        if secret is None:
            raise Gone(f"{client.name!r} is a public client: it has no secret to rotate")
        ends = {old.id: self.clock.now() + overlap for old in client.secrets}
        act = self._act(
            actor, "application.rotate", client_id, address, {"overlap": overlap, "last_four": secret.last_four}
        )
        await self.store.add_secret(secret, ends, act)
        return Credential(await self.get(client_id), text)

    async def compromised(self, client_id: str, since: int, actor: str, address: str | None = None) -> Compromise:
        """Old secrets, codes, consents, families and all tokens die in one transaction, and a new secret is made.

        It is one number that is raised, however many they are. What was done is reported.

        `since`: from when on the credential's deeds are of interest. Raises Gone.
        """
        client = await self.get(client_id)
        activity = await self.store.activity(client_id, since, self.clock.now())
        secret, text = self._secret(client, actor, "after a compromise")
        details: dict[str, object] = {
            "secrets": len(client.secrets),
            "tokens_live": activity.tokens_live,
            "consents": activity.consents,
        }
        await self.store.compromise(
            client_id, secret, self._act(actor, "application.compromised", client_id, address, details)
        )
        return Compromise(Credential(await self.get(client_id), text), len(client.secrets), activity, client.secrets)

    async def remove(self, client_id: str, actor: str, address: str | None = None) -> None:
        """Forget an application, its secrets and its tokens. Raises Gone."""
        client = await self.get(client_id)
        await self.store.remove_client(
            client_id, self._act(actor, "application.remove", client_id, address, {"name": client.name})
        )

    async def _owner(self, name: str | None) -> str | None:
        """The name of the account that this is. Raises Unfit where there is none."""
        if not name:
            return name
        try:
            user = await self.store.user(name_of(name))
        except UnfitPerson:
            user = None
        if user is None:
            raise Unfit("owner", f"there is no account {name!r}")
        return user.name

    def _secret(self, client: Client, actor: str, label: str) -> tuple[Secret | None, str | None]:
        if not client.confidential:
            return None, None
        row = self.entropy.row_id()
        text = secret_of(Kind.CLIENT_SECRET, row, self.entropy.entropy())
        secret = Secret(row, client.client_id, digest_of(text), text[-4:], label, self.clock.now(), actor)
        return secret, text

    def _act(self, actor: str, action: str, client_id: str, address: str | None, details: Mapping[str, object]) -> Act:
        return Act(self.entropy.row_id(), self.clock.now(), actor, action, client_id, address, details)


def _fresh_client_id() -> str:
    return "".join(system_entropy.choice(ALPHABET) for _ in range(_CLIENT_ID_LENGTH))


def _diff(old: Client, new: Client) -> dict[str, object]:
    """What an edit changed, before and after, in the audit log's words."""
    watched = (
        "name", "description", "website", "owner", "scope", "grant_types", "redirect_uris", "post_logout_redirect_uris",
        "backchannel_logout_uri", "enabled", "token_format", "signing_alg", "access_token_lifetime", "code_lifetime",
        "pkce_required", "trusted", "resource_server",
    )  # fmt: skip
    return {
        name: {"before": getattr(old, name), "after": getattr(new, name)}
        for name in watched
        if getattr(old, name) != getattr(new, name)
    }
