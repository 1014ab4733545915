"""The device authorization endpoint (RFC 8628 §3.1, §3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.types import Scope

from scopekeeper.oauth.device import shown
from scopekeeper.services.device import DeviceAuthorization
from scopekeeper.web.credentials import credentials_of
from scopekeeper.web.protocol import NO_STORE
from scopekeeper.wire import Reply, address_of, json_reply

VERIFICATION_PATH: Final = "/device"


@dataclass(frozen=True, slots=True)
class DeviceAuthorizationEndpoint:
    """Tells a device its codes, and where a person is to enter the short one (RFC 8628 §3.2)."""

    authorize: DeviceAuthorization
    issuer: str

    async def __call__(self, scope: Scope, form: Mapping[str, str]) -> Reply:
        begun = await self.authorize(form.get("scope"), credentials_of(scope, form), address_of(scope))
        device, user_code = begun.device, shown(begun.device.user_code)
        verification_uri = self.issuer + VERIFICATION_PATH
        return json_reply(
            {
                "device_code": begun.device_code,
                "user_code": user_code,
                "verification_uri": verification_uri,
                "verification_uri_complete": f"{verification_uri}?{urlencode({'user_code': user_code})}",
                "expires_in": device.expires_at - device.issued_at,
                "interval": device.interval,
            },
            headers=NO_STORE,
        )
