"""RFC 8725, JSON Web Token Best Current Practices: what strangers send in place of what was issued here."""

import json
import string
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from scopekeeper.oauth.keys import KeyState
from scopekeeper.oauth.logout.token import LOGOUT_TOKEN_TYPE, logout_claims
from scopekeeper.oauth.records import TokenFormat
from tests.asking import Answer, ask, basic, bearer, post_form
from tests.building import Built, built
from tests.pages.browsing import Browser
from tests.persons import a_person, a_session, granted
from tests.spec.forging import FORGERIES, KINDS, Issued
from tests.web.applicant import Applicant, an_applicant, told

ALGS: Final = ("ES256", "RS256", "Ed25519")
QUERY: Final = b'{"query": "{ callForward(extension: \\"1001\\") { busy } }"}'


@dataclass(frozen=True, slots=True)
class Target:
    """An application, a person who is signed in, and what was issued to the one for the other."""

    house: Built
    browser: Browser
    applicant: Applicant
    id_token: str
    access_token: str

    async def issued(self, token: str, alg: str, state: KeyState = KeyState.ACTIVE) -> Issued:
        """With the key of this algorithm: the one that signs, unless another is asked for."""
        signer = self.house.house.signer
        [key] = [each for each in await signer.keys() if (each.alg, each.state) == (alg, state)]
        public, pem = json.loads(key.public), signer._vault.unwrap(key.kid, key.wrapped)
        return Issued(token, public, KINDS[public["kty"]].import_key(pem))

    async def stays(self) -> bool:
        """Is the person still signed in?"""
        return (await self.browser.get("/account")).status == 200


@asynccontextmanager
async def a_target(folder: Path, alg: str = "ES256") -> AsyncIterator[Target]:
    """All of whose tokens are JWTs. Access tokens are signed by ES256 where those who read them do not know `alg`."""
    facts: dict[str, Any] = {"id_token_signed_response_alg": alg, "signing_alg": access_alg(alg)}
    async with built(folder) as house:
        scope = "openid rest gql"
        applicant = await an_applicant(house, scope=scope, token_format=TokenFormat.JWT, **facts)
        person, browser = await a_person(house, "alice"), Browser(house.front)
        session, browser.cookies["scopekeeper"] = await a_session(house, person)
        issue = await granted(house, person, applicant.client, session_id=session.id, remembered=True)
        assert issue.id_token is not None
        yield Target(house, browser, applicant, issue.id_token, issue.access_token)


def access_alg(alg: str) -> str:
    return "ES256" if alg == "Ed25519" else alg


Place = Callable[[Target, str], Awaitable[bool]]
"""Is this token taken here? Where it is not, the place says so as it should."""


async def at_authorize(target: Target, token: str) -> bool:
    """As id_token_hint, at the authorization endpoint (OpenID Connect Core §3.1.2.2)."""
    answer = await target.browser.get(target.applicant.url(scope="openid", prompt="none", id_token_hint=token))
    if answer.status == 400:
        assert "location" not in answer.headers
        return False
    heard = told(answer)
    assert "code" in heard or heard["error"] == "invalid_request"
    return "code" in heard


async def at_logout(target: Target, token: str) -> bool:
    """As id_token_hint, at the end_session_endpoint (OpenID Connect RP-Initiated Logout §2)."""
    answer = await target.browser.post("/oauth/logout", {"id_token_hint": token})
    if answer.status == 303:
        answer = await target.browser.get(answer.headers["location"])
    if answer.status == 400:
        assert "location" not in answer.headers
        assert await target.stays()
        return False
    assert answer.status == 200
    return not await target.stays()


async def at_rest(target: Target, token: str) -> bool:
    return _let_in(await ask(target.house.front, "GET", "/api/rest/extensions/", headers=[bearer(token)]))


async def at_graphql(target: Target, token: str) -> bool:
    headers = [bearer(token), ("content-type", "application/json")]
    return _let_in(await ask(target.house.front, "POST", "/api/graphql", headers=headers, body=QUERY))


async def at_userinfo(target: Target, token: str) -> bool:
    by_form = _let_in(await post_form(target.house.front, "/oauth/userinfo", {"access_token": token}))
    assert by_form is _let_in(await ask(target.house.front, "GET", "/oauth/userinfo", headers=[bearer(token)]))
    return by_form


async def at_introspection(target: Target, token: str) -> bool:
    """RFC 7662 §2.2: of what is none, nothing is said but that it is not active."""
    proof = [basic(target.applicant.client.client_id, target.applicant.secret)]
    answer = await post_form(target.house.front, "/oauth/introspect", {"token": token}, headers=proof)
    assert answer.status == 200, answer
    assert answer.json()["active"] or answer.json() == {"active": False}
    return bool(answer.json()["active"])


def _let_in(answer: Answer) -> bool:
    if answer.status == 200:
        return True
    assert answer.status in (400, 401), answer
    error = "invalid_token" if answer.status == 401 else "invalid_request"
    assert f'error="{error}"' in answer.headers["www-authenticate"]
    return False


HINTED: Final[Mapping[str, Place]] = {"authorize": at_authorize, "logout": at_logout}
BORNE: Final[Mapping[str, Place]] = {
    "rest": at_rest,
    "graphql": at_graphql,
    "userinfo": at_userinfo,
    "introspection": at_introspection,
}

every_alg = pytest.mark.parametrize("alg", ALGS)
every_forgery = pytest.mark.parametrize("forgery", FORGERIES)


@every_alg
async def test_row_33_what_was_issued_here_is_taken_for_what_it_is(tmp_path: Path, alg: str) -> None:
    """RFC 8725 §3.1: the places at which all others of these tests are refused take what is genuine."""
    async with a_target(tmp_path, alg) as target:
        for name, place in BORNE.items():
            assert await place(target, target.access_token), name
        for name, place in HINTED.items():
            assert await place(target, target.id_token), name


