"""The revocation endpoint (RFC 7009 §2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.services.revoke import Revocation
from scopekeeper.web.credentials import credentials_of
from scopekeeper.web.protocol import NO_STORE
from scopekeeper.wire import Reply, address_of

_DONE: Final = Reply(200, b"", NO_STORE)


@dataclass(frozen=True, slots=True)
class RevocationEndpoint:
    """Revokes what a client gives back. A wrong token_type_hint changes nothing (RFC 7009 §2.1)."""

    revoke: Revocation

    async def __call__(self, scope: Scope, form: Mapping[str, str]) -> Reply:
        credentials = credentials_of(scope, form)
        token = form.get("token")
        if token is None:
            raise OAuthError.invalid_request("The token is missing.")
        await self.revoke(token, credentials, address_of(scope))
        return _DONE
