"""Applications as acts: register, edit, rotate, compromised, remove. A secret is answered once, by what made it."""

import asyncio
import re
import secrets as system_entropy
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from scopekeeper.oauth.applications import Changes, Draft, Unfit, changed, registered
from scopekeeper.oauth.credentials import last_living
from scopekeeper.oauth.giving import EVERYTHING, Holding, require_ceiling, require_edit, require_registration
from scopekeeper.oauth.people import UnfitPerson, User, name_of
from scopekeeper.oauth.records import Client, Secret
from scopekeeper.oauth.secrets import ALPHABET, Kind, digest_of, secret_of
from scopekeeper.services.lists import ClientsAsked
from scopekeeper.services.outbound import NOWHERE, Fetching
from scopekeeper.services.ports import (
    UNKNOWN,
    Act,
    Activity,
    Clients,
    Clock,
    Entropy,
    Gone,
    Stale,
    Store,
    Supposed,
    Unavailable,
)
from scopekeeper.services.report import COUNTED, hours_of, report_of
from scopekeeper.services.sectors import must_ask, require_sector

LONGEST_OVERLAP: Final = 90 * 86_400
"""Seconds that old secrets may go on working after a rotation."""

PATIENCE: Final = 5.0
"""Seconds that whoever declares a leak waits for the report before all that leaked dies without one."""

_CLIENT_ID_LENGTH: Final = 22
_CLIENT_ID: Final = re.compile(f"[0-9A-Za-z]{{{_CLIENT_ID_LENGTH}}}")
_TRIES: Final = 5
_STEP: Final = 500


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
    """How many worked until now."""
    activity: Activity
    act: Act
    """The audit record of it, which keeps the report."""

    @property
    def report(self) -> Mapping[str, object]:
        """What the leaked credential had done, as JSON has it."""
        report = self.act.details["report"]
        assert isinstance(report, Mapping), "the act was made with it"
        return report


