"""The module to which every file of this folder adds its operations."""

from typing import Final

from scopekeeper.sdk import ApiModule, Words

api: Final = ApiModule(
    "admin",
    title="Administration",
    read="See applications, tokens, consents, people, the audit log and keys",
    write="Manage applications, tokens, consents, people and keys",
    resources={
        "applications": Words(read="See applications", write="Add, change and remove applications"),
        "audit": Words(read="See the audit log"),
        "consents": Words(read="See what people allow applications", write="Withdraw what people allow applications"),
        "credentials": Words(
            read="See which secrets applications have, though not the secrets", write="Rotate and end secrets"
        ),
        "keys": Words(read="See the signing keys, though not what signs", write="Rotate and replace the signing keys"),
        "tokens": Words(read="See which tokens are in use, though not the tokens", write="Revoke tokens"),
        "users": Words(read="See people's accounts", write="Add, change and remove people's accounts"),
    },
)
