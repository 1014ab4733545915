"""The console's looks: the navigation on every page, nothing inline, files compressed; what people typed is text."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from scopekeeper.console import PACKAGE
from scopekeeper.console.overview import matters_of
from scopekeeper.docs import PACKAGE as DOCS
from scopekeeper.oauth.applications import Draft
from scopekeeper.oauth.records import ApplicationType, GrantType
from scopekeeper.pages.shelf import PAGES, Shelf
from tests.asking import Answer, ask
from tests.building import NOW, Built, built
from tests.house.tree import PACKAGE as SOURCES
from tests.pages.browsing import Seen, text_of
from tests.persons import a_person, a_session

TEMPLATES: Final = sorted((SOURCES / "console" / "templates" / "console").glob("*.html"))
HOSTILE: Final = '"><script>alert(1)</script>'
ROOMS: Final = (
    "Overview", "Applications", "Access tokens", "Refresh tokens", "Consents", "Scope Visualizer", "GraphQL Explorer",
    "GraphQL Documentation", "REST Documentation", "Users", "Providers", "Audit", "Keys",
)  # fmt: skip


async def opened(h: Built, path: str = "/console/") -> Answer:
    """The page, as the administrator `root` gets it."""
    user = await h.house.store.user("root") or await a_person(h, "root", admin=True)
    _, cookie = await a_session(h, user)
    return await ask(h.front, "GET", path, headers=[("cookie", f"scopekeeper={cookie}")])


class Links(HTMLParser):
    """The words of the links of the navigation."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.names: list[str] = []
        self._inside = self._link = False
        self.feed(body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = self._inside or (tag == "nav" and ("aria-label", "Console") in attrs)
        self._link = tag == "a"

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "nav"
        self._link = False

    def handle_data(self, data: str) -> None:
        if self._inside and self._link:
            self.names.append(data)


async def test_a_page_has_the_navigation_and_the_guards_of_a_tool(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        answer = await opened(h)
    assert answer.status == 200
    assert tuple(Links(answer.body).names) == ROOMS
    policy = answer.headers["content-security-policy"]
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


async def test_htmx_is_set_up_for_the_policy(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        seen = Seen((await opened(h)).body)
    [config] = [json.loads(each["content"]) for each in seen.all("meta") if each.get("name") == "htmx-config"]
    assert (config["allowEval"], config["includeIndicatorStyles"], config["selfRequestsOnly"]) == (False, False, True)
    assert config["historyCacheSize"] == 0, "pages are no-store: nothing of them stays in the browser"


async def test_everything_that_a_page_loads_is_there_and_compressed(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        seen = Seen((await opened(h)).body)
        loaded = [each["href"] for each in seen.all("link")] + [each["src"] for each in seen.all("script")]
        assert len(loaded) >= 4
        for address in loaded:
            answer = await ask(h.front, "GET", address, headers=[("accept-encoding", "gzip, br")])
            assert (answer.status, answer.headers["content-encoding"]) == (200, "gzip"), address


def test_the_files_of_the_console_are_light() -> None:
    shelf = Shelf(PAGES, DOCS, PACKAGE)
    weights = {}
    for name in ("pages.css", "console.css", "console.js"):
        kept = shelf.at(shelf.address_of(name))
        assert kept is not None
        weights[name] = len(kept.compressed.body)
    assert sum(weights.values()) < 60_000, weights


async def test_a_house_without_applications_says_how_it_begins(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        empty = text_of(await opened(h))
        await h.register(scope="rest:extensions:read")
        begun = text_of(await opened(h))
    assert "Add your first application" in empty
    assert "Add your first application" not in begun
    assert "Needs attention" in begun


async def test_what_people_typed_is_text(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        await h.house.applications.add(
            Draft(HOSTILE, ApplicationType.NATIVE, grants=(GrantType.PASSWORD,), scope="rest gql"), "cli:test"
        )
        answer = await opened(h)
    assert HOSTILE in text_of(answer)
    assert b"<script>" not in answer.body


async def test_the_worst_comes_first_and_advice_is_no_matter(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        add = h.house.applications.add
        fine = await add(Draft("Fine", ApplicationType.M2M, scope="rest:callforward:read"), "cli:test")
        wide = await add(Draft("Wide", ApplicationType.M2M, scope="rest gql"), "cli:test")
        bad = await add(
            Draft("Bad", ApplicationType.NATIVE, scope="rest:callforward:read", grants=(GrantType.PASSWORD,)),
            "cli:test",
        )
        clients = [fine.client, wide.client, bad.client]
    matters = matters_of(clients, NOW, 3_600)
    assert [matter.client.name for matter in matters] == ["Bad", "Wide"]
    assert matters[0].finding.code == "password_grant"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_anything_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|<style|<script(?![^>]*\ssrc=)|javascript:""", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_lets_anything_past_the_escaping_but_what_it_says_itself(path: Path) -> None:
    assert re.findall(r"(?<!\")\|\s*safe\b|autoescape\s+false", path.read_text(encoding="utf-8")) == []
