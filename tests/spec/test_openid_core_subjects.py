"""OpenID Connect Core 1.0 §8 and §5.3.2: pairwise subjects, everywhere where a subject is told; signed userinfo."""

import re
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from scopekeeper.oauth.applications import Draft
from scopekeeper.oauth.claims import subject_of
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, SubjectType, TokenFormat
from scopekeeper.services.applications import Credential
from tests.asking import ask, basic, bearer, post_form
from tests.building import Application, Built, built
from tests.pages.browsing import Browser
from tests.persons import a_person, granted
from tests.spec.connecting import HOUSE, ISSUER, a_code, read, redeemed
from tests.web.applicant import an_applicant, approved, seat, told

PAIRWISE = {"subject_type": SubjectType.PAIRWISE}


async def application(house: Built, host: str = "app.example", scope: str = "openid rest", **more: Any) -> Credential:
    facts = {"scope": scope, "redirect_uris": ("https://app.example/callback".replace("app.example", host),)}
    draft = Draft("Phone book", ApplicationType.WEB, **{**facts, "pkce_required": False, **more})
    return await house.house.applications.add(draft, "cli:test")


async def every_sub(house: Built, person: User, made: Credential) -> dict[str, str]:
    """What the application is told of who the person is: wherever it is told."""
    issue = await granted(house, person, made.client)
    assert made.client_secret
    own = Application(made.client.client_id, made.client_secret)
    found = {
        "id_token": (await read(house, issue.id_token)).claims["sub"],
        "userinfo": (await house.get("/oauth/userinfo", issue.access_token)).json()["sub"],
        "access token": (await house.introspect(issue.access_token, own))["sub"],
        "refresh token": (await house.introspect(issue.refresh_token, own))["sub"],
    }
    if issue.claims is not None:
        found["JWT"] = str(issue.claims["sub"])
    return found


@pytest.mark.parametrize("token_format", list(TokenFormat))
async def test_a_pairwise_subject_is_one_and_the_same_wherever_it_is_told(
    tmp_path: Path, token_format: TokenFormat
) -> None:
    """OpenID Connect Core §8.1, §5.3.2; RFC 9068 §6 and RFC 7662 §2.2: `sub` is that of the client."""
    async with built(tmp_path, HOUSE) as house:
        alice = await a_person(house, "alice")
        made = await application(house, token_format=token_format, **PAIRWISE)
        found = await every_sub(house, alice, made)
        assert len(set(found.values())) == 1, found
        sub = found["id_token"]
        assert re.fullmatch(r"[0-9A-Za-z]{43}", sub)
        same = await application(house, token_format=token_format, **PAIRWISE)
        other = await application(house, "other.example", token_format=token_format, **PAIRWISE)
        public = await application(house, token_format=token_format)
        assert set((await every_sub(house, alice, same)).values()) == {sub}
        assert sub not in (await every_sub(house, alice, other)).values()
        assert set((await every_sub(house, alice, public)).values()) == {subject_of(alice.id)}


async def test_it_outlives_every_rotation_of_keys(tmp_path: Path) -> None:
    """OpenID Connect Core §8: never reassigned, also while keys come and go."""
    async with built(tmp_path, HOUSE) as house:
        alice, made = await a_person(house, "alice"), await application(house, **PAIRWISE)
        before = await every_sub(house, alice, made)
        for alg in ("RS256", "ES256"):
            await house.house.signer.rotate(alg, "cli:test", compromised=True)
        assert await every_sub(house, alice, made) == before


@pytest.mark.parametrize("subject_type", list(SubjectType))
async def test_no_subject_is_given_again_after_its_account_is_removed(
    tmp_path: Path, subject_type: SubjectType
) -> None:
    """OpenID Connect Core §2, §5.7: never reassigned, not even to an heir of the name."""
    async with built(tmp_path, HOUSE) as house:
        made = await application(house, subject_type=subject_type)
        seen: set[str] = set()
        for _ in range(3):
            person = await a_person(house, "alice")
            subs = set((await every_sub(house, person, made)).values())
            assert seen.isdisjoint(subs)
            seen |= subs
            await house.house.accounts.remove("alice", "cli:test")


async def test_a_pairwise_application_is_not_told_the_name_that_others_know(tmp_path: Path) -> None:
    """OpenID Connect Core §8.1, §17.3: what is told without a scope for it must not put people together either."""
    async with built(tmp_path, HOUSE) as house:
        alice, made = await a_person(house, "alice"), await application(house, **PAIRWISE)
        issue = await granted(house, alice, made.client)
        assert made.client_secret
        own = Application(made.client.client_id, made.client_secret)
        for token in (issue.access_token, issue.refresh_token):
            told_of = await house.introspect(token, own)
            assert told_of["active"] is True
            assert "alice" not in str(told_of)
            assert subject_of(alice.id) not in str(told_of)


