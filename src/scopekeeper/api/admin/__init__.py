"""Administration as an API module: applications, credentials, tokens, consents, users, the audit log and the keys.

Its operations call the services that the console and the command line call. All are for callers that act for the whole
system: a person's token reaches them only while that person is an administrator. Nobody gives through them more than
they hold (`oauth/giving.py`), and what is to be written next to what somebody saw is judged again where that changed.
"""

from scopekeeper.api.admin import (
    activity,
    applications,
    audit,
    compromise,
    consents,
    credentials,
    factors,
    keys,
    lint,
    refresh_tokens,
    tokens,
    users,
)
from scopekeeper.api.admin.module import api

__all__ = [
    "activity",
    "api",
    "applications",
    "audit",
    "compromise",
    "consents",
    "credentials",
    "factors",
    "keys",
    "lint",
    "refresh_tokens",
    "tokens",
    "users",
]
