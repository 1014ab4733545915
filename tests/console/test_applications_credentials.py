"""Credentials: shown once, taken along as a file, known afterwards by their last four characters alone."""

import json
import re
from pathlib import Path

import pytest

from scopekeeper.oauth.secrets import digest_of
from tests.asking import Answer
from tests.console.applications import again, create, made, page_of
from tests.console.steward import Steward, place, read, signed_in, stewarding
from tests.pages.browsing import Seen

SECRET = re.compile(r"skpr_cs_[0-9A-Za-z]{49}")


def secret_on(answer: Answer) -> str:
    """The secret that a page shows."""
    return Seen(answer.body).by_id("client_secret")["value"]


async def downloaded(s: Steward, page: str, secret: str, kind: str) -> Answer:
    action = f"{page}/download"
    return await s.post(action, {**(await s.proof()), "client_secret": secret, "as": kind})


async def test_the_secret_is_shown_once_and_a_reload_does_not_show_it_again(tmp_path: Path) -> None:
    """Nor does the page of another session, to which the cookie was carried."""
    async with stewarding(tmp_path) as s:
        address = place(await create(s))
        other = await signed_in(s.h, s.person)
        other.browser.cookies["scopekeeper-once"] = s.browser.cookies["scopekeeper-once"]
        assert SECRET.search((await other.browser.get(address)).body.decode()) is None
        first = await s.browser.get(address)
        client = await s.h.house.applications.get(address.split("/")[3])
        assert digest_of(secret_on(first)) == client.secrets[0].digest
        assert Seen(first.body).by_id("client_id")["value"] == client.client_id
        assert first.headers["cache-control"] == "no-store"
        reloaded = await s.browser.get(address)
        assert SECRET.search(reloaded.body.decode()) is None
        assert "The secret was shown once and is not kept here" in read(reloaded)
        assert f"…{client.secrets[0].last_four}" in (await s.page(page_of(client))).text


