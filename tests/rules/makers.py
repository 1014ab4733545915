"""Makers of records for the tests of the rules: everything has a sound default."""

from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, Secret, Token
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.oauth.token import Lifetimes, Mint, Seed, TokenRequest
from scopekeeper.scopes import IDENTITY
from tests.altered import replace

NOW = 1_800_000_000
ISSUER = "https://id.example.com"
KNOWN = frozenset({"rest", "rest:callforward", "rest:callforward:read", "rest:callforward:write", "gql", *IDENTITY})
SUBJECTS = Subjects(bytes(32))
SECRET = secret_of(Kind.CLIENT_SECRET, 7, "s" * 32)


def secret(**more: object) -> Secret:
    made = Secret(7, "abc", digest_of(SECRET), SECRET[-4:], "first", NOW - 100, "cli:test")
    return replace(made, **more)


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
    return replace(made, **more)


def token(**more: object) -> Token:
    made = Token(9, b"d" * 32, "abc", ("rest:callforward:read",), NOW - 10, NOW + 3_590, 0)
    return replace(made, **more)


def request(grant_type: str = "client_credentials", **parameters: str) -> TokenRequest:
    return TokenRequest(grant_type, Credentials("client_secret_basic", "abc", SECRET), parameters, "127.0.0.1")


def mint(now: int = NOW, row_id: int = 42, **lifetimes: int) -> Mint:
    """A mint for whatever may be granted."""
    given = Lifetimes(3_600, **lifetimes)
    seed = Seed(row_id + 1, "f" * 32)
    return Mint(now, row_id, "e" * 32, ISSUER, given, KNOWN.__contains__, SUBJECTS, seed, family=row_id - 1)
