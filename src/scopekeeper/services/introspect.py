"""Introspection as an act (RFC 7662)."""

from dataclasses import dataclass

from scopekeeper.oauth import introspect as rule
from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.secrets import Kind
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.clients import Authentication
from scopekeeper.services.ports import Clock, Grants, Store
from scopekeeper.services.presented import refresh_token_with


@dataclass(frozen=True, slots=True)
class Introspection:
    """Tells a proven client what a token is worth, of whichever kind it is: a hint is not needed."""

    bearer: Bearer
    store: Store
    records: Grants
    """Where refresh tokens are read: never a cache, which may not know that one was used."""
    authenticate: Authentication
    clock: Clock
    issuer: str
    subjects: Subjects

    async def __call__(self, presented: str, credentials: Credentials, address: str | None) -> dict[str, object]:
        """The answer of RFC 7662 §2.2. Raises OAuthError; public clients may not ask (§2.1)."""
        caller = await self.authenticate(credentials, address)
        if not caller.confidential:
            raise OAuthError.invalid_client("a public client asked to introspect")
        if presented.startswith(Kind.REFRESH_TOKEN.value):
            return await self._of_refresh_token(presented, caller)
        token, owner, person, family = await self.bearer.known(presented), None, None, None
        if token is not None:
            owner = caller if token.client_id == caller.client_id else await self.store.client(token.client_id)
            person = None if token.user is None else await self.store.user(token.user)
            family = None if token.family_id is None else await self.store.family(token.family_id)
        now = self.clock.now()
        return rule.introspect(caller, token, owner, person, self.issuer, now, self.subjects, family=family)

    async def _of_refresh_token(self, presented: str, caller: Client) -> dict[str, object]:
        found = await refresh_token_with(presented, self.records)
        if found is None:
            return rule.INACTIVE
        person = await self.store.user(found[1].user)
        return rule.introspect_refresh(caller, *found, person, self.issuer, self.clock.now(), self.subjects)