@dataclass(frozen=True, slots=True)
class Applications:
    """All that is done to applications. `actor` says who does it: `cli:root`, `user:alice`.

    `holding` is what they hold themselves: nobody gives more than that (Exceeds). What an act supposes (`revision`,
    `newest`, `generation`) is what whoever does it has seen: where that has changed, Stale is raised and nothing done.
    """

    store: Store
    records: Clients
    """Where applications are read: never a cache, which does not know of last uses."""
    clock: Clock
    entropy: Entropy
    known: Callable[[str], bool]
    """Does this scope exist?"""
    fetching: Fetching = NOWHERE
    """By which the document of a sector is asked for."""

    async def add(
        self,
        draft: Draft,
        actor: str,
        address: str | None = None,
        *,
        client_id: str | None = None,
        holding: Holding = EVERYTHING,
    ) -> Credential:
        """Register an application. Raises Unfit, Exceeds.

        Whoever brings the `client_id` (a `fresh_client_id`) can ask twice and gets one application: Taken.
        """
        if client_id is not None and _CLIENT_ID.fullmatch(client_id) is None:
            raise Unfit("client_id", "that is no client_id of ours")
        now = self.clock.now()
        owner = await self._owner(draft.owner)
        draft = replace(draft, owner=None if owner is None else owner.name)
        client = registered(draft, fresh_client_id() if client_id is None else client_id, now, self.known)
        require_registration(holding, client)
        if must_ask(None, client):
            await require_sector(self.fetching, client)
        secret, text = self._secret(client, actor, "first")
        client = client if secret is None else client.with_secrets(secret)
        details = {"name": client.name, "type": client.type.value, "scope": " ".join(client.scope)}
        act = self._act(actor, "application.add", client.client_id, address, details)
        try:
            await self.store.add_client(client, act, owner=None if owner is None else owner.id)
        except Stale:
            raise _no_account(client.owner) from None
        return Credential(client, text)

    async def get(self, client_id: str) -> Client:
        """The application. Raises Gone."""
        client = await self.records.client(client_id)
        if client is None:
            raise Gone(f"there is no application {client_id!r}")
        return client

    async def find(self, asked: ClientsAsked, *, after: str | None = None, limit: int = 50) -> Sequence[Client]:
        """Applications, in the order asked, from behind the one with this client_id (from the first, if it is gone)."""
        last = None if after is None else await self.records.client(after)
        return await self.store.find_clients(asked, after=last, limit=limit)

    async def count(self, asked: ClientsAsked) -> int:
        """How many; at most MOST_COUNTED + 1."""
        return await self.store.count_clients(asked)

    async def every(self, asked: ClientsAsked) -> AsyncIterator[Client]:
        """All that match, read as they are taken."""
        last: Client | None = None
        while page := await self.store.find_clients(asked, after=last, limit=_STEP):
            for client in page:
                yield client
            last = page[-1]

    async def all(self) -> list[Client]:
        """Every application, in the order of their client_id."""
        found: list[Client] = []
        while page := await self.store.clients(after=found[-1].client_id if found else None):
            found += page
        return found

    async def change(
        self,
        client_id: str,
        changes: Changes,
        actor: str,
        address: str | None = None,
        *,
        revision: int | None = None,
        holding: Holding = EVERYTHING,
    ) -> Credential:
        """Edit an application. Raises Gone, Unfit, Exceeds, Stale.

        An application that becomes confidential by the edit (native, password switched on) gets its secret here, once.
        """
        told: tuple[str | None, tuple[str, ...]] | None = None
        for _ in range(_TRIES):
            old = await self.get(client_id)
            if revision is not None and old.revision != revision:
                raise Stale("the application was changed meanwhile")
            new = changed(old, changes, self.clock.now(), self.known)
            owner = await self._owner(new.owner) if new.owner != old.owner else None
            new = new if owner is None else replace(new, owner=owner.name)
            require_edit(holding, old, new)
            if new.confidential and not new.secrets:  # any edit gives it its first secret, also one that takes away
                require_ceiling(holding, new, "the first secret of this application")
            if must_ask(old, new) and told != (new.sector_identifier_uri, new.redirect_uris):
                await require_sector(self.fetching, new)
                told = new.sector_identifier_uri, new.redirect_uris
            act = self._act(actor, "application.change", client_id, address, _diff(old, new))
            try:
                await self.store.save_client(new, act, owner=None if owner is None else owner.id)
            except Stale:
                continue
            if new.confidential and not new.secrets:
                secret, text = self._secret(new, actor, "first")
                assert secret is not None
                await self.store.add_secret(secret, {}, self._act(actor, "application.secret", client_id, address, {}))
                return Credential(await self.get(client_id), text)
            return Credential(new, None)
        raise Stale("the application is being changed by others all the time")

    async def rotate(
        self,
        client_id: str,
        overlap: int,
        actor: str,
        address: str | None = None,
        *,
        label: str = "rotated",
        newest: int | None = None,
        owner: int | None = None,
        holding: Holding = EVERYTHING,
    ) -> Credential:
        """A new secret; the old ones work for `overlap` seconds more (0: they end now).

        `newest`: the row id of the newest secret that was seen. `owner`: that of the account that has to own it.

        Raises Gone, Exceeds, Stale.
        """
        client = await self.get(client_id)
        require_ceiling(holding, client, "a new secret of this application")
        secret, text = self._secret(client, actor, label)
        if secret is None:
            raise Gone(f"{client.name!r} is a public client: it has no secret to rotate")
        ends = {old.id: self.clock.now() + overlap for old in client.secrets}
        act = self._act(
            actor, "application.rotate", client_id, address, {"overlap": overlap, "last_four": secret.last_four}
        )
        await self.store.add_secret(secret, ends, act, Supposed(owner=owner, newest=newest))
        return Credential(await self.get(client_id), text)

    async def end_secret(self, client_id: str, secret_id: int, actor: str, address: str | None = None) -> bool:
        """A secret ends now; the others go on. Had it not yet? Raises Gone; Unfit for the only one that works."""
        client, now = await self.get(client_id), self.clock.now()
        old = next((each for each in client.secrets if each.id == secret_id), None)
        if old is None:
            raise Gone("there is no such secret")
        if last_living(client, old, now):
            raise _only_secret()
        details = {"label": old.label, "last_four": old.last_four}
        act = self._act(actor, "application.end_secret", client_id, address, details)
        try:
            return await self.store.end_secret(client_id, secret_id, now, act)
        except Stale:
            raise _only_secret() from None

    async def compromised(
        self,
        client_id: str,
        since: int,
        actor: str,
        address: str | None = None,
        *,
        generation: int | None = None,
        owner: int | None = None,
        holding: Holding = EVERYTHING,
    ) -> Compromise:
        """Old secrets, codes, consents, families and all tokens die in one transaction, and a new secret is made.

        It is one number that is raised, however many they are. What was done is reported.

        `since`: from when on the credential's deeds are of interest, now at the latest. Raises Gone, Exceeds, Stale.
        """
        client = await self.get(client_id)
        require_ceiling(holding, client, "a new secret of this application")
        now = self.clock.now()
        since = max(0, min(since, now))
        activity = await self._activity(client_id, since, now)
        counted = await self.store.sums(client_id, *hours_of(since, now), COUNTED)
        secret, text = self._secret(client, actor, "after a compromise")
        ended = sum(old.lives(now) for old in client.secrets)
        details: dict[str, object] = {
            "secrets": ended,
            "tokens_live": activity.tokens_live,
            "consents": activity.consents,
            "report": report_of(client, activity, counted, since, now),
        }
        act = self._act(actor, "application.compromised", client_id, address, details)
        await self.store.compromise(client_id, secret, act, Supposed(owner=owner, generation=generation))
        credential = Credential(await self.get(client_id), text)
        return Compromise(credential, ended, activity, act)

    async def _activity(self, client_id: str, since: int, now: int) -> Activity:
        """What its tokens did, where that can be read soon: a leak is stopped before it is understood."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.store.activity(client_id, since, now)
        except (TimeoutError, Unavailable):
            return UNKNOWN

    async def remove(
        self, client_id: str, actor: str, address: str | None = None, *, revision: int | None = None
    ) -> None:
        """Forget an application, its secrets and its tokens. Raises Gone, Stale."""
        client = await self.get(client_id)
        act = self._act(actor, "application.remove", client_id, address, {"name": client.name})
        await self.store.remove_client(client_id, act, Supposed(revision=revision))

    async def _owner(self, name: str | None) -> User | None:
        """The account of this name, that is to own an application. Raises Unfit where there is none."""
        if not name:
            return None
        try:
            user = await self.store.user(name_of(name))
        except UnfitPerson:
            user = None
        if user is None:
            raise _no_account(name)
        return user

    def _secret(self, client: Client, actor: str, label: str) -> tuple[Secret | None, str | None]:
        if not client.confidential:
            return None, None
        row = self.entropy.row_id()
        text = secret_of(Kind.CLIENT_SECRET, row, self.entropy.entropy())
        secret = Secret(row, client.client_id, digest_of(text), text[-4:], label, self.clock.now(), actor)
        return secret, text

    def _act(self, actor: str, action: str, client_id: str, address: str | None, details: Mapping[str, object]) -> Act:
        return Act(self.entropy.row_id(), self.clock.now(), actor, action, client_id, address, details)


def fresh_client_id() -> str:
    """A client_id that no application has: 130 bits."""
    return "".join(system_entropy.choice(ALPHABET) for _ in range(_CLIENT_ID_LENGTH))


def _no_account(name: str | None) -> Unfit:
    return Unfit("owner", f"there is no account {name!r}")


def _only_secret() -> Unfit:
    return Unfit("secret", "it is the only secret that works: rotate, and the application has another")


def _diff(old: Client, new: Client) -> dict[str, object]:
    """What an edit changed, before and after, in the audit log's words."""
    watched = (
        "name", "description", "website", "owner", "scope", "grant_types", "redirect_uris", "post_logout_redirect_uris",
        "backchannel_logout_uri", "frontchannel_logout_uri", "outlives_session", "enabled", "token_format",
        "signing_alg", "id_token_signed_response_alg", "userinfo_signed_response_alg", "subject_type",
        "sector_identifier_uri", "default_max_age", "default_acr_values", "required_acr",
        "access_token_lifetime", "code_lifetime", "pkce_required", "trusted", "resource_server",
    )  # fmt: skip
    return {
        name: {"before": getattr(old, name), "after": getattr(new, name)}
        for name in watched
        if getattr(old, name) != getattr(new, name)
    }
