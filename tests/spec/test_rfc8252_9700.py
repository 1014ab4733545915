"""RFC 8252, OAuth 2.0 for Native Apps, and RFC 9700, Best Current Practice for OAuth 2.0 Security."""

import json
import re
from pathlib import Path

import pytest

from scopekeeper.oauth.applications import FLAGGED, Changes, Unfit
from scopekeeper.oauth.records import ApplicationType
from tests.asking import ask, basic, bearer, post_form
from tests.building import built
from tests.pages.browsing import Browser
from tests.web.applicant import an_applicant, asked, decided, seated

NATIVE, WEB, SPA = ApplicationType.NATIVE, ApplicationType.WEB, ApplicationType.SPA
FORWARD = "/api/rest/callforward/users/1001"


@pytest.mark.parametrize("uri", ["com.example.app:/oauth2redirect", "com.example.app://callback"])
async def test_a_private_use_scheme_is_a_domain_backwards_and_for_native_applications(tmp_path: Path, uri: str) -> None:
    """RFC 8252 §7.1, §8.4: servers MUST reject private-use schemes without a period."""
    async with built(tmp_path) as house:
        await house.register(type=NATIVE, redirect_uris=(uri,))
        for type, wrong in ((WEB, uri), (SPA, uri), (NATIVE, "myapp:/callback"), (NATIVE, "myapp://callback")):
            with pytest.raises(Unfit):
                await house.register(type=type, redirect_uris=(wrong,))


async def test_a_claimed_https_address_is_for_every_type(tmp_path: Path) -> None:
    """RFC 8252 §7.2: claimed "https" scheme URIs work as those of web applications do."""
    async with built(tmp_path) as house:
        for type in (NATIVE, WEB, SPA):
            await house.register(type=type, redirect_uris=("https://app.example.com/oauth2redirect",))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
async def test_http_is_for_the_loopback_interface(tmp_path: Path, host: str) -> None:
    """RFC 8252 §7.3, §8.3: loopback IP literals in both families; localhost, though not recommended, works."""
    async with built(tmp_path) as house:
        await house.register(type=NATIVE, redirect_uris=(f"http://{host}/cb", f"http://{host}:51004/cb"))
        with pytest.raises(Unfit):
            await house.register(type=NATIVE, redirect_uris=(f"http://{host}.example.com/cb",))


async def test_a_redirect_uri_is_registered_whole(tmp_path: Path) -> None:
    """RFC 8252 §8.4: the complete redirect URI, including its path, and nothing that matches by pattern."""
    async with built(tmp_path) as house:
        for wrong in ("https://*.example.com/cb", "https://example.com/*", "/cb", "example.com/cb"):
            with pytest.raises(Unfit):
                await house.register(type=NATIVE, redirect_uris=(wrong,))


async def test_an_application_on_peoples_own_machines_has_no_secret(tmp_path: Path) -> None:
    """RFC 8252 §8.5: secrets that are distributed to many users SHOULD NOT be treated as confidential."""
    async with built(tmp_path) as house:
        native = await house.register(type=NATIVE)
        assert native.client_secret == ""
        form = {"grant_type": "client_credentials"}
        pretended = [basic(native.client_id, "pretended")]
        assert (await post_form(house.front, "/oauth/token", form, headers=pretended)).status == 401


@pytest.mark.parametrize("wrong", ["javascript:alert(1)", "DATA:text/html,x", "https://a@b.example/", "https://a/#"])
async def test_an_edit_is_held_to_what_a_registration_is(tmp_path: Path, wrong: str) -> None:
    """RFC 9700 §2.1, §4.1.3: exact, registered redirect URIs: what could never be registered is never edited in."""
    async with built(tmp_path) as house:
        web = await house.register(type=WEB, redirect_uris=("https://a.example/cb",))
        with pytest.raises(Unfit):
            await house.house.applications.change(web.client_id, Changes(redirect_uris=(wrong,)), "cli:test")


async def test_grants_of_the_past_are_off_until_somebody_switches_them_on(tmp_path: Path) -> None:
    """RFC 9700 §2.1.2, §2.4: implicit SHOULD NOT, the password grant MUST NOT be used: nobody has them unasked."""
    async with built(tmp_path) as house:
        for type in ApplicationType:
            made = await house.register(type=type)
            client = await house.house.applications.get(made.client_id)
            assert not FLAGGED & set(client.grant_types)
            headers = [made.basic] if made.client_secret else []
            form = {"grant_type": "password", "username": "alice", "password": "x", "client_id": made.client_id}
            answer = await post_form(house.front, "/oauth/token", form, headers=headers)
            assert answer.json()["error"] == "unauthorized_client"


