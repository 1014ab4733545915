"""The documentation without the console, in a real browser: as the server gives it, and as files from a disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import as_it_should, fits, looked_at
from tests.live import Live

SCOPE = "rest:callforward gql:callforward"


@pytest.fixture
def page(browser: Browser, server: Live) -> Iterator[Page]:
    context = browser.new_context(base_url=server.issuer)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def site(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported site, in a folder whose name needs escaping."""
    folder = tmp_path_factory.mktemp("exported") / "the site & more"
    server.json("docs", "export", str(folder))
    return folder


@pytest.mark.parametrize(
    "path", ["/docs/", "/docs/graphql?scope=gql:callforward", "/docs/rest", "/docs/rest?module=callforward"]
)
def test_a_public_page_is_as_every_page_has_to_be(page: Page, path: str) -> None:
    looked_at(page, path)


def test_the_page_of_the_whole_schema_fits(page: Page) -> None:
    looked_at(page, "/docs/graphql", whole=True)


def test_the_selection_goes_along_from_page_to_page(page: Page) -> None:
    page.goto("/docs/")
    page.get_by_role("link", name="REST Documentation").click()
    expect(page.get_by_role("heading", name="REST Documentation")).to_be_visible()
    scopes = page.get_by_role("textbox", name="Scopes")
    scopes.fill(f"{SCOPE} rest:nope")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("There is no scope rest:nope: it is left out.")).to_be_visible()
    expect(scopes).to_have_value(SCOPE)
    for name in ("GraphQL", "Overview", "REST"):
        page.get_by_role("navigation", name="Documentation").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("navigation", name="Documentation").locator("[aria-current]")).to_have_text(name)
        assert "scope=rest%3Acallforward+gql%3Acallforward" in page.url
        expect(page.get_by_text("rest:extensions:read")).to_have_count(0)


def test_a_site_of_files_works_from_a_disk_with_scripts(browser: Browser, site: Path) -> None:
    context = browser.new_context()
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(request.url))
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith("file:") else None)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto((site / "index.html").as_uri())
    for name in ("GraphQL", "REST"):
        page.get_by_role("navigation", name="Documentation").get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(f"**/{name.lower()}.html")
        search = page.get_by_role("searchbox", name="Search documentation")
        shown = page.locator("[data-entry]:visible")
        before = shown.count()
        search.fill("forwards")
        expect(shown).not_to_have_count(before)
        assert shown.count() > 0
        search.fill("")
        expect(shown).to_have_count(before)
    page.reload()
    assert said == []
    context.close()


def test_a_site_of_files_is_as_every_page_has_to_be(browser: Browser, site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    as_it_should(page, "index.html")
    for name in ("rest.html", "graphql.html"):
        page.goto((site / name).as_uri())
        fits(page, name)
    context.close()


def test_a_site_of_files_is_read_without_scripts(browser: Browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name, told in (("rest.html", "PUT"), ("graphql.html", "setCallForward")):
        page.goto((site / name).as_uri())
        expect(page.get_by_role("searchbox")).to_be_hidden()
        expect(page.get_by_text(told, exact=True).first).to_be_visible()
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="GraphQL Documentation").click()
    expect(page.get_by_role("heading", name="GraphQL Documentation")).to_be_visible()
    context.close()
