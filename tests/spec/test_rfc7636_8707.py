"""RFC 7636, Proof Key for Code Exchange, and RFC 8707, Resource Indicators: at the authorization endpoint."""

from pathlib import Path

import pytest

from scopekeeper.oauth.records import ApplicationType
from tests.building import built
from tests.pages.browsing import Browser
from tests.web.applicant import VERIFIER, an_applicant, approved, seated, told


async def test_the_documents_example_is_a_challenge_and_its_verifier(tmp_path: Path) -> None:
    """RFC 7636 §4.3, §4.4, §4.5, §4.6, appendix B."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        url = applicant.url(code_challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        code = (await approved(browser, url))["code"]
        assert (await applicant.redeem(code, code_verifier=VERIFIER)).json()["error"] == "invalid_grant"
        answer = await applicant.redeem(code, code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        assert answer.status == 200, answer.body


@pytest.mark.parametrize("type", [ApplicationType.WEB, ApplicationType.SPA, ApplicationType.NATIVE])
@pytest.mark.parametrize(
    ("without", "more"),
    [
        (("code_challenge", "code_challenge_method"), {}),
        (("code_challenge",), {}),
        (("code_challenge_method",), {}),
        ((), {"code_challenge_method": "plain"}),
        ((), {"code_challenge_method": "s256"}),
        ((), {"code_challenge": "short"}),
    ],
)
async def test_row_16_a_challenge_by_s256_is_required_of_every_application(
    tmp_path: Path, type: ApplicationType, without: tuple[str, ...], more: dict[str, str]
) -> None:
    """RFC 7636 §4.3, §4.4.1: invalid_request where it is required, or its transformation is not supported."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, type=type)
        parameters = {"prompt": "none", **more}
        assert told(await Browser(h.front).get(applicant.url(*without, **parameters)))["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        ("api", "invalid_target"),
        ("//api.example", "invalid_target"),
        ("https://api.example/#", "invalid_target"),
        ("https://api.example/a b", "invalid_target"),
        ("https://api.example/a?b=c", "login_required"),
        ("urn:example:api", "login_required"),
    ],
)
async def test_a_resource_is_an_absolute_uri_without_a_fragment(tmp_path: Path, resource: str, error: str) -> None:
    """RFC 8707 §2, §2.1."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        assert told(await Browser(h.front).get(applicant.url(resource=resource, prompt="none")))["error"] == error
