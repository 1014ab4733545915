"""The module to which every file of this folder adds its operations."""

from typing import Final

from scopekeeper.sdk import ApiModule

api: Final = ApiModule(
    "admin",
    title="Administration",
    read="See applications, tokens, consents, people, the audit log and keys",
    write="Manage applications, tokens, consents, people and keys",
)
