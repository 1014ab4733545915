"""curl against a real server: what the other clients do not do."""

import json
import shutil
import subprocess
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from tests.clients.inhabited import ALICE, forward_of
from tests.clients.page import Page
from tests.clients.person import Person
from tests.live import Live, felt

BACK: Final = "https://forwards.example.com/callback"
SCOPE: Final = "openid profile rest:callforward:read"
VERIFIER: Final = "curl-" * 10
CHALLENGE: Final = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def curl(*arguments: str) -> tuple[int, Any]:
    """Status and JSON of the answer."""
    if shutil.which("curl") is None:
        pytest.fail("curl is missing: make system installs it")
    command = ["curl", "--silent", "--show-error", "--write-out", "\n%{http_code}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body) if body.strip() else None


def web(server: Live, *more: str) -> dict[str, str]:
    made: dict[str, str] = server.json(
        "app", "add", "curl", "--type", "web", "--scope", SCOPE, "--redirect-uri", BACK, *more
    )
    return made


def asked(found: dict[str, Any], made: dict[str, str], **more: str) -> str:
    """The address of an authorization request."""
    request = {
        "response_type": "code",
        "client_id": made["client_id"],
        "redirect_uri": BACK,
        "scope": SCOPE,
        "state": "çœ/=&+ ",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"{found['authorization_endpoint']}?{urlencode(request | more)}"


@pytest.mark.parametrize("response_mode", ["query", "fragment", "form_post"])
def test_a_code_by_every_response_mode(server: Live, alice: Person, found: dict[str, Any], response_mode: str) -> None:
    """RFC 9207 §2: the answer says whose it is, in every mode."""
    made = web(server)
    departure = alice.allow(asked(found, made, response_mode=response_mode))
    answer = departure.answer
    assert (answer["state"], answer["iss"]) == ("çœ/=&+ ", server.issuer)
    assert departure.url.partition({"query": "?", "fragment": "#"}.get(response_mode, "?"))[0] == BACK
    status, bought = curl(
        "-u", f"{made['client_id']}:{made['client_secret']}",
        "-d", "grant_type=authorization_code", "-d", f"redirect_uri={BACK}",
        "-d", f"code={answer['code']}", "-d", f"code_verifier={VERIFIER}", found["token_endpoint"],
    )  # fmt: skip
    assert (status, bought["scope"]) == (200, SCOPE)
    bearer = ("-H", f"Authorization: Bearer {bought['access_token']}")
    assert curl(*bearer, forward_of(server))[0] == 200
    assert curl(*bearer, found["userinfo_endpoint"])[1]["preferred_username"] == ALICE
    by_form = curl("-d", f"access_token={bought['access_token']}", found["userinfo_endpoint"])
    assert by_form[1]["preferred_username"] == ALICE


def test_a_code_is_redeemed_once_and_its_second_use_takes_all_back(
    server: Live, alice: Person, found: dict[str, Any]
) -> None:
    """RFC 6749 §4.1.2."""
    made = web(server)
    code = alice.allow(asked(found, made)).answer["code"]
    redeem = (
        "-u", f"{made['client_id']}:{made['client_secret']}",
        "-d", "grant_type=authorization_code", "-d", f"redirect_uri={BACK}",
        "-d", f"code={code}", "-d", f"code_verifier={VERIFIER}", found["token_endpoint"],
    )  # fmt: skip
    status, bought = curl(*redeem)
    assert status == 200
    status, refused = curl(*redeem)
    assert (status, refused["error"]) == (400, "invalid_grant")
    felt(lambda: curl("-H", f"Authorization: Bearer {bought['access_token']}", forward_of(server))[0], 401)


def test_introspection_tells_whose_token_it_is(server: Live, alice: Person, found: dict[str, Any]) -> None:
    made = web(server)
    who = ("-u", f"{made['client_id']}:{made['client_secret']}")
    code = alice.allow(asked(found, made)).answer["code"]
    _, bought = curl(
        *who, "-d", "grant_type=authorization_code", "-d", f"redirect_uri={BACK}",
        "-d", f"code={code}", "-d", f"code_verifier={VERIFIER}", found["token_endpoint"],
    )  # fmt: skip
    for kind in ("access_token", "refresh_token"):
        _, told = curl(*who, "-d", f"token={bought[kind]}", found["introspection_endpoint"])
        assert (told["active"], told["username"]) == (True, ALICE), kind


def test_nobody_is_sent_on_before_the_application_and_its_address_are_known(
    server: Live, alice: Person, found: dict[str, Any]
) -> None:
    made = web(server)
    for wrong in ({"client_id": "nobody"}, {"redirect_uri": f"{BACK}/elsewhere"}):
        page = alice.open(asked(found, made, **wrong))
        assert isinstance(page, Page)
        assert page.status == 400
    assert alice.allow(asked(found, made, prompt="none")).answer["error"] == "login_required"
