"""RFC 9470, OAuth 2.0 Step Up Authentication Challenge Protocol: over HTTP, with a person at a browser."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from scopekeeper.oauth.authentication import MFA_RUNG
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import ApplicationType, SubjectType, TokenFormat
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.services.ports import Act
from tests.asking import Answer, ask, basic, bearer, post_form
from tests.building import Built, built
from tests.devices import a_television, let_in, poll, wait
from tests.pages.browsing import Browser, Seen
from tests.stepping import CONTENTS, LABEL, MAX_AGE, RUNG, with_a_safe
from tests.web.applicant import LOOPBACK, Applicant, an_applicant, asked, decided, told
from tests.web.proving import code_now, secret_on

PASSWORD = "correct horse battery"
CODES = "/api/rest/safe/codes/1001"
SCOPE = "openid offline_access rest:safe gql:safe"


@dataclass
class Stay:
    """Alice, whose extension is 1001, at her browser; and an application that calls the API in her name."""

    h: Built
    alice: User
    browser: Browser
    app: Applicant

    async def sit(self, *, ago: int = 0, amr: tuple[str, ...] = ("pwd",)) -> None:
        """She signed in so long ago, and in this way."""
        house, now = self.h.house, self.h.clock.now()
        row = house.entropy.row_id()
        cookie = secret_of(Kind.SESSION, row, house.entropy.entropy())
        session = Session(row, digest_of(cookie), self.alice.id, "alice", now - ago, now, amr=amr)
        act = Act(house.entropy.row_id(), now, "user:alice", "session.begin", "alice")
        await house.store.begin_session(session, self.alice, None, act)
        self.browser.cookies["scopekeeper"] = cookie

    async def answered(self, url: str) -> dict[str, str]:
        """What the application is told; whoever is asked to sign in does, and whoever is asked approves."""
        answer = await self.browser.get(url)
        if answer.headers["location"].startswith("/login?"):
            answer = await self.signed_in(answer.headers["location"])
        if answer.headers["location"].startswith("/consent?"):
            answer = await decided(self.browser, await self.browser.get(answer.headers["location"]))
        return told(answer)

    async def signed_in(self, login: str) -> Answer:
        """She signs in at this page; what the page that it leads to answers."""
        done = await self.browser.fill(login, "/login", username="alice", password=PASSWORD)
        assert done.status == 303, done.body
        return await self.browser.get(done.headers["location"])

    async def tokens(self, **more: str) -> dict[str, Any]:
        """What the application gets for such a request."""
        answer = await self.answered(self.app.url(scope=SCOPE, **more))
        found: dict[str, Any] = (await self.app.redeem(answer["code"])).json()
        return found

    async def refreshed(self, tokens: Mapping[str, Any]) -> dict[str, Any]:
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        proof = [basic(self.app.client.client_id, self.app.secret)]
        found: dict[str, Any] = (await post_form(self.h.front, "/oauth/token", form, headers=proof)).json()
        return found

    async def call(self, tokens: Mapping[str, Any], path: str = CONTENTS) -> Answer:
        return await self.h.get(path, tokens["access_token"])

    async def claims(self, token: str) -> dict[str, Any]:
        keys = KeySet.import_key_set((await ask(self.h.front, "GET", "/oauth/jwks")).json())
        return dict(jwt.decode(token, keys, algorithms=["ES256", "RS256"]).claims)

    async def introspected(self, tokens: Mapping[str, Any]) -> dict[str, Any]:
        form, proof = {"token": tokens["access_token"]}, [basic(self.app.client.client_id, self.app.secret)]
        found: dict[str, Any] = (await post_form(self.h.front, "/oauth/introspect", form, headers=proof)).json()
        return found


@asynccontextmanager
async def staying(tmp_path: Path, **facts: Any) -> AsyncIterator[Stay]:
    async with built(tmp_path, modules=with_a_safe()) as h:
        alice = await h.house.accounts.add("alice", password=PASSWORD, email=None, admin=False, actor="cli:test")
        await h.house.run("updateExtension", extension="1001", body={"owner": "alice"})
        app = await an_applicant(h, **{"scope": SCOPE, **facts})
        stay = Stay(h, alice, Browser(h.front), app)
        await stay.sit()
        yield stay


def challenge(answer: Answer) -> dict[str, str]:
    """The parameters of the challenge, as a client parses them (RFC 9110 §11.6.1)."""
    assert answer.status == 401, answer.body
    scheme, _, rest = answer.headers["www-authenticate"].partition(" ")
    assert scheme == "Bearer"
    return dict(re.findall(r'([a-z_]+)="([^"]*)"', rest))


def wanted(answer: Answer) -> dict[str, str]:
    """What such a challenge says to ask for."""
    found = challenge(answer)
    assert found["error"] == "insufficient_user_authentication"
    return {name: value for name, value in found.items() if name in ("acr_values", "max_age")}


async def test_a_sign_in_that_is_too_old_is_challenged(tmp_path: Path) -> None:
    """RFC 9470 §3: insufficient_user_authentication and max_age, by the scheme Bearer."""
    async with staying(tmp_path) as s:
        tokens = await s.tokens()
        assert (await s.call(tokens)).json() == {"extension": "1001", "inside": "gold"}
        s.h.clock.advance(MAX_AGE)
        assert (await s.call(tokens)).status == 200
        s.h.clock.advance(1)
        assert wanted(await s.call(tokens)) == {"max_age": str(MAX_AGE)}
        assert (await s.call(tokens, LABEL)).status == 200


async def test_a_sign_in_that_is_too_weak_is_challenged(tmp_path: Path) -> None:
    """RFC 9470 §3: acr_values; both where both are demanded."""
    async with staying(tmp_path) as s:
        await s.sit(amr=())
        assert wanted(await s.call(await s.tokens(), CODES)) == {"acr_values": RUNG, "max_age": "60"}


async def test_a_challenge_leads_to_a_new_sign_in_and_the_call_passes(tmp_path: Path) -> None:
    """RFC 9470 §2, §4: the client takes max_age from the challenge into an authorization request."""
    async with staying(tmp_path) as s:
        await s.tokens()
        s.h.clock.advance(MAX_AGE + 1)
        old = await s.tokens()
        answer = await s.browser.get(s.app.url(scope=SCOPE, **wanted(await s.call(old))))
        assert answer.headers["location"].startswith("/login?")
        answer = await s.signed_in(answer.headers["location"])
        new = (await s.app.redeem(told(answer)["code"])).json()
        assert (await s.call(new)).status == 200
        assert (await s.call(old)).status == 401
        assert (await s.claims(new["id_token"]))["auth_time"] == s.h.clock.now()


async def test_acr_values_lead_to_a_stronger_sign_in_and_the_call_passes(tmp_path: Path) -> None:
    """RFC 9470 §4, §5: from a session that reaches no rung, to one that does."""
    async with staying(tmp_path) as s:
        await s.sit(amr=())
        asking = wanted(await s.call(await s.tokens(), CODES))
        answer = await s.browser.get(s.app.url(scope=SCOPE, acr_values=asking["acr_values"]))
        answer = await s.signed_in(answer.headers["location"])
        new = (await s.app.redeem(told(answer)["code"])).json()
        assert (await s.call(new, CODES)).status == 200
        assert (await s.introspected(new))["acr"] == RUNG


async def test_who_turns_back_at_the_sign_in_page_has_gained_nothing(tmp_path: Path) -> None:
    """RFC 9470 §5: max_age is met by a sign-in, not by having been sent to one."""
    async with staying(tmp_path) as s:
        await s.tokens()
        s.h.clock.advance(MAX_AGE + 1)
        url = s.app.url(scope=SCOPE, max_age=str(MAX_AGE))
        for _ in range(2):
            answer = await s.browser.get(url)
            assert answer.headers["location"].startswith("/login?")
            shown = await s.browser.get(answer.headers["location"])
            assert (shown.status, shown.headers.get("location")) == (200, None)


async def test_acr_values_that_nobody_can_reach_are_no_error(tmp_path: Path) -> None:
    """RFC 9470 §5, by OpenID Connect Core §5.5.1.1: the acr is that of the session; it is in the token to be read."""
    async with staying(tmp_path) as s:
        tokens = await s.tokens(acr_values="phr phrh")
        assert (await s.claims(tokens["id_token"]))["acr"] == (await s.introspected(tokens))["acr"] == RUNG
        await s.sit(amr=())
        weak = await s.tokens(acr_values="phr phrh")
        assert "acr" not in await s.introspected(weak)


@pytest.mark.parametrize(
    ("acr", "error"), [("phr", "unmet_authentication_requirements"), (RUNG, None)], ids=["unreachable", "reachable"]
)
async def test_an_acr_that_is_essential_is_reached_or_the_request_fails(
    tmp_path: Path, acr: str, error: str | None
) -> None:
    """RFC 9470 §5: unmet_authentication_requirements, lest the client goes round in circles."""
    async with staying(tmp_path) as s:
        await s.sit(amr=())
        claims = json.dumps({"id_token": {"acr": {"essential": True, "values": [acr]}}})
        assert (await s.answered(s.app.url(scope=SCOPE, claims=claims))).get("error") == error
        silent = told(await s.browser.get(s.app.url(scope=SCOPE, claims=claims, prompt="none")))
        assert (silent.get("error"), "code" in silent) == (error, error is None)


async def test_where_nothing_may_be_shown_a_sign_in_that_is_too_old_is_told(tmp_path: Path) -> None:
    """RFC 9470 §4, by OpenID Connect Core §3.1.2.6: login_required."""
    async with staying(tmp_path) as s:
        await s.tokens()
        s.h.clock.advance(MAX_AGE + 1)
        answer = told(await s.browser.get(s.app.url(scope=SCOPE, max_age=str(MAX_AGE), prompt="none")))
        assert answer["error"] == "login_required"


async def test_what_an_application_is_registered_with_stands_in(tmp_path: Path) -> None:
    """RFC 9470 §4, by OpenID Connect Registration §2: default_max_age, where the request has no max_age."""
    async with staying(tmp_path, default_max_age=MAX_AGE) as s:
        assert "code" in told(await decided(s.browser, await asked(s.browser, s.app.url(scope=SCOPE))))
        s.h.clock.advance(MAX_AGE + 1)
        assert (await s.browser.get(s.app.url(scope=SCOPE))).headers["location"].startswith("/login?")
        assert (await s.call(await s.tokens())).status == 200
        s.h.clock.advance(MAX_AGE + 1)
        assert "code" in told(await s.browser.get(s.app.url(scope=SCOPE, max_age="9999")))


@pytest.mark.parametrize("subject_type", list(SubjectType))
async def test_a_jwt_says_when_and_how_its_person_signed_in(tmp_path: Path, subject_type: SubjectType) -> None:
    """RFC 9470 §6.1, RFC 9068 §2.2.1: auth_time, acr, amr; the same in all tokens of one authorization response."""
    async with staying(tmp_path, token_format=TokenFormat.JWT, subject_type=subject_type) as s:
        began = s.h.clock.now()
        tokens = await s.tokens()
        s.h.clock.advance(100)
        for each in (tokens, await s.refreshed(tokens)):
            claims = await s.claims(each["access_token"])
            assert (claims["auth_time"], claims["acr"], claims["amr"]) == (began, RUNG, ["pwd"])
            assert claims["sub"] == s.h.house.issuing.subjects.of(s.app.client, s.alice.id)
        await s.sit(amr=("otp",))
        weak = await s.claims((await s.tokens())["access_token"])
        assert (weak["amr"], "acr" in weak) == (["otp"], False)


async def test_introspection_says_when_and_how_the_person_signed_in(tmp_path: Path) -> None:
    """RFC 9470 §6.2: acr and auth_time, top-level members; nothing of it for a token in nobody's name."""
    async with staying(tmp_path) as s:
        began = s.h.clock.now()
        tokens = await s.tokens()
        s.h.clock.advance(100)
        for each in (tokens, await s.refreshed(tokens)):
            said = await s.introspected(each)
            assert (said["auth_time"], said["acr"], said["amr"]) == (began, RUNG, ["pwd"])
        own = await s.h.register("rest")
        said = await s.h.introspect(await s.h.token(own), own)
        assert {"auth_time", "acr", "amr"}.isdisjoint(said)


