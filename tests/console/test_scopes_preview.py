"""Previews of the consent page and of the token: by the code that asks and issues; nothing can be done with them."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.records import TokenFormat
from scopekeeper.oauth.secrets import PATTERN
from tests.console.steward import Steward, stewarding
from tests.pages.browsing import Seen, text_of
from tests.persons import an_application

TOKEN = "/console/scopes/preview/token"
CONSENT = "/console/scopes/preview/consent"


async def shown(s: Steward, target: str) -> str:
    answer = await s.browser.get(target)
    assert answer.status == 200
    return unescape(answer.body.decode())


def samples(page: str) -> dict[str, dict[str, object]]:
    """What is shown as JSON, by its heading."""
    parts = page.split('<div class="sample"><h3>')[1:]
    return {part.partition("<")[0]: json.loads(part.partition("<code>")[2].partition("</code>")[0]) for part in parts}


async def test_people_would_be_asked_by_the_very_page_and_nothing_of_it_can_be_sent(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await an_application(s.h, "rest:callforward openid")
        answer = await s.browser.get(f"{CONSENT}?scope=rest:callforward+openid&client={client.client_id}")
        page = Seen(answer.body)
        for said in ("Phone book asks for access", "A preview.", "Read and change everything in Call Forward"):
            assert said in page.text
        assert page.all("form") == []
        assert ["disabled" in button for button in page.all("button")] == [True, True]
        assert b"frame-ancestors 'none'" in answer.headers["content-security-policy"].encode()
        assert await s.h.house.store.consent(s.person.id, client.client_id) is None


async def test_row_47_a_preview_proves_nothing_to_the_page_that_asks(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await an_application(s.h, "rest")
        page = Seen((await s.browser.get(f"{CONSENT}?scope=rest&client={client.client_id}")).body)
        assert page.all("input") == []


async def test_the_consent_page_can_be_seen_in_german(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        answer = await s.browser.get(f"{CONSENT}?scope=rest:callforward&language=de")
        assert "Ablehnen" in text_of(answer)


async def test_what_would_be_refused_is_told(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        assert "The scope names nothing." in await shown(s, CONSENT)
        night = await s.h.register(name="Night shift")
        assert "never asks anybody" in await shown(s, f"{CONSENT}?scope=rest&client={night.client_id}")
        page = await shown(s, f"{TOKEN}?scope=rest+openid&client={night.client_id}")
        assert "It would be refused: invalid_scope. Identity scopes are given to people only" in page


async def test_a_token_would_be_as_the_token_endpoint_makes_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        night = await s.h.register("rest:callforward:read", name="Night shift")
        made = samples(await shown(s, f"{TOKEN}?scope=rest:callforward:read&client={night.client_id}"))
        answer = (await s.h.ask_token(night, scope="rest:callforward:read")).json()
        veiled = {**answer, "access_token": "skpr_at_…"}
        assert made["Token response"] == veiled
        assert list(made["Token response"]) == list(answer)
        told = await s.h.introspect(answer["access_token"], night)
        assert made["Introspection says"] == {**told, "jti": "…"}


async def test_a_jwt_would_say_what_a_jwt_says(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await an_application(s.h, "openid rest")
        page = await shown(s, f"{TOKEN}?scope=openid+rest&client={client.client_id}&format=jwt")
        made = samples(page)
        assert made["In the access token"]["aud"] == f"{s.h.house.settings.issuer}/api"
        assert made["In the access token"]["scope"] == "openid rest"
        assert made["In the id_token"]["aud"] == client.client_id
        assert made["Token response"]["id_token"] == "…"
        assert "nothing is issued, nothing is signed" in page
        changed = await s.h.house.applications.change(
            client.client_id, Changes(token_format=TokenFormat.JWT), "cli:test"
        )
        assert "In the access token" in await shown(s, f"{TOKEN}?scope=rest&client={changed.client.client_id}")


@pytest.mark.parametrize("format", ["opaque", "jwt"])
async def test_row_31_no_token_that_works_is_ever_shown(tmp_path: Path, format: str) -> None:
    async with stewarding(tmp_path) as s:
        client = await an_application(s.h, "rest gql openid offline_access")
        before = len(await s.h.house.store.acts(limit=500))
        page = await shown(s, f"{TOKEN}?scope=rest+gql+openid&client={client.client_id}&format={format}")
        assert not re.search(PATTERN, page)
        assert "eyJ" not in page
        assert len(await s.h.house.store.acts(limit=500)) == before


async def test_an_example_stands_where_no_application_is_chosen(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await shown(s, f"{TOKEN}?scope=rest")
        assert "an example stands for it" in page
        assert samples(page)["Introspection says"]["client_id"] == "example"
        await an_application(s.h, "gql", "Night shift")
        page = await shown(s, f"{TOKEN}?scope=rest&application=night")
        assert "Night shift may not have rest yet" in page
