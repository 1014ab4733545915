"""`/login`: signing in, and all the ways in which it is refused."""

import re
from urllib.parse import quote

import pytest

from scopekeeper.oauth.people import Purpose
from tests.asking import Answer, ask
from tests.pages.browsing import Browser, Seen, text_of
from tests.pages.people import ISSUER, PASSWORD, Place, place

HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>{{7*7}}"


def here() -> tuple[Place, Browser]:
    """A place with alice in it, and a browser that was never there."""
    found = place()
    found.memory.add("alice")
    return found, Browser(found.front)


def is_page(answer: Answer) -> bool:
    """Is it a page, with all that no page goes without?"""
    policy = answer.headers["content-security-policy"]
    return (
        answer.headers["content-type"] == "text/html; charset=utf-8"
        and answer.headers["cache-control"] == "no-store"
        and answer.headers["x-content-type-options"] == "nosniff"
        and answer.headers["referrer-policy"] == "same-origin"
        and answer.headers["cross-origin-opener-policy"] == "same-origin"
        and {"default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"}
        <= set(policy.split("; "))
        and "script" not in policy
        and "unsafe" not in policy
    )


async def test_name_and_password_are_asked_for_in_one_form_with_one_button() -> None:
    _, browser = here()
    answer = await browser.get("/login")
    page = Seen(answer.body)
    assert answer.status == 200
    assert is_page(answer)
    assert len(page.all("form")) == len(page.all("button")) == 1
    assert page.by_id("username")["autocomplete"] == "username"
    assert page.by_id("password")["autocomplete"] == "current-password"
    assert {each.get("for") for each in page.all("label")} == {"username", "password"}
    assert page.all("script") == []
    assert not any(name.startswith("on") or name == "style" for _, attributes in page.elements for name in attributes)


async def test_the_right_password_signs_in_and_leads_to_the_account_by_303() -> None:
    """RFC 9700 §4.12: 303, never 307, after credentials."""
    _, browser = here()
    answer = await browser.sign_in("alice", PASSWORD)
    assert (answer.status, answer.headers["location"]) == (303, "/account")
    assert (await browser.get("/account")).status == 200


async def test_whoever_wanted_a_page_of_ours_is_led_there() -> None:
    _, browser = here()
    answer = await browser.fill(
        "/login?next=%2Foauth%2Fauthorize%3Fclient_id%3Da%26state%3Db", "/login", username="alice", password=PASSWORD
    )
    assert answer.headers["location"] == "/oauth/authorize?client_id=a&state=b"


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_rfc_9700_4_11_2_nobody_is_led_out_of_the_house(next: str) -> None:
    _, browser = here()
    fields = Seen((await browser.get("/login")).body).form("/login")
    answer = await browser.post("/login", fields | {"username": "alice", "password": PASSWORD, "next": next})
    assert (answer.status, answer.headers["location"]) == (303, "/account")


async def test_whoever_is_signed_in_is_sent_on() -> None:
    _, browser = here()
    await browser.sign_in("alice", PASSWORD)
    answer = await browser.get("/login?next=%2Fdevice")
    assert (answer.status, answer.headers["location"]) == (303, "/device")


async def test_row_49_the_session_is_another_one_after_every_sign_in() -> None:
    there, browser = here()
    form = Seen((await browser.get("/login")).body).form("/login") | {"username": "alice", "password": PASSWORD}
    await browser.post("/login", form)
    first = browser.cookies["scopekeeper"]
    await browser.post("/login", form)  # a second tab that was open on the form
    assert browser.cookies["scopekeeper"] != first
    assert len(there.memory.stays) == 1
    stolen = Browser(there.front, {"scopekeeper": first})
    assert (await stolen.get("/account")).status == 303


async def test_row_49_a_session_id_that_was_planted_is_not_taken_over() -> None:
    there, browser = here()
    browser.cookies["scopekeeper"] = "skpr_ss_" + "0" * 49
    await browser.sign_in("alice", PASSWORD)
    assert browser.cookies["scopekeeper"] != "skpr_ss_" + "0" * 49
    assert len(there.memory.stays) == 1


