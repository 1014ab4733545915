"""The grants, one file for each grant_type. Discovery lists what stands in this table."""

from typing import Final

from scopekeeper.oauth.grants import client_credentials
from scopekeeper.oauth.records import GrantType
from scopekeeper.oauth.token import Grant

GRANTS: Final[dict[str, Grant]] = {
    GrantType.CLIENT_CREDENTIALS: client_credentials.decide,
}
