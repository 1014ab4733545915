"""One application: all that is known of it, edited, mended, switched off, removed."""

import re
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.authentication import ACR_VALUES
from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.records import GrantType, Outliving
from scopekeeper.services.ports import Gone
from tests.altered import replace
from tests.asking import ask, bearer
from tests.console.applications import HERE, again, made, page_of
from tests.console.steward import Steward, place, read, signed_in, stewarding
from tests.pages.browsing import Seen
from tests.persons import a_person, granted


async def settings(s: Steward, client: Any, **fields: str | list[str]) -> dict[str, str | list[str]]:
    """The form of its settings, as it stands there."""
    address = page_of(client, "/settings")
    page = await s.page(address)
    now = await again(s, client)
    usual = {"name": now.name, "scope": " ".join(now.scope), "description": now.description}
    usual |= {"token_format": now.token_format.value, "signing_alg": now.signing_alg}
    usual |= {"id_token_alg": now.id_token_signed_response_alg, "subject_type": now.subject_type.value}
    usual |= {"userinfo_alg": now.userinfo_signed_response_alg or ""}
    usual |= {"sector_identifier_uri": now.sector_identifier_uri or ""}
    usual |= {"required_acr": now.required_acr or ""}
    more = {"post_logout_redirect_uri": list(now.post_logout_redirect_uris)}
    more |= {"default_acr_value": list(now.default_acr_values)} if now.default_acr_values else {}
    return {**page.form(address), **usual, **more, "redirect_uri": list(now.redirect_uris), **fields}


async def test_everything_about_it_is_there(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s, description="Shows who is who.", website="https://phones.example/", owner="root")
        await granted(s.h, await a_person(s.h, "alice"), client)
        text = (await s.page(page_of(client))).text
        for word in (
            "Phone book", "Web-server app", "Shows who is who.", "https://phones.example/", "root",
            "authorization_code", "https://a.example/", "rest:callforward:read", "the one to use", "opaque",
            "live 1 hour", client.secrets[0].digest[:4].hex(), "registered the application",
        ):  # fmt: skip
            assert word in text, word
        links = {each["href"] for each in (await s.page(page_of(client))).all("a")}
        for address in ("tokens?app=", "refresh-tokens?app=", "consents?app=", "audit?target=", "scopes?compare="):
            assert f"/console/{address}{client.client_id}" in links, address
        assert f"/console/graphql?client={client.client_id}" not in links, "it has nothing of GraphQL"
        assert "/console/docs/rest?scope=rest%3Acallforward%3Aread" in links
        several = await made(s, name="Both", scope="gql:callforward:read openid")
        links = {each["href"] for each in (await s.page(page_of(several))).all("a")}
        assert f"/console/graphql?client={several.client_id}" in links
        assert "/console/docs/graphql?scope=gql%3Acallforward%3Aread+openid" in links
        assert not [each for each in links if each.startswith("/console/docs/rest?")]