async def test_a_hint_and_a_sub_are_those_of_the_sector(tmp_path: Path) -> None:
    """OpenID Connect Core §3.1.2.2: id_token_hint and the claim `sub`, compared as this client knows people."""
    async with built(tmp_path) as house:
        alice = await a_person(house, "alice")
        browser, app = Browser(house.front), await an_applicant(house, scope="openid", **PAIRWISE)
        await seat(house, browser, alice)
        code = (await approved(browser, app.url(scope="openid")))["code"]
        id_token = (await app.redeem(code)).json()["id_token"]
        sub = (await read(house, id_token)).claims["sub"]
        quiet = {"scope": "openid", "prompt": "none"}
        claims = '{"id_token": {"sub": {"value": "%s"}}}'
        for asked in ({"id_token_hint": id_token}, {"claims": claims % sub}):
            assert "code" in told(await browser.get(app.url(**quiet, **asked)))
        public = await granted(house, alice, (await application(house)).client)
        for foreign in ({"id_token_hint": public.id_token}, {"claims": claims % subject_of(alice.id)}):
            assert told(await browser.get(app.url(**quiet, **foreign)))["error"] == "login_required"


@pytest.mark.parametrize("alg", ["RS256", "ES256", "Ed25519"])
async def test_userinfo_is_signed_where_the_application_wants_it(tmp_path: Path, alg: str) -> None:
    """OpenID Connect Core §5.3.2: application/jwt; as a signed JWT it has `iss` and `aud`."""
    async with built(tmp_path, HOUSE) as house:
        alice = await a_person(house, "alice")
        made = await application(house, scope="openid profile", userinfo_signed_response_alg=alg)
        issue = await granted(house, alice, made.client)
        for method in ("GET", "POST"):
            answer = await ask(house.front, method, "/oauth/userinfo", headers=[bearer(issue.access_token)])
            assert (answer.status, answer.headers["content-type"]) == (200, "application/jwt")
            assert answer.headers["cache-control"] == "no-store"
            keys = KeySet.import_key_set((await ask(house.front, "GET", "/oauth/jwks")).json())
            token = jwt.decode(answer.body.decode(), keys, algorithms=[alg])
            assert {name: token.claims[name] for name in ("iss", "aud", "sub", "preferred_username")} == {
                "iss": ISSUER,
                "aud": made.client.client_id,
                "sub": subject_of(alice.id),
                "preferred_username": "alice",
            }


async def test_row_33_signed_userinfo_is_no_id_token(tmp_path: Path) -> None:
    """RFC 8725 §3.11: it has the members of one, and another `typ`."""
    async with built(tmp_path, HOUSE) as house:
        alice = await a_person(house, "alice")
        made = await application(house, userinfo_signed_response_alg="RS256")
        issue = await granted(house, alice, made.client)
        signed = (await house.get("/oauth/userinfo", issue.access_token)).body.decode()
        assert await house.house.signer.verified(signed) is None
        assert await house.house.signer.verified(issue.id_token) is not None
        assert await house.house.bearer.find(signed, None) is None


async def test_refusals_of_signed_userinfo_are_plain(tmp_path: Path) -> None:
    """OpenID Connect Core §5.3.3: an error is that of RFC 6750 §3."""
    async with built(tmp_path, HOUSE) as house:
        alice = await a_person(house, "alice")
        made = await application(house, scope="rest", userinfo_signed_response_alg="RS256")
        issue = await granted(house, alice, made.client)
        answer = await house.get("/oauth/userinfo", issue.access_token)
        assert (answer.status, 'error="insufficient_scope"' in answer.headers["www-authenticate"]) == (403, True)


async def test_what_the_metadata_says_of_both_holds(tmp_path: Path) -> None:
    """OpenID Connect Discovery §3: subject_types_supported, userinfo_signing_alg_values_supported."""
    async with built(tmp_path, HOUSE) as house:
        found = (await ask(house.front, "GET", "/.well-known/openid-configuration")).json()
        assert found["subject_types_supported"] == ["public", "pairwise"]
        assert found["userinfo_signing_alg_values_supported"] == ["RS256", "ES256", "Ed25519"]


async def test_a_code_and_a_refresh_tell_the_same_pairwise_subject(tmp_path: Path) -> None:
    """OpenID Connect Core §12.2: the `sub` of a refreshed id_token MUST be that of the first."""
    async with built(tmp_path, HOUSE) as house:
        alice, made = await a_person(house, "alice"), await application(house, **PAIRWISE)
        first = await redeemed(house, made, await a_code(house, made.client, alice, "openid rest"))
        assert made.client_secret
        form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        proof = [basic(made.client.client_id, made.client_secret)]
        later = (await post_form(house.front, "/oauth/token", form, headers=proof)).json()
        subs = {(await read(house, each["id_token"])).claims["sub"] for each in (first, later)}
        assert len(subs) == 1
        assert len(subs.pop()) == 43
