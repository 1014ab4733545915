"""`/oauth/logout`, with a whole house behind it: who is asked, who is not, and where nobody is sent."""

from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from structlog.testing import capture_logs

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.logout import LONGEST, LONGEST_STATE
from scopekeeper.services.ports import Unavailable
from scopekeeper.store import SqlStore
from tests.asking import Answer, ask
from tests.building import Built, built
from tests.pages.browsing import Browser, Seen, text_of
from tests.web.applicant import policy
from tests.web.departing import BYE, LOGOUT, a_relying_party, decided, is_in, shown, stayed, url

FRAME = "https://app.example/out?way=front"
FORGED = [
    ({"csrf": ""}, {}),
    ({"csrf": "0" * 64}, {}),
    ({}, {"origin": "https://evil.example"}),
    ({}, {"origin": "null"}),
    ({}, {"sec_fetch_site": "cross-site"}),
]


async def acts(h: Built) -> list[tuple[str, str, object]]:
    """Which sessions were ended: by whom, whose, and what else is noted of it."""
    return [
        (act.actor, act.target, dict(act.details)) for act in await h.house.store.acts() if act.action == "session.end"
    ]


def refused(answer: Answer, said: str) -> None:
    """Told to the person, and nobody is sent anywhere."""
    assert (answer.status, "location" in answer.headers) == (400, False), answer
    assert said in text_of(answer)
    assert "We could not sign you out" in text_of(answer)
    assert policy(answer, "frame-ancestors") == "'none'"