async def test_row_54_unknown_and_wrong_hear_the_same_words() -> None:
    _, browser = here()
    said = []
    for name in ("alice", "nobody", "ALICE'; --"):
        answer = await browser.sign_in(name, "wrong")
        assert answer.status == 422
        assert "scopekeeper=" not in " ".join(answer.cookies)
        page = Seen(answer.body)
        assert page.by_id("form-error")["role"] == "alert"
        assert page.described("username") == page.described("password") == "form-error"
        said.append(page.text)
    assert len(set(said)) == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"username", "password"}),
        ({"username": "alice"}, {"password"}),
        ({"password": PASSWORD}, {"username"}),
        ({"username": "", "password": ""}, {"username", "password"}),
    ],
)
async def test_row_52_an_empty_form_skips_nothing(fields: dict[str, str], wrong: set[str]) -> None:
    there, browser = here()
    answer = await browser.fill("/login", "/login", **fields)
    page = Seen(answer.body)
    assert answer.status == 422
    for field in ("username", "password"):
        assert (page.by_id(field).get("aria-invalid") == "true") == (field in wrong)
        assert (page.described(field) == f"{field}-error") == (field in wrong)
    assert all(page.by_id(f"{field}-error")["role"] == "alert" for field in wrong)
    assert there.memory.tries == []
    assert "scopekeeper" not in browser.cookies


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        (None, {}),
        ("0" * 64, {}),
        ("", {}),
        ("right", {"origin": "https://evil.example"}),
        ("right", {"origin": "null"}),
        ("right", {"sec_fetch_site": "cross-site"}),
    ],
)
async def test_row_47_a_forged_form_signs_nobody_in(token: str | None, headers: dict[str, str]) -> None:
    there, browser = here()
    fields = Seen((await browser.get("/login")).body).form("/login") | {"username": "alice", "password": PASSWORD}
    if token != "right":
        del fields["csrf"]
        fields |= {} if token is None else {"csrf": token}
    answer = await browser.post("/login", fields, **headers)
    assert answer.status == 403
    assert is_page(answer)
    assert "Open the page again" in text_of(answer)
    assert ISSUER in text_of(answer)
    assert there.memory.tries == []


async def test_row_47_the_form_of_another_browser_or_another_page_is_a_forged_one() -> None:
    there, browser = here()
    stranger = Browser(there.front)
    theirs = Seen((await stranger.get("/login")).body).form("/login")
    await browser.get("/login")
    assert (await browser.post("/login", theirs | {"username": "alice", "password": PASSWORD})).status == 403
    await browser.get(f"/link?key={there.memory.link(Purpose.SETUP)}")
    other = Seen((await browser.get("/link")).body).form("/link")
    assert (await browser.post("/login", other | {"username": "alice", "password": PASSWORD})).status == 403


async def test_our_own_origin_and_a_browser_that_says_nothing_of_it_are_no_fault() -> None:
    there, _ = here()
    for headers in ({"origin": ISSUER, "sec_fetch_site": "same-origin"}, {"sec_fetch_mode": "navigate"}, {}):
        browser = Browser(there.front)
        fields = Seen((await browser.get("/login")).body).form("/login") | {"username": "alice", "password": PASSWORD}
        assert (await browser.post("/login", fields, **headers)).status == 303


@pytest.mark.parametrize("field", ["username", "next"])
async def test_row_48_what_was_sent_is_never_part_of_the_page(field: str) -> None:
    _, browser = here()
    answer = await browser.fill("/login", "/login", **({"username": "alice", "password": "wrong"} | {field: HOSTILE}))
    assert b"<script" not in answer.body
    assert b"<img src=x" not in answer.body
    assert b"49" not in re.sub(rb'value="[0-9a-f]{64}"|[0-9a-f]{12}\.', b"", answer.body)
    if field == "username":
        assert Seen(answer.body).by_id("username")["value"] == HOSTILE


@pytest.mark.parametrize("query", ["note=%3Cscript%3E", "next=%22%3E%3Cscript%3E", "username=%3Cscript%3E&password=x"])
async def test_row_48_nor_is_what_stood_in_the_address(query: str) -> None:
    _, browser = here()
    answer = await browser.get(f"/login?{query}")
    assert answer.status == 200
    assert b"<script" not in answer.body


