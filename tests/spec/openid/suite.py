"""A client that goes about as the conformance suite of the OpenID Foundation does: confidential, and without PKCE.

It is registered by hand, finds whatever it needs by discovery, and believes nothing that it has not verified. The
person at the browser signs in wherever a form asks for it, and approves.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet

from scopekeeper.oauth.applications import Draft
from scopekeeper.oauth.records import ApplicationType
from tests.asking import Answer, ask, basic, bearer, post_form
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen
from tests.spec.openid.claims import sound_id_token, sound_userinfo
from tests.spec.openid.metadata import DISCOVERY

ISSUER: Final = "https://id.example.com"
CALLBACK: Final = "https://suite.example/test/a/scopekeeper/callback"
SCOPE: Final = "openid profile email address phone offline_access"
PASSWORD: Final = "correct horse battery staple"
PRINTABLE: Final = "".join(map(chr, range(0x20, 0x7F)))
"""Whatever may stand in a state (RFC 6749 appendix A.5)."""

Parameters = dict[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan of the suite: how its client wants to be answered. None: it does not say."""

    name: str
    response_mode: str | None = None


BASIC: Final = Plan("basic")
FORM_POST: Final = Plan("form_post", "form_post")


@dataclass(slots=True)
class Person:
    """Somebody at a browser, who fills in whatever form they are shown."""

    browser: Browser
    name: str = "alice"
    shown: list[str] = field(default_factory=list)
    """The forms that they filled in, by their paths."""

    async def walk(self, answer: Answer) -> Answer:
        """What there is at the end of the way through our pages, which begins with this answer."""
        while answer.status == 303 and answer.headers["location"].startswith("/"):
            path = answer.headers["location"].partition("?")[0]
            answer = await self.browser.get(answer.headers["location"])
            answers = self._answers(path)
            if answer.status == 200 and answers:
                self.shown.append(path)
                answer = await self.browser.post(path, Seen(answer.body).form(path) | answers)
        return answer

    def _answers(self, path: str) -> Parameters:
        match path:
            case "/login":
                return {"username": self.name, "password": PASSWORD}
            case "/consent":
                return {"decision": "approve"}
        return {}


@dataclass(frozen=True, slots=True)
class Flow:
    """What came of one authorization: what was asked for, what was answered, and what the id_token says."""

    request: Parameters
    code: str
    tokens: dict[str, Any]
    claims: dict[str, Any]