async def test_what_it_did_is_shown_and_what_it_could_do_without(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        mine = await s.h.register("rest:callforward rest:extensions")
        token = await s.h.token(mine)
        assert (await s.h.get("/api/rest/callforward/users", token)).status == 200
        await ask(s.h.front, "GET", "/api/rest/admin/users", headers=[bearer(token)])
        house = s.h.house
        await house.uses.write(house.store, house.clock, house.entropy)
        client = await house.applications.get(mine.client_id)
        text = (await s.page(page_of(client))).text
        assert "rest:callforward:read" in text
        assert "203.0.113.7" in text
        assert "Least privilege" in text
        form = (await s.page(page_of(client))).form(page_of(client, "/mend"))
        answer = await s.post(page_of(client, "/mend"), {**form, "finding": "narrow"})
        assert place(answer) == page_of(client, "?note=mended")
        assert (await again(s, client)).scope == ("rest:callforward:read",)


async def test_a_finding_is_told_with_its_clause_and_mended_by_its_button(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s, type="native", grant="password")
        page = await s.page(page_of(client))
        assert "RFC 9700 §2.4" in page.text
        form = {**page.form(page_of(client, "/mend")), "finding": "password_grant"}
        assert place(await s.post(page_of(client, "/mend"), form)) == page_of(client, "?note=mended")
        assert GrantType.PASSWORD not in (await again(s, client)).grant_types
        assert (await s.noted()).action == "application.change"
        assert place(await s.post(page_of(client, "/mend"), form)) == page_of(client, "?note=changed-meanwhile")
        for forged in ("", "<script>", "no_scopes"):
            await s.post(page_of(client, "/mend"), {**form, "finding": forged})
        assert (await again(s, client)).revision == client.revision + 1


async def test_settings_are_saved_and_shown_as_they_are(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s, description="Old", website="https://phones.example/")
        form = await settings(
            s, client, name="New <name>", description="", website="", scope="gql", grant="device_code",
            redirect_uri=["https://b.example/"], access_token_lifetime="10m", pkce_optional="on",
        )  # fmt: skip
        assert place(await s.post(page_of(client, "/settings"), form)) == page_of(client, "?note=saved")
        now = await again(s, client)
        assert (now.name, now.description, now.website, now.scope) == ("New <name>", "", None, ("gql",))
        assert now.redirect_uris == ("https://b.example/",)
        assert (now.access_token_lifetime, now.pkce_required) == (600, False)
        assert GrantType.DEVICE_CODE in now.grant_types
        seen = await s.page(page_of(client, "/settings"))
        assert seen.by_id("name")["value"] == "New <name>"
        assert seen.by_id("access_token_lifetime")["value"] == "10m"
        assert "checked" in seen.by_id("pkce_optional")
        assert "checked" in seen.by_id("grant-web-device_code")


async def test_what_it_says_of_signing_in_and_out_is_shown_and_saved_as_it_is(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(
            s, scope="openid", post_logout_redirect_uri=["https://a.example/bye", "https://a.example/home"],
            backchannel_logout_uri="https://a.example/told", frontchannel_logout_uri="https://a.example/frame",
            outlives_session="always", default_max_age="90m", default_acr_value=list(ACR_VALUES),
            required_acr=ACR_VALUES[-1],
        )  # fmt: skip
        text = (await s.page(page_of(client))).text
        for word in (
            "https://a.example/bye", "https://a.example/home", "https://a.example/told", "https://a.example/frame",
            "Goes on everything", "Signing out does not stop it", "at most 90 minutes old",
            "Sign-ins reach", *ACR_VALUES,
        ):  # fmt: skip
            assert word in text, word
        assert place(await s.post(page_of(client, "/settings"), await settings(s, client, name="Other"))).endswith(
            "saved"
        )
        now = await again(s, client)
        assert replace(client, name="Other", updated_at=now.updated_at, revision=now.revision) == now
        cleared = await settings(
            s, client, post_logout_redirect_uri="", backchannel_logout_uri="", frontchannel_logout_uri="",
            outlives_session="never", default_max_age="0", required_acr="",
        )  # fmt: skip
        del cleared["default_acr_value"]
        await s.post(page_of(client, "/settings"), cleared)
        now = await again(s, client)
        assert (now.post_logout_redirect_uris, now.backchannel_logout_uri, now.frontchannel_logout_uri) == (
            (),
            None,
            None,
        )
        assert (now.outlives_session, now.default_max_age, now.default_acr_values) == (Outliving.NEVER, 0, ())
        assert (client.required_acr, now.required_acr) == (ACR_VALUES[-1], None)
        text = (await s.page(page_of(client))).text
        assert "Goes on nothing, not even with offline_access" in text
        assert "anew each time" in text


async def test_what_the_log_says_of_sessions_is_told_in_words(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        changes = await settings(
            s, client, outlives_session="never", default_max_age="1h", default_acr_value=list(ACR_VALUES),
            frontchannel_logout_uri="https://a.example/frame",
        )  # fmt: skip
        await s.post(page_of(client, "/settings"), changes)
        text = (await s.page(f"/console/audit/{jti_of((await s.noted()).id)}")).text
        for word in (
            "Goes on when a session is ended", "Seconds that a sign-in may be old", "How people should sign in",
            "Front-channel logout URI", "3600", "never", *ACR_VALUES,
        ):  # fmt: skip
            assert word in text, word


async def test_what_a_type_has_no_box_for_stays_as_it_is(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s, type="m2m")
        kept = Changes(redirect_uris=("https://kept.example/",), website="https://kept.example/")
        await s.h.house.applications.change(client.client_id, kept, "cli:test")
        await s.post(page_of(client, "/settings"), await settings(s, client, name="Other"))
        now = await again(s, client)
        assert (now.name, now.redirect_uris) == ("Other", ("https://kept.example/",))
        assert now.website == "https://kept.example/"


async def test_settings_that_cannot_stand_are_told_and_nothing_is_lost(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        form = await settings(s, client, description="kept", redirect_uri=["javascript:alert(1)"])
        answer = await s.post(page_of(client, "/settings"), form)
        assert answer.status == 422
        assert "Use https" in read(answer)
        assert "kept" in answer.body.decode()
        assert (await again(s, client)).revision == client.revision


async def test_two_administrators_do_not_overwrite_each_other_unseen(tmp_path: Path) -> None:
    """What I left alone is as the other one made it; what we both changed stands side by side; then I decide."""
    async with stewarding(tmp_path) as s:
        client = await made(s, description="As it was")
        other = await signed_in(s.h, await a_person(s.h, "bob", admin=True))
        mine = await settings(s, client, name="My name")
        theirs = await settings(other, client, name="Their name", description="Their words")
        await other.post(page_of(client, "/settings"), theirs)
        answer = await s.post(page_of(client, "/settings"), mine)
        assert answer.status == 409
        text = read(answer)
        assert "Somebody else changed it meanwhile" in text
        assert "bob saved" in text
        for word in ("Phone book", "Their name", "My name", "As it was", "Their words"):
            assert word in text, word
        seen = Seen(answer.body)
        assert seen.by_id("name")["value"] == "My name"
        assert re.search(r"<textarea[^>]*name=\"description\"[^>]*>\s*Their words</textarea>", answer.body.decode())
        assert (await again(s, client)).name == "Their name"
        form = {**mine, **seen.form(page_of(client, "/settings")), "description": "Their words", "name": "My name"}
        assert place(await s.post(page_of(client, "/settings"), form)) == page_of(client, "?note=saved")
        now = await again(s, client)
        assert (now.name, now.description) == ("My name", "Their words")


async def test_what_another_said_of_sessions_meanwhile_stands_beside_what_i_say(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        other = await signed_in(s.h, await a_person(s.h, "bob", admin=True))
        mine = await settings(s, client, outlives_session="always", description="Mine")
        theirs = await settings(
            other, client, outlives_session="never", default_max_age="1h", default_acr_value=list(ACR_VALUES),
            frontchannel_logout_uri="https://a.example/frame",
        )  # fmt: skip
        await other.post(page_of(client, "/settings"), theirs)
        answer = await s.post(page_of(client, "/settings"), mine)
        assert answer.status == 409
        text = " ".join(read(answer).split())
        assert "Goes on when a session is ended offline_access never always" in text
        assert "Sign-ins are at most this old nothing 1h nothing else" in text
        assert f"How people should sign in nothing {' '.join(ACR_VALUES)} nothing else" in text
        assert "Shown in a frame when somebody signs out nothing https://a.example/frame nothing else" in text
        form = Seen(answer.body).form(page_of(client, "/settings"))
        assert (form["outlives_session"], form["default_max_age"]) == ("always", "1h")
        assert form["frontchannel_logout_uri"] == "https://a.example/frame"


async def test_a_form_sent_twice_saves_once(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        form = await settings(s, client, name="New")
        assert (await s.post(page_of(client, "/settings"), form)).status == 303
        assert (await s.post(page_of(client, "/settings"), form)).status == 409
        assert (await again(s, client)).revision == client.revision + 1
        for forged in ("", "x", "-1", "9" * 30):
            answer = await s.post(page_of(client, "/settings"), {**form, "revision": forged})
            assert answer.status in (400, 409), forged


async def test_it_is_switched_off_and_on(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        mine = await s.h.register("rest:callforward")
        token = await s.h.token(mine)
        client = await s.h.house.applications.get(mine.client_id)
        for _ in range(2):
            form = {**(await s.proof()), "act": "disable"}
            assert place(await s.post(page_of(client, "/state"), form)) == page_of(client, "?note=disabled")
        assert (await s.h.get("/api/rest/callforward/users", token)).status == 401
        await s.post(page_of(client, "/state"), {**(await s.proof()), "act": "enable"})
        assert (await s.h.get("/api/rest/callforward/users", token)).status == 200


async def test_removing_takes_its_name_and_says_what_goes(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s)
        await granted(s.h, await a_person(s.h, "alice"), client)
        address = page_of(client, "/remove")
        text = (await s.page(address)).text
        assert "1 secret that works" in text
        assert "1 live access token, 1 refresh token" in text
        for wrong in ("", "phone book", "Phone"):
            answer = await s.send(address, address, typed=wrong)
            assert answer.status == 422
            assert "That is not its name." in read(answer)
        form = {**(await s.page(address)).form(address), "typed": "Phone book"}
        for _ in range(2):
            assert place(await s.post(address, form)) == f"{HERE}?note=removed"
        with pytest.raises(Gone):
            await again(s, client)
        assert (await s.browser.get(page_of(client))).status == 404


async def test_the_quick_start_has_this_applications_values_in_four_languages(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(s, redirect_uri="https://a.example/it's?$x", grant=["client_credentials", "device_code"])
        text = (await s.page(page_of(client, "/quick-start"))).text
        for word in ("curl", "Python", "JavaScript", "PHP", client.client_id, "/api/rest/callforward/users"):
            assert word in text, word
        for title in ("For itself", "For a person", "On a device"):
            assert title in text
        assert "'redirect_uri=https://a.example/it'\"'\"'s?$x'" in text
        assert "'https://a.example/it\\'s?$x'" in text
        lonely = await made(s, type="spa", redirect_uri="")
        assert "Give it a redirect URI first" in (await s.page(page_of(lonely, "/quick-start"))).text
