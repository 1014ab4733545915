"""A new application: the type, what that needs, and one application however often the form is sent."""

import re
from pathlib import Path

import pytest

from scopekeeper.oauth.authentication import ACR_VALUES
from scopekeeper.oauth.records import ApplicationType, GrantType, Outliving, TokenFormat
from scopekeeper.services.lists import ClientsAsked
from tests.console.applications import HERE, NEW, create, filled, made
from tests.console.steward import place, read, stewarding
from tests.pages.browsing import Seen


async def test_the_four_types_are_cards_with_a_sentence_each(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        seen = await s.page(NEW)
        radios = [each for each in seen.all("input") if each.get("name") == "type"]
        assert {each["type"] for each in radios} == {"radio"}
        assert [each["value"] for each in radios] == ["web", "spa", "native", "m2m"]
        for title in ("Web-server app", "Browser-based / Single Page app", "Native app", "Machine-to-Machine app"):
            assert title in seen.text


@pytest.mark.parametrize("type", list(ApplicationType))
async def test_each_type_gets_its_grants_and_no_box_of_another_type_counts(
    tmp_path: Path, type: ApplicationType
) -> None:
    """All boxes are sent, in sight or not: what is only of other types is not looked at."""
    async with stewarding(tmp_path) as s:
        switched = ["client_credentials", "device_code", "implicit", "refresh_token", "password"]
        client = await made(
            s, type=type.value, name="All of it", grant=switched, pkce_optional="on", trusted="on",
            default_max_age="12h", outlives_session="never", frontchannel_logout_uri="https://a.example/out",
        )  # fmt: skip
        added = {
            ApplicationType.WEB: {GrantType.CLIENT_CREDENTIALS, GrantType.DEVICE_CODE},
            ApplicationType.SPA: {GrantType.IMPLICIT},
            ApplicationType.NATIVE: {GrantType.PASSWORD},
            ApplicationType.M2M: set(),
        }
        assert client.type is type
        assert added[type] <= set(client.grant_types)
        assert client.pkce_required is (type is not ApplicationType.WEB)
        assert bool(client.redirect_uris) is client.trusted is (type is not ApplicationType.M2M)
        assert (client.default_max_age is not None) is (type is not ApplicationType.M2M)
        assert (client.outlives_session is Outliving.NEVER) is (type is not ApplicationType.M2M)
        assert (client.frontchannel_logout_uri is not None) is (type in (ApplicationType.WEB, ApplicationType.SPA))


async def test_everything_that_is_typed_is_kept(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await made(
            s,
            name="Phone book",
            description="Shows\r\nwho is who.",
            website="https://phones.example/about",
            redirect_uri=["https://a.example/", "", "https://b.example/"],
            more_redirect_uri="https://c.example/\r\nhttps://a.example/\r\n",
            scope=["rest:callforward:read rest:extensions:read", "gql"],
            owner="ROOT",
            token_format="jwt",
            signing_alg="RS256",
            id_token_alg="ES256",
            userinfo_alg="Ed25519",
            access_token_lifetime="15m",
            code_lifetime="30s",
            resource_server="on",
            post_logout_redirect_uri=["https://a.example/bye", "https://b.example/bye"],
            more_post_logout_redirect_uri="https://c.example/bye\r\n",
            backchannel_logout_uri="https://a.example/told",
            frontchannel_logout_uri="https://a.example/frame",
            outlives_session="always",
            default_max_age="12h",
            default_acr_value=list(ACR_VALUES),
            required_acr=ACR_VALUES[-1],
        )
        assert client.redirect_uris == ("https://a.example/", "https://b.example/", "https://c.example/")
        assert client.scope == ("rest:callforward:read", "rest:extensions:read", "gql")
        assert (client.owner, client.token_format, client.signing_alg) == ("root", TokenFormat.JWT, "RS256")
        assert (client.id_token_signed_response_alg, client.userinfo_signed_response_alg) == ("ES256", "Ed25519")
        assert (client.access_token_lifetime, client.code_lifetime) == (900, 30)
        assert client.resource_server
        assert client.post_logout_redirect_uris == tuple(f"https://{host}.example/bye" for host in "abc")
        assert client.backchannel_logout_uri == "https://a.example/told"
        assert (client.frontchannel_logout_uri, client.outlives_session) == (
            "https://a.example/frame",
            Outliving.ALWAYS,
        )
        assert (client.default_max_age, client.default_acr_values) == (43_200, ACR_VALUES)
        assert client.required_acr == ACR_VALUES[-1]
        assert (client.description, client.website) == ("Shows\nwho is who.", "https://phones.example/about")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"type": ""}, "Choose which of the four types it is."),
        ({"name": ""}, "Name has 1 to 100 characters."),
        ({"name": "n" * 10_000}, "Name has 1 to 100 characters."),
        ({"name": "a\u202eb"}, "Name has printable characters only."),
        ({"description": "d" * 10_000}, "Description has 0 to 2000 characters."),
        ({"website": "javascript:alert(1)"}, "A website is an https address: 'javascript:alert(1)'"),
        ({"redirect_uri": "javascript:alert(1)"}, "Use https, http on loopback"),
        ({"redirect_uri": "https://a.example/#x"}, "no fragment"),
        ({"redirect_uri": "https://a.example/" + "a" * 10_000}, "1 to 2000 characters"),
        ({"owner": "nobody"}, "There is no account 'nobody'"),
        ({"owner": "<script>"}, "There is no account"),
        ({"scope": "rest:nothing"}, "No such scope: rest:nothing."),
        ({"access_token_lifetime": "soon"}, "A time must be a duration such as 60s, 15m, 1h or 30d."),
        ({"access_token_lifetime": "99d"}, "An access token lives for 1 second to 30 days."),
        ({"code_lifetime": "1d"}, "A code lives for 1 second to 10 minutes."),
        ({"token_format": "saml"}, "Tokens are opaque, or JWTs."),
        ({"signing_alg": "none"}, "Access tokens are signed with"),
        ({"id_token_alg": "EdDSA"}, "Id_tokens are signed with"),
        ({"userinfo_alg": "EdDSA"}, "Userinfo is signed with"),
        ({"subject_type": "secret"}, "Subjects are public or pairwise."),
        ({"subject_type": "pairwise", "more_redirect_uri": "https://other.example/"}, "one and the same host"),
        ({"sector_identifier_uri": "https://a@b.example/"}, "A sector identifier is an https address"),
        ({"sector_identifier_uri": "https://10.0.0.1/sector.json"}, "It cannot be fetched"),
        ({"frontchannel_logout_uri": "https://b.example/out"}, "Its scheme, host and port are those of a redirect URI"),
        ({"outlives_session": "<script>"}, "Nothing goes on, or what has offline_access, or everything."),
        ({"default_max_age": "soon"}, "A time must be a duration such as 60s, 15m, 1h or 30d."),
        ({"default_max_age": "366d"}, "The longest time since a sign-in is 0 seconds to 365 days."),
        ({"default_acr_value": "<script>"}, "No such acr: '<script>'. There is urn:scopekeeper:acr:password"),
        ({"required_acr": "<script>"}, "No such acr: '<script>'. There is urn:scopekeeper:acr:password"),
        ({"client_id": "../../etc"}, "That is no client_id of ours."),
    ],
)
async def test_what_cannot_stand_is_told_and_nothing_that_was_typed_is_lost(
    tmp_path: Path, fields: dict[str, str], words: str
) -> None:
    async with stewarding(tmp_path) as s:
        answer = await create(s, **{"description": "<b>Kept</b> & \u05e9\u05dc\u05d5\u05dd", **fields})
        assert answer.status == 422
        assert words in read(answer)
        body = answer.body.decode()
        assert fields.get("description", "&lt;b&gt;Kept&lt;/b&gt; &amp; \u05e9\u05dc\u05d5\u05dd") in body
        assert "<script>" not in body
        assert "<b>Kept" not in body
        assert await s.h.house.applications.count(ClientsAsked()) == 0