async def test_the_rungs_that_there_are_are_published(tmp_path: Path) -> None:
    """RFC 9470 §7: acr_values_supported, at both places."""
    async with staying(tmp_path) as s:
        for place in ("oauth-authorization-server", "openid-configuration"):
            published = (await ask(s.h.front, "GET", f"/.well-known/{place}")).json()
            assert published["acr_values_supported"] == [RUNG, MFA_RUNG]


async def test_graphql_is_challenged_like_rest(tmp_path: Path) -> None:
    """RFC 9470 §3: the same header; and for who reads none, the same in `extensions`."""
    async with staying(tmp_path) as s:
        tokens = await s.tokens()
        s.h.clock.advance(MAX_AGE + 1)
        query = '{ contents(extension: "1001") { inside } code(extension: "1001") { inside } }'
        headers = [bearer(tokens["access_token"]), ("content-type", "application/json")]
        answer = await ask(
            s.h.front, "POST", "/api/graphql", headers=headers, body=json.dumps({"query": query}).encode()
        )
        assert wanted(answer) == {"acr_values": RUNG, "max_age": "60"}
        [error] = answer.json()["errors"]
        code = {"code": "INSUFFICIENT_USER_AUTHENTICATION"}
        assert error["extensions"] == {**code, "acr_values": RUNG, "max_age": 60}


