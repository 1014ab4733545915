"""The grants that the token endpoint knows, one file for each. Discovery lists what stands in this table.

Each file says what is asked before anything is looked up, and how it is decided once it is; what is looked up between
the two differs, and is done by the file of the same name in `services/grants`.
"""

from collections.abc import Callable
from typing import Final

from scopekeeper.oauth.grants import authorization_code, client_credentials, device_code, password, refresh_token
from scopekeeper.oauth.records import GrantType
from scopekeeper.oauth.token import Issue

GRANTS: Final[dict[GrantType, Callable[..., Issue]]] = {
    GrantType.AUTHORIZATION_CODE: authorization_code.decide,
    GrantType.CLIENT_CREDENTIALS: client_credentials.decide,
    GrantType.DEVICE_CODE: device_code.decide,
    GrantType.PASSWORD: password.decide,
    GrantType.REFRESH_TOKEN: refresh_token.decide,
}