async def test_a_token_can_do_no_more_than_it_was_asked_for(tmp_path: Path) -> None:
    """RFC 9700 §2.3: the privileges associated with an access token SHOULD be restricted to the minimum required."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest gql"), scope="rest:callforward:read")
        assert (await house.get(FORWARD, token)).status == 200
        assert (await house.get("/api/rest/extensions/", token)).status == 403
        headers = [bearer(token), ("content-type", "application/json")]
        query = json.dumps({"query": '{ callForward(extension: "1001") { busy } }'}).encode()
        assert (await ask(house.front, "POST", "/api/graphql", headers=headers, body=query)).status == 403


async def test_a_token_says_for_whom_it_is(tmp_path: Path) -> None:
    """RFC 9700 §2.3, §4.10.2: access tokens SHOULD be audience-restricted."""
    async with built(tmp_path) as house:
        made = await house.register("rest")
        assert (await house.introspect(await house.token(made), made))["aud"] == "http://127.0.0.1:8000/api"


async def test_secrets_are_drawn_by_the_server_and_strong(tmp_path: Path) -> None:
    """RFC 9700 §2.5: client authentication is enforced; nobody chooses a client_secret that could be guessed."""
    async with built(tmp_path) as house:
        made = [await house.register() for _ in range(5)]
        assert len({each.client_secret for each in made}) == 5
        assert all(re.fullmatch(r"skpr_cs_[0-9A-Za-z]{49}", each.client_secret) for each in made)


async def test_how_to_use_the_server_is_published(tmp_path: Path) -> None:
    """RFC 9700 §2.6: authorization servers SHOULD publish metadata as of RFC 8414."""
    async with built(tmp_path) as house:
        assert (await ask(house.front, "GET", "/.well-known/oauth-authorization-server")).status == 200


async def test_a_token_is_never_read_from_an_address(tmp_path: Path) -> None:
    """RFC 9700 §4.3.2: clients MUST NOT pass access tokens in a URI query parameter."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        assert (await ask(house.front, "GET", f"{FORWARD}?access_token={token}")).status == 401


async def test_a_header_that_a_proxy_did_not_set_is_not_believed(tmp_path: Path) -> None:
    """RFC 9700 §4.13: headers that a reverse proxy would set MUST be taken from nobody else."""
    async with built(tmp_path) as house:
        made = await house.register("rest")
        forged = [("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=198.51.100.1;host=evil.example")]
        form = {"grant_type": "client_credentials"}
        await post_form(house.front, "/oauth/token", form, headers=[made.basic, *forged])
        (token,) = await house.house.store.tokens(client_id=made.client_id, now=house.clock.now())
        assert token.address == "203.0.113.7"


async def test_no_application_passes_for_a_person(tmp_path: Path) -> None:
    """RFC 9700 §4.15: no client may influence its client_id or sub such that it looks like a resource owner's."""
    async with built(tmp_path) as house:
        made = await house.register("rest", name="alice")
        told = await house.introspect(await house.token(made), made)
        assert told["sub"] == told["client_id"] == made.client_id
        assert re.fullmatch(r"[0-9A-Za-z]{22}", made.client_id)


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke"])
async def test_endpoints_that_take_secrets_open_no_door_for_foreign_pages(tmp_path: Path, path: str) -> None:
    """RFC 9700 §2.6, §4.17: no page of another origin may read what these answer, and none with credentials."""
    async with built(tmp_path) as house:
        made = await house.register()
        headers = [made.basic, ("origin", "https://evil.example")]
        answer = await post_form(house.front, path, {"grant_type": "client_credentials", "token": "x"}, headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("type", [NATIVE, WEB, SPA])
async def test_any_port_of_a_loopback_address_does_for_native_applications_at_request_time(
    tmp_path: Path, type: ApplicationType
) -> None:
    """RFC 8252 §7.3, §8.10, RFC 9700 §2.1, §4.1.3: the only exception from exact string matching."""
    async with built(tmp_path) as house:
        applicant = await an_applicant(house, type=type, redirect_uris=("http://127.0.0.1/cb",))
        answer = await Browser(house.front).get(applicant.url(redirect_uri="http://127.0.0.1:51004/cb"))
        assert answer.status == (303 if type is NATIVE else 400)
        answer = await Browser(house.front).get(applicant.url(redirect_uri="http://127.0.0.1:51004/other"))
        assert answer.status == 400


async def test_a_person_is_never_redirected_with_what_they_posted(tmp_path: Path) -> None:
    """RFC 9700 §4.12: 303, and no other redirect, wherever credentials may have been posted."""
    async with built(tmp_path) as house:
        applicant = await an_applicant(house)
        browser, _ = await seated(house)
        page = await asked(browser, applicant.url())
        for answer in (await decided(browser, page), await decided(browser, page, "deny")):
            assert answer.status == 303
        assert (await Browser(house.front).post("/oauth/authorize", applicant.request())).status == 303


async def test_no_answer_leaves_by_a_referrer(tmp_path: Path) -> None:
    """RFC 9700 §4.2.4: the pages, and the redirects with codes in them, suppress the Referer header."""
    async with built(tmp_path) as house:
        applicant = await an_applicant(house)
        browser, _ = await seated(house)
        page = await asked(browser, applicant.url())
        for answer in (page, await decided(browser, page)):
            assert answer.headers["referrer-policy"] == "same-origin"
            assert answer.headers["cache-control"] == "no-store"


async def test_no_page_can_be_framed(tmp_path: Path) -> None:
    """RFC 9700 §4.16: Content-Security-Policy, and X-Frame-Options beside it."""
    async with built(tmp_path) as house:
        applicant = await an_applicant(house)
        browser, _ = await seated(house)
        for answer in (await asked(browser, applicant.url()), await browser.get(applicant.url("client_id"))):
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-frame-options"] == "DENY"