async def test_a_refreshed_token_is_of_the_old_sign_in(tmp_path: Path) -> None:
    """RFC 9470 §3: the authentication event that is associated with the token; a refresh is none."""
    async with staying(tmp_path) as s:
        tokens = await s.tokens()
        s.h.clock.advance(MAX_AGE + 1)
        assert wanted(await s.call(await s.refreshed(tokens))) == {"max_age": str(MAX_AGE)}


async def test_a_token_of_the_implicit_grant_is_of_the_session_in_which_it_was_asked_for(tmp_path: Path) -> None:
    """RFC 9470 §3, with RFC 6749 §4.2."""
    async with staying(tmp_path, type=ApplicationType.SPA, grants=("implicit",)) as s:
        await s.sit(ago=MAX_AGE - 1)
        tokens = await s.answered(s.app.url(response_type="token", scope="rest:safe"))
        assert (await s.call(tokens)).status == 200
        s.h.clock.advance(2)
        assert wanted(await s.call(tokens)) == {"max_age": str(MAX_AGE)}


async def test_a_token_by_password_is_of_that_very_moment(tmp_path: Path) -> None:
    """RFC 9470 §3, with RFC 6749 §4.3: there the password was typed."""
    async with staying(tmp_path, type=ApplicationType.NATIVE, redirect_uris=(LOOPBACK,), grants=("password",)) as s:
        form = {"grant_type": "password", "username": "alice", "password": PASSWORD, "scope": "rest:safe"}
        proof = [basic(s.app.client.client_id, s.app.secret)]
        tokens = (await post_form(s.h.front, "/oauth/token", form, headers=proof)).json()
        assert (await s.call(tokens, CODES)).status == 200
        s.h.clock.advance(MAX_AGE + 1)
        assert wanted(await s.call(tokens)) == {"max_age": str(MAX_AGE)}


