"""`/consent`, with a whole house behind it: what a person is asked, and what their answer is worth."""

from pathlib import Path
from urllib.parse import parse_qs, quote, unquote

import pytest

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.records import ApplicationType, Outliving
from tests.building import built
from tests.pages.browsing import Browser, Seen, text_of
from tests.pages.people import PASSWORD
from tests.web.applicant import CALLBACK, READ, an_applicant, approved, asked, decided, policy, seat, seated, told

WRITE = "rest:callforward:write"


async def test_a_person_reads_who_asks_for_what_in_whose_name_and_for_how_long(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(
            h, description="Shows who is on call.", website="https://calendar.example/", type=ApplicationType.SPA
        )
        browser, _ = await seated(h)
        page = await asked(browser, applicant.url(scope=f"openid gql:callforward:read {READ} {WRITE}"))
        text = text_of(page)
        for said in (
            "Team Calendar asks for access",
            "Shows who is on call.",
            "Signed in as alice",
            "Know who you are",
            "Lasts up to 1 hour, and ends when you sign out.",
            "Your answer goes to app.example .",
        ):
            assert said in text, said
        assert text.count("See where calls are forwarded") == 1, "REST and GraphQL are the same thing to people"
        assert text.count("can change") == 1
        assert "https://calendar.example/" in {link["href"] for link in Seen(page.body).all("a")}
        buttons = [(each["name"], each["value"]) for each in Seen(page.body).all("button")]
        assert buttons == [("decision", "approve"), ("decision", "deny")]


async def test_what_is_new_since_last_time_is_marked(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        await approved(browser, applicant.url())
        page = await asked(browser, applicant.url(scope=f"{READ} {WRITE}"))
        assert text_of(page).split().count("new") == 1
        again = await asked(browser, applicant.url(prompt="consent"))
        assert "new" not in text_of(again).split()


async def test_access_that_outlives_the_session_says_so(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        page = await asked(browser, applicant.url(scope=f"openid offline_access {READ}"))
        assert "Stay connected when you are not signed in" in text_of(page)
        assert "Lasts up to 30 days, also after you have signed out." in text_of(page)


@pytest.mark.parametrize(
    ("outlives", "scope", "words"),
    [
        (Outliving.NEVER, f"openid offline_access {READ}", "and ends when you sign out."),
        (Outliving.ALWAYS, READ, "also after you have signed out."),
    ],
)
async def test_the_application_says_if_access_outlives_the_session(
    tmp_path: Path, outlives: Outliving, scope: str, words: str
) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, outlives_session=outlives)
        browser, _ = await seated(h)
        assert f"Lasts up to 30 days, {words}" in text_of(await asked(browser, applicant.url(scope=scope)))


async def test_the_application_on_a_device_is_named_by_its_scheme(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, type=ApplicationType.NATIVE, redirect_uris=("com.example.app:/cb",))
        browser, _ = await seated(h)
        page = await asked(browser, applicant.url())
        assert "Your answer goes to com.example.app ." in text_of(page)
        assert (await decided(browser, page, "deny")).headers["location"].startswith("com.example.app:/cb?error=")


async def test_a_denial_goes_back_and_is_not_remembered(tmp_path: Path) -> None:
    """RFC 6749 §4.1.2.1."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, user = await seated(h)
        heard = told(await decided(browser, await asked(browser, applicant.url()), "deny"))
        assert (heard["error"], heard["state"], heard["iss"]) == ("access_denied", "xyz", h.house.settings.issuer)
        assert "code" not in heard
        assert await h.house.store.consent(user.id, applicant.client.client_id) is None


async def test_row_47_a_get_decides_nothing(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, user = await seated(h)
        answer = await browser.get("/consent?" + applicant.request(decision="approve"))
        assert answer.status == 200
        assert policy(answer, "frame-ancestors") == "'none'"
        assert await h.house.store.consent(user.id, applicant.client.client_id) is None


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"csrf": ""}, {}),
        ({"csrf": "0" * 64}, {}),
        ({}, {"origin": "https://evil.example"}),
        ({}, {"origin": "null"}),
        ({}, {"sec_fetch_site": "cross-site"}),
    ],
)
async def test_row_47_a_forged_form_is_refused(tmp_path: Path, fields: dict[str, str], headers: dict[str, str]) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, user = await seated(h)
        form = Seen((await asked(browser, applicant.url())).body).form("/consent")
        answer = await browser.post("/consent", form | {"decision": "approve"} | fields, **headers)
        assert (answer.status, "location" in answer.headers) == (403, False)
        assert await h.house.store.consent(user.id, applicant.client.client_id) is None


async def test_row_46_two_tabs_are_not_confused(tmp_path: Path) -> None:
    """What one form was made for, it does not do for another request: not another scope, address, state or client."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, redirect_uris=(CALLBACK, f"{CALLBACK}2"))
        other = await an_applicant(h)
        browser, _ = await seated(h)
        page = await asked(browser, applicant.url())
        for request in (
            applicant.request(scope=f"{READ} {WRITE}"),
            applicant.request(redirect_uri=f"{CALLBACK}2"),
            applicant.request(state="other"),
            applicant.request(code_challenge="x" * 43),
            other.request(),
        ):
            answer = await decided(browser, page, request=request)
            assert (answer.status, "location" in answer.headers) == (403, False), request
        second = await asked(browser, applicant.url(state="second"))
        assert told(await decided(browser, second))["state"] == "second"
        assert told(await decided(browser, page))["state"] == "xyz"


async def test_row_14_46_approval_is_bound_to_the_session_that_was_asked(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, user = await seated(h)
        mallory, _ = await seated(h, "mallory")
        page = await asked(browser, applicant.url())
        answer = await decided(mallory, page)
        assert answer.status == 403
        [again] = [link["href"] for link in Seen(answer.body).all("a")]
        assert unquote(again) == unquote(applicant.url()), "she may be asked herself"
        await seat(h, browser, user)
        assert (await decided(browser, page)).status == 403, "the same person, but another session"
        stranger = await decided(Browser(h.front), page)
        assert stranger.headers["location"].startswith("/login?next=%2Foauth%2Fauthorize%3F")


async def test_what_changed_after_it_was_shown_is_asked_anew(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, scope=READ)
        browser, _ = await seated(h)
        page = await asked(browser, applicant.url("scope"))
        changes = Changes(scope=f"{READ} {WRITE}")
        await h.house.applications.change(applicant.client.client_id, changes, "cli:test")
        assert (await decided(browser, page)).status == 403


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        (Changes(name="Your Bank"), 403),
        (Changes(description="Asks for next to nothing."), 403),
        (Changes(website="https://other.example/"), 403),
        (Changes(redirect_uris=(f"{CALLBACK}2",)), 400),
        (Changes(enabled=False), 400),
        (None, 403),
    ],
)
async def test_row_46_a_yes_is_for_the_application_as_it_was_shown(
    tmp_path: Path, changes: Changes | None, status: int
) -> None:
    """Renamed, moved, switched off or (None) compromised meanwhile: it gets nothing, and nothing is remembered."""
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, user = await seated(h)
        page, client_id = await asked(browser, applicant.url()), applicant.client.client_id
        if changes is None:
            await h.house.applications.compromised(client_id, 0, "cli:test")
        else:
            await h.house.applications.change(client_id, changes, "cli:test")
        answer = await decided(browser, page)
        assert (answer.status, "location" in answer.headers) == (status, False)
        assert await h.house.store.consent(user.id, client_id) is None


async def test_a_form_that_is_sent_twice_does_no_harm(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        page = await asked(browser, applicant.url())
        first, second = told(await decided(browser, page)), told(await decided(browser, page))
        assert first["code"] != second["code"]
        for each in (first, second):
            assert (await applicant.redeem(each["code"])).status == 200
        assert "code" in told(
            await browser.get((await browser.get("/consent?" + applicant.request())).headers["location"])
        )


async def test_neither_yes_nor_no_is_no_answer(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        answer = await decided(browser, await asked(browser, applicant.url()), "perhaps")
        assert (answer.status, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }} % %(x)s"])
async def test_row_48_nothing_that_anybody_wrote_runs(tmp_path: Path, text: str) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h, name=text, description=text)
        browser, _ = await seated(h)
        url = applicant.url(state=text, nonce=text, login_hint=text[:40], display=text)
        page = await asked(browser, url)
        seen = Seen(page.body)
        assert f"{text} asks for access" in seen.text
        assert not seen.all("script")
        assert all(each["src"].startswith("/static/") for each in seen.all("img"))
        assert told(await decided(browser, page))["state"] == text
        login = await Browser(h.front).get(f"/login?next={quote(url, safe='')}")
        seen = Seen(login.body)
        assert f"to go on to {text}" in seen.text
        assert seen.by_id("username")["value"] == text[:40]
        assert not seen.all("script")


async def test_row_31_nothing_that_travels_through_a_browser_is_in_the_log(
    tmp_path: Path, logbook: pytest.CaptureFixture[str]
) -> None:
    """No state, nonce, hint, code, token, ticket, form token or cookie, whether it went well or was refused."""
    async with built(tmp_path, {"SCOPEKEEPER_LOG_LEVEL": "debug"}) as h:
        applicant = await an_applicant(h)
        await h.house.accounts.add("alice", password=PASSWORD, email=None, admin=False, actor="cli:test")
        browser, sent = Browser(h.front), {name: f"a-{name}-of-theirs" for name in ("state", "nonce", "login_hint")}
        login = (await browser.get(applicant.url(prompt="login", **sent))).headers["location"]
        here = (await browser.fill(login, "/login", username="alice", password="wrong-" + PASSWORD)).status
        answer = await browser.fill(login, "/login", username="alice", password=PASSWORD)
        page = await asked(browser, answer.headers["location"])
        form = Seen(page.body).form("/consent")
        refused = [
            await decided(browser, page, csrf="f" * 64),
            await decided(browser, page, "perhaps"),
            await browser.get(applicant.url(scope="a-scope-of-theirs", **sent)),
            await browser.get(applicant.url(redirect_uri="https://evil.example/a-place-of-theirs", **sent)),
            await browser.get(applicant.url(id_token_hint="a-hint-of-theirs.a.b", **sent)),
        ]
        code = told(await decided(browser, page))["code"]
    said = logbook.readouterr().err
    assert (here, [each.status for each in refused]) == (422, [403, 400, 303, 400, 303])
    assert "/consent" in said
    ticket = parse_qs(form["request"])["anew"][0]
    for secret in (PASSWORD, code, ticket, form["csrf"], *browser.cookies.values(), "of-theirs"):
        assert secret not in said


async def test_no_secret_is_in_an_address_of_ours(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        applicant = await an_applicant(h)
        browser, _ = await seated(h)
        page = await asked(browser, applicant.url())
        assert browser.cookies["scopekeeper"].encode() not in page.body
        assert b"skpr_" not in page.body