async def test_whoever_shows_an_id_token_of_this_session_is_signed_out_at_once_and_goes_on(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        hint = await shown(h, user, client, session)
        answer = await browser.get(url(id_token_hint=hint, post_logout_redirect_uri=BYE, state="x y"))
        assert (answer.status, answer.headers["location"]) == (303, f"{BYE}?state=x%20y")
        assert "scopekeeper" not in browser.cookies
        assert await h.house.store.session(session.id) is None
        assert await acts(h) == [("user:alice", "alice", {"client_id": client.client_id})]


async def test_whoever_shows_none_is_asked_by_whom_and_as_whom(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, _, _ = await stayed(h)
        page = await browser.get(url(client_id=client.client_id, post_logout_redirect_uri=BYE))
        text = text_of(page)
        for said in (
            "Sign out?",
            "Team Calendar asks whether",
            "Signed in as alice",
            "Then you go on to app.example .",
        ):
            assert said in text, said
        buttons = [(each["name"], each["value"]) for each in Seen(page.body).all("button")]
        assert buttons == [("decision", "approve"), ("decision", "deny")]
        assert await is_in(browser)
        answer = await decided(browser, page)
        assert (answer.status, answer.headers["location"]) == (303, BYE)
        assert not await is_in(browser)
        assert await acts(h) == [("user:alice", "alice", {"client_id": client.client_id})]


async def test_without_a_word_one_is_asked_and_stays_here(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        browser, _, _ = await stayed(h)
        page = await browser.get(LOGOUT)
        assert "An application asks whether you want to sign out here." in text_of(page)
        assert policy(page, "form-action") == "'self'"
        answer = await decided(browser, page)
        assert answer.status == 200
        assert "You are signed out" in text_of(answer)
        assert {link["href"] for link in Seen(answer.body).all("a")} == {"/login"}
        assert not await is_in(browser)
        assert await acts(h) == [("user:alice", "alice", {})]


async def test_whoever_stays_is_led_to_their_account(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, _, _ = await stayed(h)
        page = await browser.get(url(client_id=client.client_id, post_logout_redirect_uri=BYE))
        answer = await decided(browser, page, "deny")
        assert (answer.status, answer.headers["location"]) == (303, "/account")
        assert await is_in(browser)


async def test_row_9_where_nobody_is_signed_in_it_goes_on_as_often_as_one_likes(tmp_path: Path) -> None:
    """OpenID Connect RP-Initiated Logout §2: idempotent."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        request = url(id_token_hint=await shown(h, user, client, session), post_logout_redirect_uri=BYE, state="s")
        for _ in range(3):
            assert (await browser.get(request)).headers["location"] == f"{BYE}?state=s"
        assert "You are signed out" in text_of(await Browser(h.front).get(LOGOUT))
        assert len(await acts(h)) == 1


async def test_row_9_the_hint_of_another_session_signs_nobody_out_by_itself(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        client, other = await a_relying_party(h), await a_relying_party(h, "Other")
        browser, user, _ = await stayed(h)
        _, _, elsewhere = await stayed(h)
        _, mallory, mallorys = await stayed(h, "mallory")
        for hint in (
            await shown(h, user, client, elsewhere),
            await shown(h, mallory, client, mallorys),
            await shown(h, mallory, other, mallorys),
        ):
            page = await browser.get(url(id_token_hint=hint, post_logout_redirect_uri=BYE))
            assert "Sign out?" in text_of(page)
            assert await is_in(browser)
        assert await h.house.store.session(elsewhere.id) is not None
        assert await acts(h) == []


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_row_9_what_is_not_sound_ends_nothing_and_leads_nowhere(tmp_path: Path, method: str) -> None:
    """RFC 9700 §4.11: no open redirector; ASVS 5.0 10.6.2: logout requests are validated."""
    async with built(tmp_path) as h:
        client, other = await a_relying_party(h), await a_relying_party(h, "Other", post_logout_redirect_uris=())
        browser, user, session = await stayed(h)
        hint, theirs = await shown(h, user, client, session), await shown(h, user, other, session)
        mine = {"client_id": client.client_id}
        for parameters, said in (
            ({"id_token_hint": hint, "post_logout_redirect_uri": f"{BYE}/"}, "(post_logout_redirect_uri) is not one"),
            ({"id_token_hint": theirs, "post_logout_redirect_uri": BYE}, "(post_logout_redirect_uri) is not one"),
            ({**mine, "post_logout_redirect_uri": "https://evil.example/"}, "Team Calendar sent you here"),
            ({"post_logout_redirect_uri": BYE}, "not for which application"),
            ({"id_token_hint": hint[:-2], "post_logout_redirect_uri": BYE}, "(id_token_hint) was not issued here"),
            ({"id_token_hint": theirs, **mine}, "was issued to another application"),
            ({"client_id": "nobody"}, "not registered here, or was switched off"),
            ({**mine, "state": "x" * (LONGEST_STATE + 1)}, "(state or logout_hint) is far too long"),
            ({**mine, "logout_hint": "x" * 2_000}, "(state or logout_hint) is far too long"),
            ({**mine, "x": "x" * LONGEST}, "damaged on its way, or is far too long"),
        ):
            ask_for = browser.get(url(**parameters)) if method == "GET" else browser.post(LOGOUT, parameters)
            refused(await ask_for, said)
        for raw in (f"client_id={client.client_id}&client_id=x", "state=a&state=b"):
            refused(await (browser.get(f"{LOGOUT}?{raw}") if method == "GET" else browser.post(LOGOUT, raw)), "twice")
        for raw in ("state=%zz", "state=%00", "state=%ff"):
            refused(await (browser.get(f"{LOGOUT}?{raw}") if method == "GET" else browser.post(LOGOUT, raw)), "damaged")
        assert await is_in(browser)
        assert await acts(h) == []


async def test_row_32_what_is_posted_as_anything_but_a_form_is_refused(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        kind = ("content-type", "application/json")
        refused(await ask(h.front, "POST", LOGOUT, headers=[kind], body=b"{}"), "damaged")
        assert (await Browser(h.front).post(LOGOUT, "x=" + "x" * 70_000)).status == 413
        assert (await ask(h.front, "PUT", LOGOUT)).status == 405


async def test_an_application_may_post_and_the_browser_comes_back_with_its_cookie(tmp_path: Path) -> None:
    """OpenID Connect RP-Initiated Logout §2: GET and POST; another site's POST comes without our cookie (SameSite)."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        form = {"id_token_hint": await shown(h, user, client, session), "post_logout_redirect_uri": BYE, "state": "ü &"}
        posted = await Browser(h.front).post(LOGOUT, form, origin="https://app.example", sec_fetch_site="cross-site")
        assert (posted.status, posted.headers["location"].partition("?")[0]) == (303, LOGOUT)
        answer = await browser.get(posted.headers["location"])
        assert answer.headers["location"] == f"{BYE}?state=%C3%BC%20%26"
        assert not await is_in(browser)
        assert (await browser.post(LOGOUT, "")).headers["location"] == LOGOUT


@pytest.mark.parametrize(("fields", "headers"), FORGED)
async def test_row_47_a_forged_form_signs_nobody_out(
    tmp_path: Path, fields: dict[str, str], headers: dict[str, str]
) -> None:
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, _, _ = await stayed(h)
        page = await browser.get(url(client_id=client.client_id, post_logout_redirect_uri=BYE))
        form = Seen(page.body).form(LOGOUT) | {"decision": "approve"} | fields
        answer = await browser.post(LOGOUT, form, **headers)
        assert (answer.status, "location" in answer.headers) == (403, False)
        assert await is_in(browser)


async def test_row_47_a_link_decides_nothing(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, _, _ = await stayed(h)
        page = await browser.get(url(client_id=client.client_id))
        form = Seen(page.body).form(LOGOUT)
        answer = await browser.get(url(**form, client_id=client.client_id, decision="approve"))
        assert "Sign out?" in text_of(answer)
        assert policy(answer, "frame-ancestors") == "'none'"
        assert await is_in(browser)


async def test_row_47_a_form_answers_for_nothing_but_what_it_showed(tmp_path: Path) -> None:
    """Not for another application, another address, another state; and neither yes nor no is neither."""
    async with built(tmp_path) as h:
        client, other = await a_relying_party(h), await a_relying_party(h, "Other")
        browser, _, _ = await stayed(h)
        sent = {"client_id": client.client_id, "post_logout_redirect_uri": BYE, "state": "a"}
        page = await browser.get(url(**sent))
        for request in (
            {**sent, "client_id": other.client_id},
            {**sent, "state": "b"},
            {"client_id": client.client_id},
        ):
            answer = await decided(browser, page, request=urlencode(request))
            assert answer.status == 403
            assert {link["href"] for link in Seen(answer.body).all("a")} == {
                url(**request).replace("%3A", ":").replace("%2F", "/")
            }
        assert (await decided(browser, page, "perhaps")).status == 400
        assert await is_in(browser)


async def test_an_answer_that_comes_too_late_is_sane(tmp_path: Path) -> None:
    """The session has ended, another has begun, or the application is gone: nothing happens that nobody wanted."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, _, _ = await stayed(h)
        sent = {"client_id": client.client_id, "post_logout_redirect_uri": BYE}
        page = await browser.get(url(**sent))
        # Another session is there by now: it is asked again, not ended.
        browser.cookies["scopekeeper"] = await another(h, "alice")
        assert (await decided(browser, page)).status == 403
        assert await is_in(browser)
        # Somebody else is.
        browser.cookies["scopekeeper"] = await another(h, "bob")
        assert (await decided(browser, page)).status == 403
        assert await is_in(browser)
        # Nobody is: it goes on, as it does for whoever comes anew.
        del browser.cookies["scopekeeper"]
        answer = await decided(browser, page)
        assert answer.headers["location"].startswith(f"{LOGOUT}?")
        assert (await browser.get(answer.headers["location"])).headers["location"] == BYE
        # The application was renamed, switched off, or is gone.
        browser, _, _ = await stayed(h)
        page = await browser.get(url(**sent))
        await h.house.applications.change(client.client_id, Changes(name="Other"), "cli:test")
        assert (await decided(browser, page)).status == 403
        await h.house.applications.change(client.client_id, Changes(enabled=False), "cli:test")
        refused(await decided(browser, page), "switched off")
        await h.house.applications.remove(client.client_id, "cli:test")
        refused(await decided(browser, page), "not registered here")
        assert await is_in(browser)


async def another(h: Built, name: str) -> str:
    """The cookie of another session of that person."""
    browser, _, _ = await stayed(h, name)
    return browser.cookies["scopekeeper"]


async def test_to_look_ends_nothing(tmp_path: Path) -> None:
    """RFC 9110 §9.3.2: HEAD is asked by who wants to know what there is."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        request = url(id_token_hint=await shown(h, user, client, session))
        cookie = ("cookie", f"scopekeeper={browser.cookies['scopekeeper']}")
        assert (await ask(h.front, "HEAD", request, headers=[cookie])).status == 200
        assert await is_in(browser)


async def test_row_47_the_browser_tells_applications_in_frames_of_their_origins_alone(tmp_path: Path) -> None:
    """OpenID Connect Front-Channel Logout §2, §3."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h, frontchannel_logout_uri=FRAME)
        other = await a_relying_party(
            h,
            "Other",
            redirect_uris=("https://other.example:8443/cb",),
            frontchannel_logout_uri="https://other.example:8443/out",
        )
        stranger = await a_relying_party(h, "Stranger", frontchannel_logout_uri=FRAME)
        browser, user, session = await stayed(h)
        hint = await shown(h, user, client, session)
        await shown(h, user, other, session)
        answer = await browser.get(url(id_token_hint=hint, post_logout_redirect_uri=BYE, state="s"))
        page = Seen(answer.body)
        subjects, iss = h.house.issuing.subjects, urlencode({"iss": h.house.settings.issuer})
        assert {frame["src"] for frame in page.all("iframe")} == {
            f"{FRAME}&{iss}&sid={subjects.sid(client, session.id)}",
            f"https://other.example:8443/out?{iss}&sid={subjects.sid(other, session.id)}",
        }
        assert all("hidden" in frame and "allow-top-navigation" not in frame["sandbox"] for frame in page.all("iframe"))
        assert subjects.sid(stranger, session.id) not in answer.body.decode()
        assert set(policy(answer, "frame-src").split()) == {"https://app.example", "https://other.example:8443"}
        assert (policy(answer, "default-src"), policy(answer, "script-src")) == ("'none'", "'self'")
        assert (policy(answer, "frame-ancestors"), policy(answer, "form-action")) == ("'none'", "'self'")
        [link] = page.all("a")
        assert (link["href"], "data-onward" in link) == (f"{BYE}?state=s", True)
        assert len(page.all("script")) == 1
        assert not await is_in(browser)
        assert policy(await browser.get(LOGOUT), "frame-src") == ""


async def test_row_48_what_comes_back_with_the_person_is_no_markup(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        client = await a_relying_party(h, frontchannel_logout_uri=FRAME, name="<b>Calendar</b>")
        browser, user, session = await stayed(h)
        hint, state = await shown(h, user, client, session), '"><script>alert(1)</script>'
        sent = {"post_logout_redirect_uri": BYE, "state": state, "ui_locales": state, "logout_hint": state}
        for answer in (
            await browser.get(url(**sent, client_id=client.client_id)),
            await browser.get(url(**sent, client_id=state)),
            await browser.get(url(**sent, id_token_hint=hint)),
        ):
            assert b"<script>alert" not in answer.body
            assert b"<b>Calendar" not in answer.body


async def test_signing_out_in_the_account_tells_the_same_applications(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        client = await a_relying_party(h, frontchannel_logout_uri=FRAME)
        browser, user, session = await stayed(h)
        await shown(h, user, client, session)
        answer = await browser.fill("/account", "/account/sign-out")
        page = Seen(answer.body)
        assert answer.status == 200
        assert "You are signed out" in page.text
        assert [urlsplit(frame["src"]).netloc for frame in page.all("iframe")] == ["app.example"]
        assert [link["href"] for link in page.all("a")] == ["/login?note=out"]
        assert "scopekeeper" not in browser.cookies
        assert not await is_in(browser)
        assert await acts(h) == [("user:alice", "alice", {})]


async def test_the_page_speaks_the_language_that_the_application_asks_for(tmp_path: Path) -> None:
    """OpenID Connect RP-Initiated Logout §2, ui_locales."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        asked = url(client_id=client.client_id, ui_locales="fr de en")
        page = await browser.get(asked)
        assert "Abmelden?" in text_of(page)
        assert 'lang="de"' in page.body.decode()
        hint = await shown(h, user, client, session)
        assert 'lang="de"' in (await browser.get(url(id_token_hint=hint, ui_locales="de-CH"))).body.decode()


async def test_row_31_the_log_has_neither_hint_nor_state(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        hint = await shown(h, user, client, session)
        with capture_logs() as logged:
            await browser.get(url(id_token_hint=hint, state="s3cret", post_logout_redirect_uri="https://evil.example/"))
            await browser.get(url(id_token_hint=hint, state="s3cret", post_logout_redirect_uri=BYE))
        assert "redirect_foreign" in str(logged)
        for secret in (hint, hint.split(".")[2], "s3cret", "evil.example"):
            assert secret not in str(logged)


class Away(SqlStore):
    """Does not end sessions just now."""

    async def end_session(self, row_id: int, act: object) -> None:
        raise Unavailable("disk gone")


async def test_what_could_not_be_ended_is_not_said_to_be(tmp_path: Path) -> None:
    async with built(tmp_path, around=lambda store: _away(store)) as h:
        client = await a_relying_party(h)
        browser, user, session = await stayed(h)
        hint = await shown(h, user, client, session)
        answer = await browser.get(url(id_token_hint=hint, post_logout_redirect_uri=BYE))
        assert (answer.status, "location" in answer.headers) == (503, False)
        assert "scopekeeper" in browser.cookies
        assert await is_in(browser)


def _away(store: SqlStore) -> SqlStore:
    store.__class__ = Away
    return store


@pytest.mark.parametrize("name", ["host", "x-forwarded-host", "forwarded", "x-forwarded-proto"])
async def test_row_50_no_header_changes_who_says_that_somebody_left(tmp_path: Path, name: str) -> None:
    async with built(tmp_path, {"SCOPEKEEPER_ISSUER": "https://id.example.com"}) as h:
        client = await a_relying_party(h, frontchannel_logout_uri=FRAME)
        browser, user, session = await stayed(h)
        browser.cookies["__Host-scopekeeper"] = browser.cookies.pop("scopekeeper")
        hint = await shown(h, user, client, session)
        answer = await browser.get(url(id_token_hint=hint), **{name: "evil.example"})
        [frame] = Seen(answer.body).all("iframe")
        assert "iss=https%3A%2F%2Fid.example.com&" in frame["src"]
        assert b"evil.example" not in answer.body
