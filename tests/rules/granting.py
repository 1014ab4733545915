"""Makers of what a person grants, for the tests of the rules."""

from typing import Final

from scopekeeper.oauth.granted import Code, DeviceCode, Family, RefreshToken
from scopekeeper.oauth.people import User
from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.records import ApplicationType, Client, GrantType
from scopekeeper.oauth.token import TokenRequest
from tests.altered import replace
from tests.rules import makers
from tests.rules.makers import NOW

REDIRECT: Final = "https://app.example/cb"
VERIFIER: Final = "a-verifier-of-forty-three-characters-exactly"[:43]
ALICE: Final = User(7, "alice", "$argon2id$", NOW - 1_000)
SCOPE: Final = ("rest:callforward:read", "rest:callforward:write")

EVERY_GRANT: Final = (
    GrantType.AUTHORIZATION_CODE,
    GrantType.REFRESH_TOKEN,
    GrantType.DEVICE_CODE,
    GrantType.PASSWORD,
)


def web(**more: object) -> Client:
    """An application for which people grant."""
    facts: dict[str, object] = {
        "type": ApplicationType.WEB,
        "scope": ("openid", "offline_access", "rest:callforward"),
        "grant_types": EVERY_GRANT,
    }
    return makers.client(**facts | more)


def code(**more: object) -> Code:
    made = Code(
        id=1,
        digest=b"c" * 32,
        client_id="abc",
        generation=0,
        user_id=7,
        user="alice",
        auth_time=NOW - 50,
        session_id=70,
        redirect_uri=REDIRECT,
        scope=SCOPE,
        issued_at=NOW - 5,
        expires_at=NOW + 55,
        code_challenge=challenge_of(VERIFIER),
    )
    return replace(made, **more)


def device(**more: object) -> DeviceCode:
    made = DeviceCode(
        id=2,
        digest=b"d" * 32,
        user_code="BCDFGHJK",
        client_id="abc",
        generation=0,
        scope=SCOPE,
        issued_at=NOW - 60,
        expires_at=NOW + 540,
        interval=5,
        user_id=7,
        user="alice",
        auth_time=NOW - 50,
        session_id=70,
        approved=True,
    )
    return replace(made, **more)


def family(**more: object) -> Family:
    made = Family(
        id=3,
        client_id="abc",
        generation=0,
        grant_type=GrantType.AUTHORIZATION_CODE,
        user_id=7,
        user="alice",
        auth_time=NOW - 50,
        session_id=70,
        offline=False,
        scope=SCOPE,
        issued_at=NOW - 40,
        expires_at=NOW + 86_400,
    )
    return replace(made, **more)


def refresh(**more: object) -> RefreshToken:
    made = RefreshToken(4, b"r" * 32, 3, NOW - 40, NOW + 3_600)
    return replace(made, **more)


def redeeming(**parameters: str) -> TokenRequest:
    """A request that redeems a code, as sound as can be."""
    told = {"code": "…", "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    return makers.request(GrantType.AUTHORIZATION_CODE, **told | parameters)
