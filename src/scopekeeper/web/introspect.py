"""The introspection endpoint (RFC 7662 §2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Scope

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.services.introspect import Introspection
from scopekeeper.web.credentials import credentials_of
from scopekeeper.web.protocol import NO_STORE
from scopekeeper.wire import Reply, address_of, json_reply


@dataclass(frozen=True, slots=True)
class IntrospectionEndpoint:
    """Answers what a token is worth. A wrong token_type_hint changes nothing (RFC 7662 §2.1)."""

    introspect: Introspection

    async def __call__(self, scope: Scope, form: Mapping[str, str]) -> Reply:
        credentials = credentials_of(scope, form)
        if credentials.method == "none":
            raise OAuthError.invalid_client("introspection without credentials")
        token = form.get("token")
        if token is None:
            raise OAuthError.invalid_request("The token is missing.")
        return json_reply(await self.introspect(token, credentials, address_of(scope)), headers=NO_STORE)
