"""All that the server keeps about one person, for that person (GDPR, articles 15 and 20). No secret, and no digest."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from scopekeeper.oauth.claims import jti_of, subject_of
from scopekeeper.oauth.factors import Factors
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.profile import PROFILE
from scopekeeper.oauth.upstreams import Identity, Upstream
from scopekeeper.services.lists import ActsAsked, ClientsAsked, TokensAsked
from scopekeeper.services.ports import Act, Clock, Entropy, Store

_STEP: Final = 500

_ON_ACCOUNTS: Final = (
    "user.", "session.", "passkey.", "totp.", "recovery.", "factors.", "identity.", "mail.", "view.user"
)  # fmt: skip
"""What acts on accounts begin with. An application, or another provider, may be called as an account is."""

Part = object
"""What msgspec can write; a mapping of names to parts; or an asynchronous iterator, whose items are read as they are
taken."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """Gathers it. `linked`: by which other providers somebody is known. `own`: their rows in the modules, by list."""

    store: Store
    clock: Clock
    entropy: Entropy
    linked: Callable[[User], Awaitable[Sequence[tuple[Upstream, Identity]]]]
    own: Callable[[User], Mapping[str, AsyncIterator[Any]]]
    issuer: str

    async def of(self, user: User, address: str | None) -> Mapping[str, Part]:
        """All of it, in sections; that it was taken is in the audit log, and so in what is taken. Raises Unavailable.

        Nothing of an earlier account of the same name is in it. What is counted of applications is nobody's.
        """
        now = self.clock.now()
        act = Act(self.entropy.row_id(), now, f"user:{user.name}", "user.export", user.name, address)
        await self.store.used([], [], [act])
        consents, grants = await self._consents(user), await self._grants(user, now)
        applications = dict.fromkeys(str(each["client_id"]) for each in (*consents, *grants))
        return {
            "issuer": self.issuer,
            "taken_at": _at(now),
            "account": _account(user),
            "sessions": [_session(each) for each in await self.store.sessions(user.id)],
            "second_factors": _factors(await self.store.factors(user.id)),
            "other_providers": [_identity(*each) for each in await self.linked(user)],
            "consents": consents,
            "grants": grants,
            "access_tokens": self._access_tokens(user, now),
            "refresh_tokens": self._refresh_tokens(user, now),
            "owned_applications": self._owned(user),
            "audit_log": {
                "by_you": self._acts(ActsAsked(actor=f"user:{user.name}", after=user.id)),
                "by_applications_in_your_name": self._through(user, applications),
                "by_others": self._by_others(user),
            },
            "modules": self.own(user),
        }

    async def _consents(self, user: User) -> list[Mapping[str, object]]:
        return [
            {
                "client_id": each.client_id,
                "application": await self._name_of(each.client_id),
                "scope": each.scope,
                "claims": each.claims,
                "granted_at": _at(each.granted_at),
                "updated_at": _at(each.updated_at),
            }
            for each in await self.store.consents(user.id)
        ]

    async def _grants(self, user: User, now: int) -> list[Mapping[str, object]]:
        return [
            {
                "id": jti_of(each.id),
                "client_id": each.client_id,
                "application": await self._name_of(each.client_id),
                "grant_type": each.grant_type,
                "scope": each.scope,
                "claims": each.claims,
                "signed_in_at": _at(each.auth_time),
                "signed_in_by": each.amr,
                "issued_at": _at(each.issued_at),
                "expires_at": _at(each.expires_at),
                "last_used_at": _at(each.last_used_at),
            }
            for each in await self.store.families(user.id, now)
        ]

    async def _access_tokens(self, user: User, now: int) -> AsyncIterator[Mapping[str, object]]:
        before: int | None = None
        asked = TokensAsked(user=user.name)
        while page := await self.store.find_tokens(asked, now=now, before=before, limit=_STEP):
            for each in page:
                if each.user_id == user.id:
                    yield {
                        "id": jti_of(each.id),
                        "client_id": each.client_id,
                        "scope": each.scope,
                        "issued_at": _at(each.issued_at),
                        "issued_to": each.address,
                        "expires_at": _at(each.expires_at),
                        "last_used_at": _at(each.last_used_at),
                        "last_used_from": each.last_used_address,
                    }
            before = page[-1].id

    async def _refresh_tokens(self, user: User, now: int) -> AsyncIterator[Mapping[str, object]]:
        before: int | None = None
        asked = TokensAsked(user=user.name)
        while page := await self.store.find_refresh_tokens(asked, now=now, before=before, limit=_STEP):
            for each, family in page:
                if family.user_id == user.id:
                    yield {
                        "id": jti_of(each.id),
                        "grant": jti_of(family.id),
                        "client_id": family.client_id,
                        "issued_at": _at(each.issued_at),
                        "expires_at": _at(each.expires_at),
                    }
            before = page[-1][0].id

    async def _owned(self, user: User) -> AsyncIterator[Mapping[str, object]]:
        asked = ClientsAsked(owner=user.name)
        page = await self.store.find_clients(asked, limit=_STEP)
        while page:
            for each in page:
                yield {"client_id": each.client_id, "name": each.name, "type": each.type}
            page = await self.store.find_clients(asked, after=page[-1], limit=_STEP)

    async def _acts(self, asked: ActsAsked) -> AsyncIterator[Mapping[str, object]]:
        """Newest first, none from before the account was made."""
        async for each in self._found(asked):
            yield _act(each)

    async def _by_others(self, user: User) -> AsyncIterator[Mapping[str, object]]:
        """What others did to the account. Where another person was when they did is theirs (GDPR, article 15(4))."""
        async for each in self._found(ActsAsked(target=user.name, after=user.id)):
            if each.actor != f"user:{user.name}" and each.action.startswith(_ON_ACCOUNTS):
                yield _act(each) | ({"address": None} if each.actor.startswith("user:") else {})

    async def _found(self, asked: ActsAsked) -> AsyncIterator[Act]:
        before: int | None = None
        while page := await self.store.acts(asked, before=before, limit=_STEP):
            for each in page:
                yield each
            before = page[-1].id

    async def _through(self, user: User, client_ids: Iterable[str]) -> AsyncIterator[Mapping[str, object]]:
        """What applications did in the person's name that they let in just now, one after the other."""
        for client_id in client_ids:
            async for each in self._acts(ActsAsked(actor=f"user:{user.name} via {client_id}", after=user.id)):
                yield each

    async def _name_of(self, client_id: str) -> str | None:
        client = await self.store.client(client_id)
        return None if client is None else client.name


