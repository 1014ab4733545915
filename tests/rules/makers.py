"""Makers of records for the tests of the rules: everything has a sound default."""

from dataclasses import replace

from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, Secret, Token
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.oauth.token import Lifetimes, Mint, TokenRequest

NOW = 1_800_000_000
ISSUER = "https://id.example.com"
KNOWN = frozenset(
    {"rest", "rest:callforward", "rest:callforward:read", "rest:callforward:write", "gql", "openid", "email"}
)
SECRET = secret_of(Kind.CLIENT_SECRET, 7, "s" * 32)


def secret(**more: object) -> Secret:
    made = Secret(7, "abc", digest_of(SECRET), SECRET[-4:], "first", NOW - 100, "cli:test")
    return replace(made, **more)  # type: ignore[arg-type]


def client(**more: object) -> Client:
    made = Client(
        client_id="abc",
        type=ApplicationType.M2M,
        name="Night shift",
        scope=("rest:callforward:read", "rest:callforward:write"),
        grant_types=(GrantType.CLIENT_CREDENTIALS,),
        created_at=NOW - 100,
        secrets=(secret(),),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def token(**more: object) -> Token:
    made = Token(9, b"d" * 32, "abc", ("rest:callforward:read",), NOW - 10, NOW + 3_590, 0)
    return replace(made, **more)  # type: ignore[arg-type]


def request(grant_type: str = "client_credentials", **parameters: str) -> TokenRequest:
    return TokenRequest(grant_type, Credentials("client_secret_basic", "abc", SECRET), parameters, "127.0.0.1")


def mint() -> Mint:
    return Mint(NOW, 42, "e" * 32, ISSUER, Lifetimes(3_600), KNOWN.__contains__)
