"""People who sign in at applications by OpenID Connect: what an application is answered, and what it reads in it."""

from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jwt import Token

from scopekeeper.oauth.applications import Draft
from scopekeeper.oauth.granted import Code
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.services.applications import Credential
from tests.asking import ask, basic, post_form
from tests.building import Built
from tests.persons import a_person

CALLBACK = "https://app.example/callback"
ISSUER = "https://id.example.com"
HOUSE = {"SCOPEKEEPER_ISSUER": ISSUER}


async def a_web_application(house: Built, scope: str = "openid profile email rest", **more: Any) -> Credential:
    """A web application whose codes need no verifier: that is looked at elsewhere."""
    draft = Draft("Phone book", ApplicationType.WEB, scope, redirect_uris=(CALLBACK,), pkce_required=False, **more)
    return await house.house.applications.add(draft, "cli:test")


async def a_code(
    house: Built,
    client: Client,
    person: User,
    scope: str,
    nonce: str | None = None,
    *,
    session_id: int | None = None,
) -> str:
    """A code that this person has just granted, five minutes after signing in."""
    now, row = house.clock.now(), house.house.entropy.row_id()
    secret = secret_of(Kind.AUTHORIZATION_CODE, row, house.house.entropy.entropy())
    code = Code(
        id=row,
        digest=digest_of(secret),
        client_id=client.client_id,
        generation=client.generation,
        user_id=person.id,
        user=person.name,
        auth_time=now - 300,
        session_id=session_id,
        redirect_uri=CALLBACK,
        scope=tuple(scope.split()),
        issued_at=now,
        expires_at=now + 60,
        nonce=nonce,
    )
    await house.house.store.add_code(code, None, None)
    return secret


async def redeemed(house: Built, made: Credential, code: str) -> dict[str, Any]:
    """What the token endpoint answers for it."""
    assert made.client_secret is not None
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = await post_form(
        house.front, "/oauth/token", form, headers=[basic(made.client.client_id, made.client_secret)]
    )
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


async def signed_in(house: Built, scope: str = "openid rest", nonce: str | None = "n-0S6", **more: Any) -> Any:
    """A person, an application, and what it was answered."""
    person, made = await a_person(house, "alice"), await a_web_application(house, scope, **more)
    return person, made.client, await redeemed(house, made, await a_code(house, made.client, person, scope, nonce))


async def read(house: Built, id_token: str, alg: str = "RS256") -> Token:
    """The id_token, verified against our key set, by this algorithm alone."""
    keys = KeySet.import_key_set((await ask(house.front, "GET", "/oauth/jwks")).json())
    return jwt.decode(id_token, keys, algorithms=[alg])