async def test_the_secret_waits_for_a_minute_and_for_its_own_application(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        other = await made(s, name="Other")
        address = place(await create(s))
        assert SECRET.search((await s.browser.get(page_of(other, "/credentials"))).body.decode()) is None
        s.h.clock.advance(61)
        assert SECRET.search((await s.browser.get(address)).body.decode()) is None


async def test_no_secret_is_in_an_address_a_header_but_the_sealed_cookie_or_the_log(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        answer = await create(s)
        secret = secret_on(await s.browser.get(place(answer)))
        assert secret not in str(answer.headers)
        assert secret not in str(answer.cookies)
        acts = await s.h.house.log.store.acts()
        assert secret not in str(acts)


async def test_it_can_be_taken_along_as_env_and_as_json(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        address = place(await create(s, redirect_uri="https://a.example/it's")).partition("?")[0]
        secret = secret_on(await s.browser.get(address))
        env = await downloaded(s, address, secret, "env")
        client_id = address.split("/")[3]
        assert env.headers["content-disposition"] == f'attachment; filename="{client_id}.env"'
        lines = dict(line.split("=", 1) for line in env.body.decode().splitlines())
        assert (lines["CLIENT_ID"], lines["CLIENT_SECRET"]) == (f"'{client_id}'", f"'{secret}'")
        assert lines["TOKEN_URL"].endswith("/oauth/token'")
        assert lines["REDIRECT_URI"] == '"https://a.example/it\'s"'
        told = (await downloaded(s, address, secret, "json")).json()
        assert (told["client_id"], told["client_secret"], told["scope"]) == (client_id, secret, "rest:callforward:read")
        assert {"authorize_url", "device_url", "graphql_url", "rest_url", "jwks_url"} <= set(told)


async def test_the_file_is_not_made_of_a_secret_that_is_not_this_applications(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        page = page_of(client, "/credentials")
        assert place(await downloaded(s, page, "skpr_cs_<script>", "env")) == page
        without = await downloaded(s, page, "", "env")
        assert without.status == 200
        assert b"CLIENT_SECRET" not in without.body


async def test_a_public_client_has_no_secret_and_the_page_says_so(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        answer = await s.browser.get(place(await create(s, type="spa")))
        assert "client_secret" not in [each.get("id") for each in Seen(answer.body).all("input")]
        assert "It is a public client: it has no secret" in read(answer)


async def test_the_page_has_every_address_and_programs_without_the_secret(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        answer = await s.browser.get(place(await create(s)))
        values = {each["id"]: each["value"] for each in Seen(answer.body).all("input") if "readonly" in each}
        issuer = s.h.house.settings.issuer
        for key, path in {
            "authorize_url": "/oauth/authorize",
            "token_url": "/oauth/token",
            "device_url": "/oauth/device_authorization",
            "revoke_url": "/oauth/revoke",
            "introspect_url": "/oauth/introspect",
            "userinfo_url": "/oauth/userinfo",
            "jwks_url": "/oauth/jwks",
            "rest_url": "/api/rest",
            "graphql_url": "/api/graphql",
            "discovery_url": "/.well-known/oauth-authorization-server",
        }.items():
            assert values[key] == f"{issuer}{path}"
        programs = answer.body.decode().partition("Quick start")[2]
        assert "CLIENT_SECRET" in programs
        assert SECRET.search(programs) is None
        assert values.keys() >= {"client_id", "client_secret", "scopes"}
        urls = await s.page("/console/urls")
        assert urls.by_id("token_url")["value"] == f"{issuer}/oauth/token"


async def test_rotation_shows_the_new_secret_once_and_lets_the_old_one_go_on(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        answer = await s.send(page_of(client), page_of(client, "/rotate"), overlap="1h", label="for <b>autumn</b>")
        assert place(answer) == page_of(client, "/credentials?note=rotated")
        secret = secret_on(await s.browser.get(place(answer)))
        old, new = (await again(s, client)).secrets
        assert digest_of(secret) == new.digest
        assert (old.expires_at, new.expires_at) == (s.h.clock.now() + 3_600, None)
        assert new.label == "for <b>autumn</b>"
        body = (await s.browser.get(page_of(client))).body.decode()
        assert "for &lt;b&gt;autumn&lt;/b&gt;" in body
        assert "not used since the rotation" in body


@pytest.mark.parametrize(("overlap", "left"), [("none", 0), ("24h", 86_400), ("7d", 604_800), ("bogus", 86_400)])
async def test_the_overlap_is_one_of_four(tmp_path: Path, overlap: str, left: int) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        await s.send(page_of(client), page_of(client, "/rotate"), overlap=overlap)
        assert (await again(s, client)).secrets[0].expires_at == s.h.clock.now() + left


async def test_a_rotation_sent_twice_is_done_once(tmp_path: Path) -> None:
    """Back, and once more; or two administrators at the same moment."""
    async with stewarding(tmp_path) as s:
        client = await made(s)
        form = (await s.page(page_of(client))).form(page_of(client, "/rotate"))
        await s.post(page_of(client, "/rotate"), form)
        second = await s.post(page_of(client, "/rotate"), form)
        assert place(second) == page_of(client, "?note=rotated-meanwhile")
        assert len((await again(s, client)).secrets) == 2
        assert "Nothing was done: the secret was rotated meanwhile." in (await s.page(place(second))).text


async def test_an_old_secret_ends_when_it_is_told_to_once(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        await s.send(page_of(client), page_of(client, "/rotate"))
        old, new = (await again(s, client)).secrets
        form = {**(await s.proof()), "secret": str(old.id)}
        assert place(await s.post(page_of(client, "/end-secret"), form)) == page_of(client, "?note=ended")
        assert place(await s.post(page_of(client, "/end-secret"), form)) == page_of(client, "?note=ended-before")
        old, new = (await again(s, client)).secrets
        assert (old.expires_at, new.expires_at) == (s.h.clock.now(), None)
        assert (await s.noted()).action == "application.end_secret"
        for forged in ("", "x", "-1", "9" * 30, str(2**63), "12"):
            answer = await s.post(page_of(client, "/end-secret"), {**form, "secret": forged})
            assert answer.status in (400, 404), forged


async def test_the_only_secret_that_works_is_not_ended(tmp_path: Path) -> None:
    """Its page has no button for that, and a form that says so anyhow is told to rotate first."""
    async with stewarding(tmp_path) as s:
        client = await made(s)
        forms = [each["action"] for each in (await s.page(page_of(client))).all("form")]
        assert page_of(client, "/end-secret") not in forms
        form = {**(await s.proof()), "secret": str(client.secrets[0].id)}
        answer = await s.post(page_of(client, "/end-secret"), form)
        assert "it is the only secret that works" in (await s.page(place(answer))).text
        assert (await again(s, client)).secrets[0].expires_at is None


async def test_a_native_application_gets_its_secret_when_password_is_switched_on(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s, type="native")
        form = {"name": "Phone book", "scope": "rest:callforward:read", "grant": "password"}
        answer = await s.send(page_of(client, "/settings"), page_of(client, "/settings"), **form)
        assert place(answer) == page_of(client, "/credentials?note=confidential")
        shown = await s.browser.get(place(answer))
        assert digest_of(secret_on(shown)) == (await again(s, client)).secrets[0].digest
        assert json.dumps(secret_on(shown)) not in str(await s.h.house.log.store.acts())