async def test_a_devices_token_is_of_the_session_in_which_it_was_let_in(tmp_path: Path) -> None:
    """RFC 9470 §3, with RFC 8628 §3.3: not of the moment in which it was let in."""
    async with staying(tmp_path) as s:
        await s.sit(ago=MAX_AGE - 1)
        television = await a_television(s.h, "rest:safe")
        waiting = await wait(s.h, television)
        await let_in(s.browser, waiting["user_code"])
        tokens = (await poll(s.h, television, waiting["device_code"])).json()
        assert (await s.call(tokens)).status == 200
        s.h.clock.advance(2)
        assert wanted(await s.call(tokens)) == {"max_age": str(MAX_AGE)}


async def test_what_an_application_does_for_itself_demands_nobodys_sign_in(tmp_path: Path) -> None:
    """RFC 9470 §3: there is no authentication event of a person that could be too old."""
    async with staying(tmp_path) as s:
        token = await s.h.token(await s.h.register("rest:safe"))
        s.h.clock.advance(MAX_AGE + 1)
        assert (await s.h.get(CODES, token)).status == 200


async def test_a_token_that_was_revoked_with_its_grant_is_invalid_not_old(tmp_path: Path) -> None:
    """RFC 9470 §3, RFC 6750 §3.1: signing in again would not bring it back."""
    async with staying(tmp_path) as s:
        tokens = await s.tokens()
        [family] = await s.h.house.store.families(s.alice.id, s.h.clock.now())
        await s.h.house.store.revoke_family(family.id, s.h.clock.now(), None)
        s.h.clock.advance(MAX_AGE + 1)
        assert challenge(await s.call(tokens))["error"] == "invalid_token"


