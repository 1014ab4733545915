"""RFC 9207, OAuth 2.0 Authorization Server Issuer Identification."""

from pathlib import Path

import pytest

from scopekeeper.oauth.records import ApplicationType, GrantType
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen
from tests.web.applicant import CALLBACK, an_applicant, asked, decided, seated, told

ISSUER = "https://id.example.com"
HOUSE = {"SCOPEKEEPER_ISSUER": ISSUER}


async def seat_over_https(h: Built) -> Browser:
    """A signed-in browser that speaks https, where cookies have another name."""
    browser, _ = await seated(h)
    return Browser(h.front, {f"__Host-{name}": value for name, value in browser.cookies.items()})


@pytest.mark.parametrize("mode", ["query", "fragment"])
@pytest.mark.parametrize("decision", ["approve", "deny"])
async def test_row_17_success_and_error_say_who_answers(tmp_path: Path, mode: str, decision: str) -> None:
    """RFC 9207 §2, §2.1, §2.2: in authorization responses, including error responses."""
    async with built(tmp_path, HOUSE) as h:
        applicant = await an_applicant(h)
        browser = await seat_over_https(h)
        page = await asked(browser, applicant.url(response_mode=mode))
        heard = told(await decided(browser, page, decision))
        assert (heard["iss"], "code" in heard) == (ISSUER, decision == "approve")


async def test_row_17_an_error_that_comes_before_any_page_says_who_answers(tmp_path: Path) -> None:
    """RFC 9207 §2.2."""
    async with built(tmp_path, HOUSE) as h:
        applicant = await an_applicant(h)
        for more in ({"scope": "x"}, {"prompt": "none"}, {"response_type": "x"}, {"request": "x"}):
            assert told(await Browser(h.front).get(applicant.url(**more)))["iss"] == ISSUER


async def test_row_17_a_form_and_a_token_say_who_answers(tmp_path: Path) -> None:
    """RFC 9207 §2.1: whichever response type and mode."""
    async with built(tmp_path, HOUSE) as h:
        applicant = await an_applicant(h, type=ApplicationType.SPA, grants=(GrantType.IMPLICIT,))
        browser = await seat_over_https(h)
        answer = await decided(browser, await asked(browser, applicant.url(response_mode="form_post")))
        assert Seen(answer.body).form(CALLBACK)["iss"] == ISSUER
        answer = await decided(browser, await asked(browser, applicant.url(response_type="token")))
        assert told(answer)["iss"] == ISSUER


async def test_the_issuer_is_that_of_the_metadata_which_says_that_it_will_be_told(tmp_path: Path) -> None:
    """RFC 9207 §2.3, §2.4, §3: compared as strings with `issuer`."""
    async with built(tmp_path, HOUSE) as h:
        applicant = await an_applicant(h)
        found = (await Browser(h.front).get("/.well-known/oauth-authorization-server")).json()
        assert found["authorization_response_iss_parameter_supported"] is True
        assert told(await Browser(h.front).get(applicant.url(scope="x")))["iss"] == found["issuer"]