@pytest.mark.parametrize(
    ("wanted", "forms_end"),
    [
        ("/device", "form-action 'self'"),
        ("/oauth/authorize?client_id=refused", ""),
        ("//evil.example", "form-action 'self'"),
    ],
)
async def test_row_47_the_form_ends_here_unless_an_application_is_to_be_told(wanted: str, forms_end: str) -> None:
    """Also where its request is no sound one (any more): it is told so, after the form."""
    _, browser = here()
    page = await browser.get(f"/login?next={quote(wanted, safe='')}")
    said = page.headers["content-security-policy"].split("; ")
    assert [each for each in said if each.startswith("form-action")] == ([forms_end] if forms_end else [])


async def test_too_many_failures_are_429_and_say_when_to_try_again() -> None:
    there, browser = here()
    there.memory.wait = 95
    answer = await browser.sign_in("alice", "wrong")
    assert (answer.status, answer.headers["retry-after"]) == (429, "95")
    assert is_page(answer)
    assert "wait 2 minutes" in text_of(answer)


@pytest.mark.parametrize("refused", ["often", "forged", "away"])
async def test_whoever_is_refused_finds_back_to_what_they_wanted(refused: str) -> None:
    there, browser = here()
    wanted = "/oauth/authorize?client_id=a&state=b%26c"
    fields = Seen((await browser.get(f"/login?next={quote(wanted, safe='')}")).body).form("/login")
    there.memory.wait, there.memory.away = (95 if refused == "often" else None), refused == "away"
    fields |= {"username": "alice", "password": PASSWORD} | ({"csrf": "0" * 64} if refused == "forged" else {})
    answer = await browser.post("/login", fields)
    assert answer.status == {"often": 429, "forged": 403, "away": 503}[refused]
    [back] = Seen(answer.body).all("a")
    there.memory.wait, there.memory.away = None, False
    answer = await browser.fill(back["href"], "/login", username="alice", password=PASSWORD)
    assert answer.headers["location"] == wanted


async def test_a_store_that_is_away_is_503_in_words() -> None:
    there, browser = here()
    fields = Seen((await browser.get("/login")).body).form("/login")
    there.memory.away = True
    answer = await browser.post("/login", fields | {"username": "alice", "password": PASSWORD})
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert is_page(answer)
    assert "Nothing that you sent was carried out" in text_of(answer)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("username=a&username=b", 400),
        ("username=%00", 400),
        ("username=%zz", 400),
        ("username=%ff", 400),
        ("username[a]=b", 403),
        ("&".join(f"f{number}=1" for number in range(200)), 400),
        ("username=" + "a" * 70_000, 413),
    ],
)
async def test_row_32_a_malformed_form_is_refused_in_words(body: str, status: int) -> None:
    _, browser = here()
    await browser.get("/login")
    answer = await browser.post("/login", body)
    assert answer.status == status
    assert is_page(answer)


async def test_row_32_only_a_form_is_a_form() -> None:
    there, _ = here()
    for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain"):
        answer = await ask(there.front, "POST", "/login", headers=[("content-type", kind)], body=b"{}")
        assert answer.status == 400
        assert is_page(answer)


async def test_a_method_that_pages_do_not_know_is_405() -> None:
    there, _ = here()
    for method in ("PUT", "DELETE", "OPTIONS"):
        answer = await ask(there.front, method, "/login")
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")
        assert "access-control-allow-origin" not in answer.headers


async def test_a_password_never_comes_back_on_a_page() -> None:
    _, browser = here()
    answer = await browser.sign_in("alice", "a secret that nobody sees")
    assert b"a secret that nobody sees" not in answer.body
    answer = await browser.get("/login?username=alice&password=from-the-address")
    assert b"from-the-address" not in answer.body


async def test_the_page_speaks_the_browsers_language() -> None:
    _, browser = here()
    browser.headers["accept-language"] = "de-CH,de;q=0.9,en;q=0.5"
    answer = await browser.get("/login")
    assert Seen(answer.body).all("html")[0]["lang"] == "de"
    assert "Anmelden" in text_of(answer)