async def test_a_scope_that_is_missing_is_told_before_the_sign_in(tmp_path: Path) -> None:
    """RFC 9470 §3: scope MAY be told besides; here RFC 6750 §3.1 comes first, for signing in brings no scope."""
    async with staying(tmp_path) as s:
        await s.sit(ago=MAX_AGE + 1)
        tokens = await s.answered(s.app.url(scope="rest:safe:write"))
        answer = await s.call((await s.app.redeem(tokens["code"])).json())
        assert (answer.status, "insufficient_scope" in answer.headers["www-authenticate"]) == (403, True)


async def test_a_later_sign_in_makes_no_earlier_token_newer(tmp_path: Path) -> None:
    """RFC 9470 §6: what a token says of the sign-in stays, though the person signs in again in the same stay."""
    async with staying(tmp_path) as s:
        tokens = await s.tokens()
        began = s.h.clock.now()
        s.h.clock.advance(MAX_AGE + 1)
        await s.tokens(max_age="1")
        assert (await s.introspected(tokens))["auth_time"] == began


TWO = json.dumps({"id_token": {"acr": {"essential": True, "value": MFA_RUNG}}})


async def set_up_on_the_way(s: Stay, url: str) -> dict[str, str]:
    """What the application is told, once she has signed in by her password and set up one-time codes."""
    answer = await s.browser.get(url)
    login = answer.headers["location"]
    assert login.startswith("/login?"), answer
    done = await s.browser.fill(login, "/login", username="alice", password=PASSWORD)
    second = done.headers["location"]
    assert second.startswith("/login/second?"), done
    page = await s.browser.get(second)
    filled = Seen(page.body).form("/login/second") | {"code": code_now(s.h, secret_on(page))}
    shown = await s.browser.post("/login/second", filled)
    assert shown.status == 303, shown.body
    return await s.answered(url)


@pytest.mark.parametrize("by", ["the request", "the application"])
async def test_who_has_no_second_factor_sets_one_up_on_the_way_to_what_takes_one(tmp_path: Path, by: str) -> None:
    """RFC 9470 §5; OpenID Connect Core §5.5.1.1. From then on the token tells of it (RFC 9068 §2.2.1)."""
    facts, more = ({"required_acr": MFA_RUNG}, {}) if by == "the application" else ({}, {"claims": TWO})
    async with staying(tmp_path, **facts) as s:
        url = s.app.url(scope=SCOPE, **more)
        answer = await set_up_on_the_way(s, url)
        tokens = (await s.app.redeem(answer["code"])).json()
        said = await s.introspected(tokens)
        assert (said["acr"], said["amr"]) == (MFA_RUNG, ["pwd", "otp", "mfa"])
        assert (await s.claims(tokens["id_token"]))["acr"] == MFA_RUNG
        assert "code" in await s.answered(url), "and is not asked again, for she is signed in by it"


async def test_a_session_that_falls_short_of_what_the_application_takes_opens_nothing_there(tmp_path: Path) -> None:
    """RFC 9470 §5; with prompt=none OpenID Connect Core §3.1.2.6."""
    async with staying(tmp_path, required_acr=MFA_RUNG) as s:
        assert told(await s.browser.get(s.app.url(scope=SCOPE, prompt="none")))["error"] == "login_required"
        weak = await s.browser.get(s.app.url(scope=SCOPE, acr_values=RUNG))
        assert weak.headers["location"].startswith("/login?")


async def test_a_wish_for_a_second_factor_that_she_has_not_sends_her_nowhere(tmp_path: Path) -> None:
    """RFC 9470 §4 lets acr_values be voluntary, as OpenID Connect Core §3.1.2.1 says: nobody goes in a circle."""
    async with staying(tmp_path) as s:
        wish = await s.browser.get(s.app.url(scope=SCOPE, acr_values=MFA_RUNG))
        assert wish.headers["location"].startswith("/consent?")
        tokens = await s.tokens(acr_values=MFA_RUNG)
        assert (await s.claims(tokens["id_token"]))["acr"] == RUNG
