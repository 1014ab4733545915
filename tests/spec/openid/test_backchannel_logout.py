"""The plan `backchannel_logout` of the suite: applications hear of it from server to server.

Clauses are those of OpenID Connect Back-Channel Logout 1.0.
"""

from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from tests.outside import answered, serving
from tests.spec.openid.leaving import BACK, LEAVING, STATE, discovered, is_signed_out, leave, told_at
from tests.spec.openid.suite import BASIC, ISSUER, suite

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


def logout_token_in(request: bytes) -> str:
    """The one parameter of the form that was posted (§2.5)."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *headers = head.decode().lower().split("\r\n")
    assert line == "post /backchannel_logout http/1.1"
    assert "content-type: application/x-www-form-urlencoded" in headers
    assert not any(each.startswith(("cookie:", "authorization:")) for each in headers)
    [(name, value)] = parse_qsl(body.decode(), strict_parsing=True)
    assert name == "logout_token"
    return value


def sound_logout_token(header: dict[str, Any], claims: dict[str, Any], client_id: str, now: int) -> None:
    """§2.4, §2.6: whatever holds of a logout token, whomever it is about."""
    assert (header["alg"], header["typ"]) == ("RS256", "logout+jwt")
    assert claims["iss"] == ISSUER
    assert claims["aud"] in (client_id, [client_id])
    assert now - 86_400 <= claims["iat"] <= now + 300
    assert claims["iat"] < claims["exp"] <= claims["iat"] + 120
    assert claims["jti"]
    assert claims["events"] == {EVENT: {}}
    assert "nonce" not in claims


async def test_discovery_says_that_applications_are_told_from_server_to_server(tmp_path: Path) -> None:
    """oidcc-backchannel-logout-discovery-endpoint-verification: with the `sid` of the session, which the
    certification asks for (§2.1).
    """
    async with suite(tmp_path, BASIC, **LEAVING) as client:
        found = await discovered(client)
        assert found["backchannel_logout_supported"] is True
        assert found["backchannel_logout_session_supported"] is True


async def test_the_application_is_posted_a_logout_token(tmp_path: Path) -> None:
    """oidcc-backchannel-rp-initiated-logout: signed, of the person and the session of the id_token (§2.4, §2.5); the
    browser goes back with the state; and then nobody is signed in.
    """
    async with serving(answered(b"", "200 OK", "cache-control: no-store")) as served:
        place = f"127.0.0.1:{served.port}"
        facts = {"backchannel_logout_uri": f"http://{place}/backchannel_logout", **LEAVING}
        async with suite(tmp_path, BASIC, environ={"SCOPEKEEPER_FETCH_ALLOW": place}, **facts) as client:
            flow = await client.flow()
            answer = await leave(client, flow)
            assert told_at(answer.headers["location"], BACK) == {"state": STATE}
            messenger = client.house.house.messenger
            for _ in range(2):  # the second time there is nothing left to tell
                await messenger.take_up()
                await messenger.told()
            [request] = served.asked
            header, claims = await client.verified(logout_token_in(request))
            sound_logout_token(header, claims, client.client_id, client.house.clock.now())
            assert (claims["sub"], claims["sid"]) == (flow.claims["sub"], flow.claims["sid"])
            assert await is_signed_out(client)
