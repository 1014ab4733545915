"""RFC 8628, OAuth 2.0 Device Authorization Grant."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from scopekeeper.oauth.records import ApplicationType
from scopekeeper.oauth.secrets import Kind, row_of
from tests.asking import ask, basic, post_form
from tests.building import built
from tests.devices import DEVICE_CODE, a_television, ask_to_wait, at_home, decide, enter, let_in, poll, wait
from tests.pages.browsing import Seen, text_of

ENDPOINT = "/oauth/device_authorization"
WEB = {"type": ApplicationType.WEB, "grants": ("device_code",), "redirect_uris": ("https://app.example/cb",)}


async def test_a_device_asks_by_post(tmp_path: Path) -> None:
    """RFC 8628 §3.1: the client makes an HTTP POST request to the device authorization endpoint."""
    async with built(tmp_path) as h:
        made = await a_television(h)
        assert (await ask_to_wait(h, made)).status == 200
        answer = await ask(h.front, "GET", f"{ENDPOINT}?client_id={made.client_id}")
        assert (answer.status, answer.headers["allow"]) == (405, "POST")


async def test_a_public_client_names_itself(tmp_path: Path) -> None:
    """RFC 8628 §3.1: client_id REQUIRED if the client is not authenticating."""
    async with built(tmp_path) as h:
        for form in ({}, {"client_id": "nobody"}):
            answer = await post_form(h.front, ENDPOINT, form)
            assert (answer.status, answer.json()["error"]) == (401, "invalid_client")


async def test_a_confidential_client_authenticates_as_at_the_token_endpoint(tmp_path: Path) -> None:
    """RFC 8628 §3.1: the client authentication requirements of RFC 6749 §3.2.1 apply."""
    async with built(tmp_path) as h:
        made = await h.register("rest", **WEB)
        assert (await post_form(h.front, ENDPOINT, {}, headers=[made.basic])).status == 200
        in_form = {"client_id": made.client_id, "client_secret": made.client_secret}
        assert (await post_form(h.front, ENDPOINT, in_form)).status == 200
        assert (await ask_to_wait(h, made)).status == 401
        assert (await post_form(h.front, ENDPOINT, {}, headers=[basic(made.client_id, "wrong")])).status == 401


async def test_scope_is_optional_and_never_more_than_the_application_may_have(tmp_path: Path) -> None:
    """RFC 8628 §3.1: scope OPTIONAL, as RFC 6749 §3.3 says."""
    async with built(tmp_path) as h:
        made = await a_television(h, "rest:extensions")
        for form in ({}, {"scope": ""}, {"scope": "rest:extensions:read"}):
            assert (await ask_to_wait(h, made, **form)).status == 200
        for scope in ("rest", "rest:unheard", "REST:extensions"):
            answer = await ask_to_wait(h, made, scope=scope)
            assert (answer.status, answer.json()["error"]) == (400, "invalid_scope")


async def test_a_parameter_without_a_value_was_not_sent_an_unknown_one_is_overlooked(tmp_path: Path) -> None:
    """RFC 8628 §3.1: parameters without a value MUST be treated as omitted; unrecognized ones MUST be ignored."""
    async with built(tmp_path) as h:
        made = await a_television(h)
        assert (
            await ask_to_wait(h, made, scope="", client_secret="", colour="green", user_code="BCDFGHJK")
        ).status == 200


async def test_a_parameter_that_is_sent_twice_is_refused(tmp_path: Path) -> None:
    """RFC 8628 §3.1: request parameters MUST NOT be included more than once."""
    async with built(tmp_path) as h:
        made = await a_television(h)
        for twice in ("scope=rest&scope=rest", f"client_id={made.client_id}"):
            answer = await post_form(h.front, ENDPOINT, f"client_id={made.client_id}&{twice}")
            assert (answer.status, answer.json()["error"]) == (400, "invalid_request")


async def test_the_answer_has_all_that_a_device_needs(tmp_path: Path) -> None:
    """RFC 8628 §3.2: device_code, user_code, verification_uri, verification_uri_complete, expires_in, interval."""
    async with built(tmp_path) as h:
        answer = await ask_to_wait(h, await a_television(h))
        told = answer.json()
        assert set(told) == {
            "device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval",
        }  # fmt: skip
        assert row_of(told["device_code"], Kind.DEVICE_CODE) is not None
        assert told["verification_uri"] == f"{h.house.settings.issuer}/device"
        assert (told["expires_in"], told["interval"]) == (600, 5)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"


async def test_an_error_is_told_as_at_the_token_endpoint(tmp_path: Path) -> None:
    """RFC 8628 §3.2: in the event of an error, the server responds as RFC 6749 §5.2 says."""
    async with built(tmp_path) as h:
        answer = await post_form(h.front, ENDPOINT, {}, headers=[(await h.register()).basic])
        assert (answer.status, set(answer.json())) == (400, {"error", "error_description"})
        assert answer.json()["error"] == "unauthorized_client"
        assert answer.headers["cache-control"] == "no-store"


async def test_the_person_signs_in_types_the_code_and_decides(tmp_path: Path) -> None:
    """RFC 8628 §3.3: the user navigates to the verification URI, authenticates, enters the code, and is asked."""
    async with built(tmp_path) as h:
        made = await a_television(h)
        told = await wait(h, made)
        path = urlsplit(told["verification_uri"]).path
        assert (await ask(h.front, "GET", path)).headers["location"].startswith("/login?next=")
        alice = await at_home(h)
        page = await enter(alice, told["user_code"])
        assert "Television" in text_of(page)
        assert (await poll(h, made, told["device_code"])).json()["error"] == "authorization_pending"
        assert "go back to your device" in text_of(await decide(alice, page, "approve"))


async def test_a_person_may_take_a_while_but_no_longer_than_the_code_lives(tmp_path: Path) -> None:
    """RFC 8628 §3.3: an expired user code is no use; the user is to be told."""
    async with built(tmp_path) as h:
        told = await wait(h, await a_television(h))
        alice = await at_home(h)
        h.clock.advance(599)
        page = await enter(alice, told["user_code"])
        assert page.status == 200
        h.clock.advance(1)
        assert "This code does not work." in text_of(await decide(alice, page, "approve"))
        assert "This code does not work." in text_of(await enter(alice, told["user_code"]))


async def test_the_complete_uri_spares_typing_and_shows_the_code_to_be_compared(tmp_path: Path) -> None:
    """RFC 8628 §3.3.1: the code is still displayed, and the user asked to confirm that the device shows the same."""
    async with built(tmp_path) as h:
        told = await wait(h, await a_television(h))
        complete = urlsplit(told["verification_uri_complete"])
        assert parse_qs(complete.query) == {"user_code": [told["user_code"]]}
        alice = await at_home(h)
        page = await alice.get(f"{complete.path}?{complete.query}")
        assert Seen(page.body).form("/device")["user_code"] == told["user_code"]
        assert "Go on only if this is the code that your device shows." in text_of(page)
        confirm = await alice.post("/device", Seen(page.body).form("/device"))
        assert told["user_code"] in text_of(confirm)


async def test_the_device_redeems_its_code_under_the_grant_type_of_devices(tmp_path: Path) -> None:
    """RFC 8628 §3.4: grant_type urn:ietf:params:oauth:grant-type:device_code, device_code, client_id."""
    async with built(tmp_path) as h:
        made = await a_television(h)
        told = await wait(h, made)
        await let_in(await at_home(h), told["user_code"])
        form = {"grant_type": DEVICE_CODE, "client_id": made.client_id}
        answer = await post_form(h.front, "/oauth/token", form)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_request")
        answer = await post_form(h.front, "/oauth/token", form | {"device_code": told["device_code"]})
        assert answer.status == 200
        assert {"access_token", "refresh_token", "scope"} <= set(answer.json())


async def test_a_confidential_client_authenticates_to_redeem(tmp_path: Path) -> None:
    """RFC 8628 §3.4: the client authentication requirements of RFC 6749 §3.2.1 apply."""
    async with built(tmp_path) as h:
        made = await h.register("rest", **WEB)
        told = (await post_form(h.front, ENDPOINT, {}, headers=[made.basic])).json()
        await let_in(await at_home(h), told["user_code"])
        assert (await poll(h, made, told["device_code"])).status == 401
        form = {"grant_type": DEVICE_CODE, "device_code": told["device_code"]}
        assert (await post_form(h.front, "/oauth/token", form, headers=[made.basic])).status == 200


async def test_a_device_that_asks_too_often_is_to_slow_down(tmp_path: Path) -> None:
    """RFC 8628 §3.5: authorization_pending; slow_down, by which the interval is five seconds longer from then on."""
    async with built(tmp_path) as h:
        made = await a_television(h)
        code = (await wait(h, made))["device_code"]
        heard = []
        for seconds in (0, 5, 4, 9, 14, 15):
            h.clock.advance(seconds)
            answer = await poll(h, made, code)
            assert answer.status == 400
            heard.append(answer.json()["error"])
        pending, slow = "authorization_pending", "slow_down"
        assert heard == [pending, pending, slow, slow, slow, slow]
        h.clock.advance(25)
        assert (await poll(h, made, code)).json()["error"] == pending


async def test_a_device_that_is_denied_or_too_late_is_told(tmp_path: Path) -> None:
    """RFC 8628 §3.5: access_denied, expired_token."""
    async with built(tmp_path) as h:
        made = await a_television(h)
        denied, late = await wait(h, made), await wait(h, made)
        await let_in(await at_home(h), denied["user_code"], "deny")
        assert (await poll(h, made, denied["device_code"])).json()["error"] == "access_denied"
        h.clock.advance(600)
        answer = await poll(h, made, late["device_code"])
        assert (answer.status, answer.json()["error"]) == (400, "expired_token")


async def test_discovery_names_the_endpoint_and_the_grant(tmp_path: Path) -> None:
    """RFC 8628 §4: device_authorization_endpoint."""
    async with built(tmp_path) as h:
        found = (await ask(h.front, "GET", "/.well-known/oauth-authorization-server")).json()
        assert found["device_authorization_endpoint"] == h.house.settings.issuer + ENDPOINT
        assert DEVICE_CODE in found["grant_types_supported"]


async def test_user_codes_cannot_be_guessed_at_the_pace_that_is_allowed(tmp_path: Path) -> None:
    """RFC 8628 §5.1: the entry of user codes SHOULD be rate-limited: there are 20⁸, and five wrong ones a session."""
    async with built(tmp_path) as h:
        alice = await at_home(h)
        statuses = [
            (await enter(alice, wrong)).status for wrong in ("BBBBBBBB", "CCCCCCCC", "x", "D" * 8, "F" * 8, "G" * 8)
        ]
        assert statuses == [422, 422, 422, 422, 422, 429]


@pytest.mark.parametrize("attempt", ["guessed", "cut", "another application's"])
async def test_device_codes_cannot_be_guessed_and_are_of_use_to_one_client_alone(tmp_path: Path, attempt: str) -> None:
    """RFC 8628 §5.2: a device code has enough entropy (190 bits), and is bound to the client that asked for it."""
    async with built(tmp_path) as h:
        made, other = await a_television(h), await a_television(h)
        told = await wait(h, made)
        await let_in(await at_home(h), told["user_code"])
        code: str = told["device_code"]
        sent = {"guessed": "skpr_dc_" + "0" * 49, "cut": code[:-1]}.get(attempt, code)
        answer = await poll(h, other if attempt.startswith("another") else made, sent)
        assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")
        assert (await poll(h, made, code)).status == 200


async def test_the_person_is_told_whom_they_let_in_and_that_they_must_hold_the_device(tmp_path: Path) -> None:
    """RFC 8628 §5.4: the user is to be informed that they authorize a device, and confirm that it is in their hands."""
    async with built(tmp_path) as h:
        alice, told = await at_home(h), await wait(h, await a_television(h))
        page = await alice.get(f"/device?user_code={told['user_code']}")
        device = await h.house.store.device_with(told["user_code"].replace("-", ""))
        assert device is not None
        assert device.user_id is None, "an address alone claims and confirms nothing"
        page = await alice.post("/device", Seen(page.body).form("/device"))
        assert "Only approve if this code is shown on a device that you hold." in text_of(page)
        assert "Connect Television" in text_of(page)


async def test_user_codes_are_made_to_be_typed(tmp_path: Path) -> None:
    """RFC 8628 §6.1: eight of BCDFGHJKLMNPQRSTVWXZ; case and punctuation do not matter when they are entered."""
    async with built(tmp_path) as h:
        made, alice = await a_television(h), await at_home(h)
        for dash, end in (("-", ""), ("", ""), (" ", " "), ("\u2013", ".")):
            user_code: str = (await wait(h, made))["user_code"]
            letters = user_code.replace("-", "")
            assert (len(letters), user_code) == (8, f"{letters[:4]}-{letters[4:]}")
            assert set(letters) <= set("BCDFGHJKLMNPQRSTVWXZ")
            assert (await enter(alice, user_code.lower().replace("-", dash) + end)).status == 200