@every_forgery
@every_alg
async def test_row_33_36_no_forgery_is_a_hint(tmp_path: Path, alg: str, forgery: str) -> None:
    """RFC 8725 §2.1, §2.4, §3.1, §3.2, §3.6, §3.10, §3.11: at none of the places that take an id_token_hint."""
    async with a_target(tmp_path, alg) as target:
        for what, forged in FORGERIES[forgery](await target.issued(target.id_token, alg)):
            for name, place in HINTED.items():
                assert not await place(target, forged), f"{name}: {what}"
        assert await at_logout(target, target.id_token)


@every_forgery
async def test_row_33_36_no_forgery_is_an_access_token(tmp_path: Path, forgery: str) -> None:
    """RFC 8725 §2.1, §2.4, §3.1, §3.2, §3.6, §3.10, §3.11: at none of the places that take one, nor to revoke it."""
    async with a_target(tmp_path) as target:
        proof = [basic(target.applicant.client.client_id, target.applicant.secret)]
        for what, forged in FORGERIES[forgery](await target.issued(target.access_token, "ES256")):
            for name, place in BORNE.items():
                assert not await place(target, forged), f"{name}: {what}"
            gone = await post_form(target.house.front, "/oauth/revoke", {"token": forged}, headers=proof)
            assert gone.status == 200, what
        assert await at_rest(target, target.access_token), "it was not the one that was revoked"


@every_alg
async def test_row_33_nothing_that_is_signed_here_is_taken_for_another(tmp_path: Path, alg: str) -> None:
    """RFC 8725 §3.11, §3.12: id_tokens, access tokens, signed userinfo and logout tokens, in every direction."""
    async with a_target(tmp_path, alg) as target:
        house, client = target.house.house, target.applicant.client
        claims = json.loads((await target.issued(target.id_token, alg)).payload)
        person, now = await house.accounts.get("alice"), target.house.clock.now()
        farewell = logout_claims(
            client, person.id, 1, house.issuing.subjects, issuer=claims["iss"], now=now, jti="00000000001"
        )
        signed = house.signer.sign
        none_of_both = {
            "userinfo": await signed(claims, alg, "userinfo+jwt"),
            "logout token": await signed({**farewell, "sid": claims.get("sid")}, alg, LOGOUT_TOKEN_TYPE),
        }
        for what, token in {**none_of_both, "access token": target.access_token}.items():
            for name, place in HINTED.items():
                assert not await place(target, token), f"{name}: {what}"
        for what, token in {**none_of_both, "id_token": target.id_token}.items():
            for name, place in BORNE.items():
                assert not await place(target, token), f"{name}: {what}"


@every_alg
async def test_row_33_no_key_of_ours_vouches_for_another(tmp_path: Path, alg: str) -> None:
    """RFC 8725 §3.1, §3.10: the key that waits, and the one that has left, sign nothing under the name of the other."""
    async with a_target(tmp_path, alg) as target:
        signer = target.house.house.signer
        here, later = (
            await target.issued(target.id_token, alg),
            await target.issued(target.id_token, alg, KeyState.NEXT),
        )
        for name, place in HINTED.items():
            assert not await place(target, later.signed()), f"{name}: the next key, under the kid of the other"
            assert not await place(target, here.signed(kid=later.public["kid"])), f"{name}: the reverse"
        await signer.rotate(alg, "cli:test", compromised=True)
        for name, place in HINTED.items():
            assert not await place(target, target.id_token), f"{name}: by a key that leaked"


@every_alg
async def test_row_33_a_key_that_has_left_the_key_set_vouches_for_nothing(tmp_path: Path, alg: str) -> None:
    """RFC 8725 §3.10: however long an id_token may be shown, no longer than its key can be looked up."""
    async with a_target(tmp_path, alg) as target:
        signer = target.house.house.signer
        await signer.rotate(alg, "cli:test")
        assert await at_authorize(target, target.id_token), "it is still in the key set"
        [old] = [key for key in await signer.keys() if (key.alg, key.state) == (alg, KeyState.RETIRING)]
        assert old.retires_at is not None
        target.house.clock.advance(old.retires_at - target.house.clock.now())
        assert not await at_authorize(target, target.id_token)


async def test_row_33_another_issuers_id_token_is_no_hint(tmp_path: Path) -> None:
    """RFC 8725 §3.8: not even one that the same keys signed, as of a server that was moved to another name."""
    async with a_target(tmp_path) as target:
        claims = json.loads((await target.issued(target.id_token, "ES256")).payload)
        for issuer in ("https://old.example.com", claims["iss"] + "/", claims["iss"].upper(), ""):
            moved = await target.house.house.signer.sign({**claims, "iss": issuer}, "ES256", "JWT")
            for name, place in HINTED.items():
                assert not await place(target, moved), f"{name}: {issuer}"


@pytest.mark.parametrize("place", HINTED)
async def test_row_33_a_signature_is_spelled_in_one_way(tmp_path: Path, place: str) -> None:
    """RFC 8725 §3.1; RFC 7515 §2: base64url without padding, and no bit in it that stands for nothing."""
    async with a_target(tmp_path) as target:
        text, _, encoded = target.id_token.rpartition(".")
        letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
        last = letters[letters.index(encoded[-1]) ^ 1]  # 64 bytes leave four bits of it over
        for spelled in (f"{encoded}=", f"{encoded}==", f"{encoded[:-1]}{last}"):
            assert not await HINTED[place](target, f"{text}.{spelled}"), spelled
        assert await HINTED[place](target, target.id_token)