def _at(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _account(user: User) -> Mapping[str, object]:
    return {
        "sub": subject_of(user.id),
        "name": user.name,
        "email": user.email,
        "email_verified": user.email_verified,
        **{name: getattr(user, name) for name in PROFILE},
        "external_id": user.external_id,
        "administrator": user.admin,
        "enabled": user.enabled,
        "has_password": user.password is not None,
        "created_at": _at(user.created_at),
        "updated_at": _at(user.updated_at or None),
    }


def _session(session: Session) -> Mapping[str, object]:
    return {
        "id": jti_of(session.id),
        "signed_in_at": _at(session.signed_in_at),
        "signed_in_by": session.amr,
        "last_seen_at": _at(session.last_seen_at),
        "address": session.address,
        "browser": session.agent,
    }


def _factors(factors: Factors) -> Mapping[str, object]:
    totp = factors.totp
    codes = None if totp is None else {"created_at": _at(totp.created_at), "last_used_at": _at(totp.last_used_at)}
    return {
        "passkeys": [
            {
                "name": each.name,
                "created_at": _at(each.created_at),
                "last_used_at": _at(each.last_used_at),
                "synced": each.synced,
                "transports": each.transports,
            }
            for each in factors.passkeys
        ],
        "one_time_codes": codes,
        "recovery_codes": [
            {"created_at": _at(each.created_at), "used_at": _at(each.used_at)} for each in factors.recovery_codes
        ],
    }


def _identity(upstream: Upstream, identity: Identity) -> Mapping[str, object]:
    return {
        "provider": upstream.label,
        "issuer": upstream.issuer,
        "subject": identity.subject,
        "email": identity.email,
        "created_at": _at(identity.created_at),
        "last_used_at": _at(identity.last_used_at),
    }


def _act(act: Act) -> dict[str, object]:
    return {
        "id": jti_of(act.id),
        "at": _at(act.at),
        "actor": act.actor,
        "action": act.action,
        "target": act.target,
        "address": act.address,
        "details": act.details,
    }
