"""Cookies: their names and attributes by the scheme of the issuer, and how strictly they are read."""

import pytest
from starlette.types import Scope

from scopekeeper.pages.cookies import Cookie, Jar


def asking(*cookies: str) -> Scope:
    return {"type": "http", "headers": [(b"cookie", each.encode()) for each in cookies]}


def test_row_49_on_https_every_cookie_is_of_this_host_alone() -> None:
    """RFC 6265: Secure, HttpOnly, Path, and no Domain."""
    jar = Jar("https://id.example.com")
    for cookie in (jar.session, jar.visitor, jar.link):
        name, value = cookie.set("abc")
        said = value.decode()
        assert name == b"set-cookie"
        assert said.startswith("__Host-scopekeeper")
        assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(said.split("; "))
        assert "Domain" not in said


def test_row_49_on_loopback_http_cookies_are_plain_but_still_closed_to_scripts() -> None:
    jar = Jar("http://127.0.0.1:8000")
    for cookie in (jar.session, jar.visitor, jar.link):
        said = cookie.set("abc")[1].decode()
        assert said.startswith("scopekeeper")
        assert {"Path=/", "HttpOnly", "SameSite=Lax"} <= set(said.split("; "))
        assert "Secure" not in said


def test_only_the_links_cookie_has_an_age_and_it_is_short() -> None:
    jar = Jar("http://127.0.0.1:8000")
    assert "Max-Age=900" in jar.link.set("abc")[1].decode()
    assert "Max-Age" not in jar.session.set("abc")[1].decode()


def test_forgetting_repeats_the_attributes_so_that_browsers_heed_it() -> None:
    said = Jar("https://id.example.com").session.forget()[1].decode()
    assert said == "__Host-scopekeeper=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (["scopekeeper=abc"], "abc"),
        (["other=1; scopekeeper=abc; more=2"], "abc"),
        (["other=1", "scopekeeper=abc"], "abc"),
        (["scopekeeper=abc; scopekeeper=abc"], "abc"),
        (["scopekeeper=abc; scopekeeper=def"], None),
        (["scopekeeper="], None),
        (["scopekeeper"], None),
        (["scopekeeper-visitor=abc"], None),
        (["scopekeeper=a b"], None),
        (["scopekeeper=" + "a" * 129], None),
        (["scopekeeper=\u00e9"], None),
        ([], None),
    ],
)
def test_a_cookie_is_read_if_it_is_there_once_and_of_our_making(sent: list[str], read: str | None) -> None:
    assert Cookie("scopekeeper", secure=False).of(asking(*sent)) == read
