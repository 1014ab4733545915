"""A walk in which each request goes to the other one of two servers: nothing waits in a server for the next request.

What is begun at one goes on at the other: sessions, forms, consents, codes, tokens, devices, and what is shown once.
"""

import re
import time
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlencode

import httpx2
import pytest

from scopekeeper.oauth.pkce import challenge_of
from tests.beneath import KINDS, kept_in
from tests.clients.page import Page
from tests.faults.grants import PASSWORD, REDIRECT, VERIFIER, add_person, bought, credentials_of
from tests.pages.browsing import Seen
from tests.together import Round, Together, together

DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"
SECRET: Final = re.compile(r"skpr_cs_[0-9A-Za-z]{49}")
APPLICATIONS: Final = "/console/applications"
LATEST: Final = 1.0
"""Seconds after which a change is felt."""

API: Final = "/api/rest/extensions/"


@pytest.fixture(scope="module", params=KINDS)
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Together]:
    """Two on one database, at which alice has an account, and root, who administers."""
    folder = tmp_path_factory.mktemp("turns")
    with kept_in(request.param) as environ, together(folder, environ) as made:
        add_person(made.first)
        add_person(made.first, "root", "--admin")
        yield made


@pytest.fixture(params=["the first begins", "the second begins"])
def turns(request: pytest.FixtureRequest, servers: Together) -> Iterator[Round]:
    """The way of all requests of a test, whoever sends them. Each step is made at each of the two."""
    both = (servers.first, servers.second)
    with Round(*(both if request.param == "the first begins" else both[::-1])) as made:
        yield made


def test_from_the_sign_in_to_the_last_refresh(servers: Together, turns: Round) -> None:
    application = servers.first.json(
        *("app", "add", "Phone book", "--type", "web", "--scope", "rest openid", "--redirect-uri", REDIRECT)
    )
    asked = {"response_type": "code", "client_id": application["client_id"], "redirect_uri": REDIRECT, "state": "s"}
    asked |= {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256", "scope": "rest openid"}
    alice = servers.person("alice", PASSWORD, turns)
    client = servers.client(turns, auth=credentials_of(application))
    back = alice.allow(f"{servers.issuer}/oauth/authorize?{urlencode(asked)}").answer
    assert back["iss"] == servers.issuer
    redeem = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": REDIRECT}
    told = [bought(client.post("/oauth/token", data=redeem | {"code_verifier": VERIFIER}))]
    for _ in range(5):
        form = {"grant_type": "refresh_token", "refresh_token": told[-1]["refresh_token"]}
        told.append(bought(client.post("/oauth/token", data=form)))
        repeated = bought(client.post("/oauth/token", data=form))  # its answer got lost on the way
        assert repeated["refresh_token"] == told[-1]["refresh_token"]
    for each in (told[0], told[-1]):
        for _ in range(2):
            require_held(client, each["access_token"])
    again = alice.open(f"{servers.issuer}/oauth/authorize?{urlencode(asked | {'id_token_hint': told[0]['id_token']})}")
    assert not isinstance(again, Page)  # neither signed in anew nor asked again


def test_a_device_is_let_in_at_one_and_asks_at_the_other(servers: Together, turns: Round) -> None:
    television = servers.first.json("app", "add", "Television", "--type", "native", "--scope", "rest")
    device = servers.client(turns)
    named = {"client_id": television["client_id"]}
    begun = device.post("/oauth/device_authorization", data=named).json()
    alice = servers.person("alice", PASSWORD, turns)
    done = alice.enter(begun["verification_uri"], begun["user_code"])
    assert done.status == 200, done.text
    form = named | {"grant_type": DEVICE_CODE, "device_code": begun["device_code"]}
    token = bought(device.post("/oauth/token", data=form))["access_token"]
    for _ in range(2):
        require_held(device, token)


def test_a_fresh_secret_is_shown_by_the_server_that_did_not_make_it(servers: Together, turns: Round) -> None:
    browser = servers.client(turns, headers={"accept": "text/html"})
    client = servers.client(turns)
    signed_in = fill(browser, "/login", "/login", username="root", password=PASSWORD)
    assert signed_in.status_code == 303, signed_in.text
    new = {"type": "m2m", "name": "Night shift", "scope": "rest:extensions"}
    shown = browser.get(fill(browser, f"{APPLICATIONS}/new", f"{APPLICATIONS}/new", **new).headers["location"])
    client_id = Seen(shown.content).by_id("client_id")["value"]
    first = secret_on(shown)
    assert SECRET.search(browser.get(shown.request.url).text) is None
    for _ in range(2):
        assert opens(client, client_id, first)
    page = f"{APPLICATIONS}/{client_id}"
    rotated = fill(browser, page, f"{page}/rotate")
    second = secret_on(browser.get(rotated.headers["location"]))
    assert second != first
    for _ in range(2):
        within_a_second(lambda: opens(client, client_id, second))


def require_held(client: httpx2.Client, token: str) -> None:
    answer = client.get(API, headers={"authorization": f"Bearer {token}"}, auth=None)
    assert answer.status_code == 200, answer.text


def fill(browser: httpx2.Client, page: str, action: str, **fields: str) -> httpx2.Response:
    """Open the page at one server, and send its form to the other."""
    opened = browser.get(page)
    assert opened.status_code == 200, opened.text
    return browser.post(action, data=Seen(opened.content).form(action) | fields)


def secret_on(page: httpx2.Response) -> str:
    """The one that it shows."""
    assert page.status_code == 200, page.text
    return Seen(page.content).by_id("client_secret")["value"]


def opens(client: httpx2.Client, client_id: str, secret: str) -> bool:
    form = {"grant_type": "client_credentials"}
    return client.post("/oauth/token", data=form, auth=(client_id, secret)).status_code == 200


def within_a_second(holds: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < LATEST
        time.sleep(0.01)