@dataclass(slots=True)
class Suite:
    """The client, and the person at the browser."""

    house: Built
    plan: Plan
    metadata: dict[str, Any]
    client_id: str
    secret: str
    auth: str
    person: Person
    _numbers: "count[int]" = field(default_factory=count)

    def request(self, *without: str, **more: str) -> Parameters:
        """An authorization request, with a state and a nonce of its own."""
        number = next(self._numbers)
        parameters = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": f"{PRINTABLE}{number}",
            "nonce": f"nonce-{number}",
            "response_type": "code",
            **({"response_mode": self.plan.response_mode} if self.plan.response_mode else {}),
        }
        return {name: value for name, value in parameters.items() if name not in without} | more

    async def send(self, request: Parameters, method: str = "GET") -> Answer:
        """The person is sent to the authorization endpoint: what there is at the end of their way."""
        self.person.shown.clear()
        return await self.person.walk(await self.arrival(self.person.browser, request, method))

    async def arrival(self, browser: Browser, request: Parameters, method: str = "GET") -> Answer:
        """Where the authorization endpoint sends this browser first."""
        path = self.path("authorization_endpoint")
        if method == "POST":
            return await browser.post(path, urlencode(request))
        return await browser.get(f"{path}?{urlencode(request)}")

    def heard(self, answer: Answer, request: Parameters) -> Parameters:
        """What the redirect_uri is told, by query or by a form that posts itself (Form Post Response Mode §2)."""
        if self.plan.response_mode == "form_post":
            assert answer.status == 200, answer
            page = Seen(answer.body)
            [form] = [each for each in page.all("form") if each["action"] == CALLBACK]
            assert form["method"] == "post"
            assert form.get("enctype", "application/x-www-form-urlencoded") == "application/x-www-form-urlencoded"
            found = page.form(CALLBACK)
        else:
            assert answer.status == 303, answer
            parts = urlsplit(answer.headers["location"])
            assert parts._replace(query="").geturl() == CALLBACK, "nothing but the query is added, and no fragment"
            pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
            found = dict(pairs)
            assert len(found) == len(pairs), "nothing is said twice"
        assert found.get("state") == request.get("state")
        assert found["iss"] == self.metadata["issuer"]
        return found

    async def refused(self, request: Parameters) -> str:
        """The error that the redirect_uri is told, in a form that RFC 6749 §4.1.2.1 allows."""
        found = self.heard(await self.send(request), request)
        assert found.keys() <= {"error", "error_description", "error_uri", "state", "iss"}
        allowed = set(PRINTABLE) - {'"', "\\"}
        assert set(found["error"]) | set(found["error_description"]) <= allowed
        return found["error"]

    async def code(self, request: Parameters, method: str = "GET") -> str:
        found = self.heard(await self.send(request, method), request)
        assert found.keys() == {"code", "state", "iss"}, found
        return found["code"]

    async def ask_token(self, **form: str) -> Answer:
        """The token endpoint's answer, to a client that proves itself as this one does (RFC 6749 §2.3.1)."""
        proof = []
        if self.auth == "client_secret_basic":
            proof = [basic(quote_plus(self.client_id), quote_plus(self.secret))]
        else:
            form |= {"client_id": self.client_id, "client_secret": self.secret}
        return await post_form(self.house.front, self.path("token_endpoint"), form, headers=proof)

    async def tokens(self, **form: str) -> dict[str, Any]:
        """What a grant is worth (RFC 6749 §5.1)."""
        answer = await self.ask_token(**form)
        assert answer.status == 200, answer
        assert answer.headers["content-type"] == "application/json"
        assert "no-store" in answer.headers["cache-control"]
        found: dict[str, Any] = answer.json()
        assert found["token_type"].lower() == "bearer"
        assert isinstance(found["expires_in"], int)
        assert found["expires_in"] > 0
        return found

    async def redeemed(self, code: str, **more: str) -> dict[str, Any]:
        return await self.tokens(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **more)

    async def flow(self, request: Parameters | None = None, method: str = "GET", **more: str) -> Flow:
        """A whole authorization, which succeeds; `more` is sent with the code. Userinfo is asked with its token."""
        request = request or self.request()
        code = await self.code(request, method)
        tokens = await self.redeemed(code, **more)
        claims = await self.id_token(tokens, request.get("nonce"))
        await self.userinfo(tokens)
        return Flow(request, code, tokens, claims)

    async def id_token(self, tokens: dict[str, Any], nonce: str | None) -> dict[str, Any]:
        """Its claims, once the signature and each of them stood the test (OpenID Connect Core §3.1.3.7)."""
        header, claims = await self.verified(tokens["id_token"])
        assert header["alg"] == "RS256", "what an application has that chose nothing (§2 of Registration)"
        sound_id_token(
            claims,
            issuer=self.metadata["issuer"],
            client_id=self.client_id,
            nonce=nonce,
            access_token=tokens["access_token"],
            now=self.house.clock.now(),
        )
        return claims

    async def verified(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of what one of the published keys signed, the one that the header names."""
        answer = await ask(self.house.front, "GET", self.path("jwks_uri"))
        keys = KeySet.import_key_set(answer.json())
        found = jwt.decode(token, keys, algorithms=self.metadata["id_token_signing_alg_values_supported"])
        assert found.header["kid"] in {key.kid for key in keys}
        return dict(found.header), dict(found.claims)

    async def ask_userinfo(self, access_token: str, method: str = "GET", *, in_body: bool = False) -> Answer:
        """By the header, or in the form of a POST (RFC 6750 §2.1, §2.2)."""
        path = self.path("userinfo_endpoint")
        if in_body:
            return await post_form(self.house.front, path, {"access_token": access_token})
        return await ask(self.house.front, method, path, headers=[bearer(access_token)])

    async def userinfo(self, tokens: dict[str, Any], method: str = "GET", *, in_body: bool = False) -> dict[str, Any]:
        """What it tells, which is about the person of the id_token (OpenID Connect Core §5.3.2)."""
        answer = await self.ask_userinfo(tokens["access_token"], method, in_body=in_body)
        assert answer.status == 200, answer
        assert answer.headers["content-type"] == "application/json"
        found: dict[str, Any] = answer.json()
        sound_userinfo(found)
        assert found["sub"] == (await self.verified(tokens["id_token"]))[1]["sub"]
        return found

    def path(self, endpoint: str) -> str:
        """Where discovery says that it is, as a path."""
        url: str = self.metadata[endpoint]
        assert url.startswith(ISSUER + "/")
        return url.removeprefix(ISSUER)

    async def another(self, **facts: Any) -> "Suite":
        """The suite's second client, for the same person."""
        return await a_client(self.house, self.plan, self.metadata, self.person, **facts)


@asynccontextmanager
async def suite(
    folder: Path,
    plan: Plan,
    auth: str = "client_secret_basic",
    environ: Mapping[str, str] | None = None,
    **facts: Any,
) -> AsyncIterator[Suite]:
    """The client in a house where alice has an account. `facts`: what else it is registered with."""
    async with built(folder, {"SCOPEKEEPER_ISSUER": ISSUER, **(environ or {})}) as house:
        await a_full_account(house)
        answer = await ask(house.front, "GET", DISCOVERY)
        yield await a_client(house, plan, answer.json(), Person(Browser(house.front)), auth, **facts)


async def a_client(
    house: Built,
    plan: Plan,
    metadata: dict[str, Any],
    person: Person,
    auth: str = "client_secret_basic",
    **facts: Any,
) -> Suite:
    """As an administrator registers it, before the suite is run."""
    assert auth in metadata["token_endpoint_auth_methods_supported"]
    draft = Draft("Suite", ApplicationType.WEB, SCOPE, redirect_uris=(CALLBACK,), pkce_required=False, **facts)
    made = await house.house.applications.add(draft, "cli:test")
    assert made.client_secret is not None
    return Suite(house, plan, metadata, made.client.client_id, made.client_secret, auth, person)


async def a_full_account(house: Built) -> None:
    """Alice, of whom everything is known that an account can say."""
    profile = {
        "full_name": "Alice J. Adams",
        "given_name": "Alice",
        "family_name": "Adams",
        "phone_number": "+1 (604) 555-1234;ext=5678",
        "address": "1 High Street\nVancouver",
        "locale": "en-CA",
        "zoneinfo": "America/Vancouver",
    }
    await house.house.accounts.add(
        "alice", password=PASSWORD, email="alice@example.com", admin=False, actor="cli:test", profile=profile
    )
