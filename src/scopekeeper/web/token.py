"""The token endpoint (RFC 6749 §3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Scope

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.resource import require_absolute
from scopekeeper.oauth.token import TokenRequest, told
from scopekeeper.services.token import Exchange
from scopekeeper.web.credentials import credentials_of
from scopekeeper.web.protocol import NO_STORE
from scopekeeper.wire import Reply, address_of, json_reply


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    """Reads a token request, has it decided, and writes the answer (RFC 6749 §5.1)."""

    exchange: Exchange

    async def __call__(self, scope: Scope, form: Mapping[str, str]) -> Reply:
        grant_type = _grant_type(form)
        require_absolute(form.get("resource"))
        request = TokenRequest(grant_type, credentials_of(scope, form), form, address_of(scope))
        answer = await self.exchange(request)
        return json_reply(told(answer), headers=NO_STORE)


def _grant_type(form: Mapping[str, str]) -> str:
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise OAuthError.invalid_request("The grant_type is missing.")
    return grant_type
