"""The plan `frontchannel_logout` of the suite: applications hear of it in frames, in the browser.

Clauses are those of OpenID Connect Front-Channel Logout 1.0.
"""

from pathlib import Path

from tests.pages.browsing import Seen
from tests.spec.openid.leaving import BACK, HOME, LEAVING, STATE, discovered, is_signed_out, leave, told_at
from tests.spec.openid.suite import BASIC, ISSUER, suite
from tests.web.applicant import policy

FRAMED = f"{HOME}/frontchannel_logout"


async def test_discovery_says_that_applications_are_told_in_frames(tmp_path: Path) -> None:
    """oidcc-frontchannel-logout-discovery-endpoint-verification: with the `sid` of the session, which the
    certification asks for (§3).
    """
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        found = await discovered(client)
        assert found["frontchannel_logout_supported"] is True
        assert found["frontchannel_logout_session_supported"] is True


async def test_the_browser_loads_the_applications_page_and_goes_on(tmp_path: Path) -> None:
    """oidcc-frontchannel-rp-initiated-logout: a frame with iss and sid, those of the id_token (§2, §3); then back to
    the application with the state; and then nobody is signed in.
    """
    async with suite(tmp_path, BASIC, frontchannel_logout_uri=FRAMED, **LEAVING) as client:
        flow = await client.flow()
        answer = await leave(client, flow)
        assert answer.status == 200
        page = Seen(answer.body)
        [frame] = page.all("iframe")
        assert told_at(frame["src"], FRAMED) == {"iss": ISSUER, "sid": flow.claims["sid"]}
        assert policy(answer, "frame-src") == "https://suite.example"
        [onward] = [link["href"] for link in page.all("a") if "data-onward" in link]
        assert told_at(onward, BACK) == {"state": STATE}
        assert [script["src"].startswith("/static/farewell.") for script in page.all("script")] == [True]
        assert await is_signed_out(client)