async def test_what_is_wrong_stands_beside_its_box(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        answer = await create(s, redirect_uri=["https://a.example/", "http://a.example/"])
        seen = Seen(answer.body)
        wrong = [each for each in seen.all("input") if each.get("aria-invalid") == "true"]
        assert [each["value"] for each in wrong] == ["http://a.example/"]
        assert "http is for 127.0.0.1" in seen.text.lower()
        answer = await create(s, sector_identifier_uri="https://10.0.0.1/sector.json")
        seen = Seen(answer.body)
        wrong = [each for each in seen.all("input") if each.get("aria-invalid") == "true"]
        assert [each["value"] for each in wrong] == ["https://10.0.0.1/sector.json"]
        answer = await create(s, frontchannel_logout_uri="https://b.example/out")
        assert re.search(
            r"<details [^>]*data-for=\"web spa native\" open>\s*<summary><h2>Sign-out", answer.body.decode()
        )
        wrong = [each for each in Seen(answer.body).all("input") if each.get("aria-invalid") == "true"]
        assert [each["name"] for each in wrong] == ["frontchannel_logout_uri"]
        answer = await create(s, name="")
        assert Seen(answer.body).by_id("name")["aria-describedby"] == "name-hint name-error"


async def test_without_a_word_what_has_offline_access_outlives_a_session(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        assert (await made(s)).outlives_session is Outliving.OFFLINE_ACCESS
        page = await s.page(f"{NEW}?type=web")
        ways = {
            each["value"]: "checked" in each for each in page.all("input") if each.get("name") == "outlives_session"
        }
        assert ways == {"never": False, "offline_access": True, "always": False}
        assert "For what is granted from now on." in page.text


async def test_the_same_form_sent_twice_makes_one_application(tmp_path: Path) -> None:
    """Back, and once more: it leads on to the application that is there, and shows no secret."""
    async with stewarding(tmp_path) as s:
        form = await filled(s)
        first, second = place(await s.post(NEW, form)), place(await s.post(NEW, form))
        assert first == f"{HERE}/{form['client_id']}/credentials?note=made"
        assert second == f"{HERE}/{form['client_id']}?note=made"
        assert await s.h.house.applications.count(ClientsAsked()) == 1
        assert "was made already, by the same form" in (await s.page(second)).text


async def test_a_selection_of_the_visualizer_is_taken_over_and_unknown_scopes_are_told(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        seen = await s.page(f"{NEW}?type=m2m&scope=rest:callforward:read+rest:nothing&scope=gql:callforward:write")
        [picker] = seen.all("sk-scopes")
        assert picker["selected"] == "rest:callforward:read gql:callforward:write"
        ticked = [each["value"] for each in seen.all("input") if each.get("name") == "scope" and "checked" in each]
        assert set(ticked) == set(picker["selected"].split())
        assert "There is no scope rest:nothing: it is left out." in seen.text
        assert seen.form(NEW)["type"] == "m2m"


@pytest.mark.parametrize(
    ("type", "uri", "words"),
    [
        ("web", "https://a.example/cb", "This address fits."),
        ("web", "http://a.example/cb", "http is for 127.0.0.1"),
        ("web", "com.example.app:/cb", "for native applications only"),
        ("native", "com.example.app:/cb", "This address fits."),
        ("", "com.example.app:/cb", "This address fits."),
        ("native", "javascript:alert(1)", "Use https"),
        ("web", "", ""),
        ("web", "%3Cscript%3E", "characters of RFC 3986"),
    ],
)
async def test_a_redirect_uri_is_checked_while_it_is_typed(tmp_path: Path, type: str, uri: str, words: str) -> None:
    """By the rule that registers it (RFC 6749 §3.1.2)."""
    async with stewarding(tmp_path) as s:
        answer = await s.browser.get(f"{HERE}/check-redirect?type={type}&redirect_uri={uri}")
        assert answer.status == 200
        assert words.lower() in read(answer).lower()
        assert "<html" not in answer.body.decode()
        assert "<script" not in answer.body.decode()


async def test_one_more_box_for_an_address_comes_with_the_next_button(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        answer = await s.browser.get(f"{HERE}/another-redirect?number=2")
        assert Seen(answer.body).by_id("redirect_uri-2")["name"] == "redirect_uri"
        assert "number=3" in answer.body.decode()
        answer = await s.browser.get(f"{HERE}/another-redirect?name=post_logout_redirect_uri&number=2")
        assert Seen(answer.body).by_id("post_logout_redirect_uri-2")["name"] == "post_logout_redirect_uri"
        assert "name=post_logout_redirect_uri&amp;number=3" in answer.body.decode()
        answer = await s.browser.get(f"{HERE}/another-redirect?name=%3Cscript%3E&number=2")
        assert Seen(answer.body).by_id("redirect_uri-2")["name"] == "redirect_uri"
        for odd in ("%3Cb%3E", "9" * 5_000):
            assert (await s.browser.get(f"{HERE}/another-redirect?number={odd}")).status == 200


@pytest.mark.parametrize(
    ("scope", "words"),
    [("rest gql", "may do everything"), ("rest", "covers admin"), ("gql:admin:read", "reaches into admin")],
)
async def test_a_ceiling_that_covers_admin_is_warned_about_before_and_after(
    tmp_path: Path, scope: str, words: str
) -> None:
    async with stewarding(tmp_path) as s:
        assert words in (await s.page(f"{NEW}?type=m2m&scope={scope.replace(' ', '+')}")).text
        answer = await create(s, type="m2m", scope=scope)
        assert words in (await s.page(place(answer))).text
        assert words in (await s.page(place(answer).partition("/credentials")[0])).text
        assert words not in (await s.page(f"{NEW}?type=m2m&scope=rest:callforward")).text
