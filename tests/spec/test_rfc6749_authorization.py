"""RFC 6749, The OAuth 2.0 Authorization Framework: the authorization endpoint, its requests and its responses."""

import re
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.oauth.records import ApplicationType, GrantType
from tests.building import built
from tests.pages.browsing import Browser, text_of
from tests.web.applicant import AUTHORIZE, CALLBACK, READ, an_applicant, approved, asked, decided, seated, told

IMPLICIT: dict[str, Any] = {"type": ApplicationType.SPA, "grants": (GrantType.IMPLICIT,)}
NQSCHAR = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+")
STATES = ["xyz", " ", "+", "%2B", "a&b=c#d?e", "é漢😀", '"<>\\', "x" * 4_096]


async def test_the_endpoint_takes_get_and_post(tmp_path: Path) -> None:
    """RFC 6749 §3.1: MUST support GET, MAY support POST."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        assert (await Browser(h.front).get(applicant.url())).status == 303
        assert (await Browser(h.front).post(AUTHORIZE, applicant.request())).status == 303


async def test_without_a_value_a_parameter_is_not_there_and_an_unknown_one_is_ignored(tmp_path: Path) -> None:
    """RFC 6749 §3.1."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        assert "code" in await approved(browser, applicant.url(nonce="", prompt="", max_age="", resource="", what="x"))
        assert "redirect_uri" in text_of(await browser.get(applicant.url(redirect_uri="")))


async def test_no_parameter_is_there_twice(tmp_path: Path) -> None:
    """RFC 6749 §3.1."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        heard = told(await Browser(h.front).get(applicant.url() + "&scope=openid"))
        assert (heard["error"], heard["state"]) == ("invalid_request", "xyz")
        heard = told(await Browser(h.front).get(applicant.url() + "&state=abc"))
        assert (heard["error"], "state" in heard) == ("invalid_request", False)


@pytest.mark.parametrize(
    ("response_type", "error"),
    [("", "invalid_request"), ("nonsense", "unsupported_response_type"), ("token", "unauthorized_client")],
)
async def test_the_response_type_is_one_that_there_is(tmp_path: Path, response_type: str, error: str) -> None:
    """RFC 6749 §3.1.1, §4.1.2.1."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        assert told(await Browser(h.front).get(applicant.url(response_type=response_type)))["error"] == error


async def test_a_query_of_the_clients_own_stays(tmp_path: Path) -> None:
    """RFC 6749 §3.1.2: MUST be retained when adding additional query parameters."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, redirect_uris=(f"{CALLBACK}?tenant=7&x=%20",))
        browser, _ = await seated(h)
        answer = await decided(browser, await asked(browser, applicant.url()))
        assert answer.headers["location"].startswith(f"{CALLBACK}?tenant=7&x=%20&code=")


async def test_an_address_that_is_not_registered_is_not_gone_to(tmp_path: Path) -> None:
    """RFC 6749 §3.1.2.3, §3.1.2.4: the person is informed, and MUST NOT be redirected automatically."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        answer = await Browser(h.front).get(applicant.url(redirect_uri=f"{CALLBACK}/other"))
        assert (answer.status, "location" in answer.headers) == (400, False)
        assert "is not one that is registered for this application" in text_of(answer)


async def test_a_code_is_bound_to_client_and_address_and_used_once(tmp_path: Path) -> None:
    """RFC 6749 §4.1.1, §4.1.2, §4.1.3."""
    async with built(tmp_path) as h:
        applicant, other = await an_applicant(h), await an_applicant(h)
        browser, _ = await seated(h)
        codes = [(await approved(browser, applicant.url(prompt="consent")))["code"] for _ in range(3)]
        assert (await applicant.redeem(codes[0], redirect_uri=f"{CALLBACK}2")).json()["error"] == "invalid_grant"
        assert (await other.redeem(codes[1])).json()["error"] == "invalid_grant"
        assert (await applicant.redeem(codes[2])).status == 200
        assert (await applicant.redeem(codes[2])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("state", STATES)
async def test_a_state_comes_back_exactly(tmp_path: Path, state: str) -> None:
    """RFC 6749 §4.1.2, §4.1.2.1: the exact value received from the client, in success and in error."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        assert (await approved(browser, applicant.url(state=state)))["state"] == state
        assert told(await browser.get(applicant.url(state=state, scope="x")))["state"] == state


async def test_where_no_state_was_sent_none_comes_back(tmp_path: Path) -> None:
    """RFC 6749 §4.1.2."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        assert set(await approved(browser, applicant.url("state"))) == {"code", "iss"}


async def test_a_denial_is_access_denied(tmp_path: Path) -> None:
    """RFC 6749 §4.1.2.1, in the characters that an error_description may have."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        heard = told(await decided(browser, await asked(browser, applicant.url()), "deny"))
        assert heard["error"] == "access_denied"
        assert NQSCHAR.fullmatch(heard["error_description"])


async def test_a_token_comes_in_the_fragment_and_alone(tmp_path: Path) -> None:
    """RFC 6749 §4.2.1, §4.2.2: MUST NOT issue a refresh token."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, type=ApplicationType.SPA, grants=(GrantType.IMPLICIT, "refresh_token"))
        browser, _ = await seated(h)
        answer = await decided(browser, await asked(browser, applicant.url(response_type="token")))
        assert answer.headers["location"].startswith(f"{CALLBACK}#")
        assert set(told(answer)) == {"access_token", "token_type", "expires_in", "scope", "state", "iss"}
        assert told(answer)["scope"] == READ


async def test_what_went_wrong_with_a_token_comes_in_the_fragment_too(tmp_path: Path) -> None:
    """RFC 6749 §4.2.2.1."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, **IMPLICIT)
        browser, _ = await seated(h)
        page = await asked(browser, applicant.url(response_type="token"))
        for answer in (
            await decided(browser, page, "deny"),
            await browser.get(applicant.url(response_type="token", scope="x")),
            await browser.get(applicant.url(response_type="token", response_mode="query")),
        ):
            assert answer.headers["location"].startswith(f"{CALLBACK}#error=")


async def test_nobody_is_approved_for_who_cannot_be_proven(tmp_path: Path) -> None:
    """RFC 6749 §10.2: SHOULD NOT process repeated requests automatically without authenticating the client."""
    async with built(tmp_path) as h:
        public, trusted = [
            await an_applicant(h, type=ApplicationType.NATIVE, trusted=trusted) for trusted in (False, True)
        ]
        browser, _ = await seated(h)
        for each in (public, trusted):
            await approved(browser, each.url())
        assert "location" not in (await asked(browser, public.url())).headers
        assert "code" in told(await browser.get(trusted.url()))
