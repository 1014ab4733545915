"""Looking at a page of the console as it has to be: accessible in both schemes, narrow or wide, light, and by itself.

A test signs in once (`steward`), goes wherever it wants, and says `looked_at(page, "/console/…")`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, Final, Literal

from playwright.sync_api import Browser, Page, Response

from tests.live import Live

STEWARD: Final = "root"
PASSWORD: Final = "correct horse battery"

AXE: Final = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
WIDTHS: Final = (360, 768, 1280)
SEEN: Final[tuple[tuple[int, Literal["light", "dark"]], ...]] = ((360, "light"), (1280, "dark"))
HIGH: Final = 800
HEAVIEST: Final = 150_000
"""Bytes that a page may weigh on its way, with all that it loads, when nothing is in the browser's cache."""

SMALL: Final = """
[...document.querySelectorAll('button, .button, select, textarea, summary, nav a')]
  .filter(each => each.checkVisibility({visibilityProperty: true}))
  .filter(each => each.getBoundingClientRect().height < 24)
  .map(each => each.outerHTML)
"""
"""What is smaller than a finger finds (WCAG 2.2, 2.5.8)."""

WIDE: Final = """
[...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > innerWidth + 1)
  .slice(-3).map(each => each.outerHTML.slice(0, 120))
"""

SETTLED: Final = """
Promise.race([
  Promise.allSettled(document.getAnimations().map(each => each.finished)),
  new Promise(later => setTimeout(later, 2000)),
]).then(() => null)
"""
"""Colours are at rest. A browser that shows the page to nobody may never end an animation: none is waited for long."""

RUN: Final = "axe.run({resultTypes: ['violations'], selectors: false, preload: false, iframes: false})"
"""Of what is as it should be, nothing is written down: on a long page that takes most of the time."""

NARROWEST: Final = 320
"""Pixels: on a page that people come to on any telephone, nothing is out of sight (WCAG 2.2, 1.4.10)."""

SMALL_ANYWHERE: Final = """
[...document.querySelectorAll('button, a, input:not([type=hidden], [hidden])')]
  .filter(each => each.getBoundingClientRect().height < 24)
  .map(each => each.outerHTML)
"""
"""The same of pages that consist of little else than what is pressed and filled in."""

_STATES: Final[dict[str, Any]] = {}
"""The cookies of who is signed in, at each server: signing in takes a while, as it should."""


@contextmanager
def steward(browser: Browser, server: Live, **context: Any) -> Iterator[Page]:
    """A page in a browser in which the administrator `root` is signed in. The account is made when first needed."""
    opened = browser.new_context(
        base_url=server.issuer, storage_state=_STATES.get(server.issuer), reduced_motion="reduce", **context
    )
    try:
        page = opened.new_page()
        page.goto("/console/")
        if "/login" in page.url:
            _add_steward(server)
            page.get_by_label("User name").fill(STEWARD)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url("**/console/")
            _STATES[server.issuer] = opened.storage_state()
        yield page
    finally:
        opened.close()


def _add_steward(server: Live) -> None:
    if STEWARD not in [user["name"] for user in server.json("user", "list")]:
        done = server.run("user", "add", STEWARD, "--admin", "--password-stdin", input=PASSWORD + "\n")
        assert done.returncode == 0, done.stderr


def looked_at(page: Page, path: str, *, heaviest: int = HEAVIEST, status: int = 200, whole: bool = False) -> None:
    """Open the page, and see that it is as every page of the console has to be. It stays open, light and wide.

    A page of the `whole` API has a thousand times what one with a part of it shows: it has to fit, and axe, which takes
    most of a minute for it, sees the other.
    """
    said: list[str] = []
    got: list[Response] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda response: got.append(response))
    page.set_viewport_size({"width": WIDTHS[-1], "height": HIGH})
    with _unkept(page):
        answer = page.goto(path, wait_until="load")
        assert answer is not None
        assert answer.status == status, path
        weight = sum(
            each.request.sizes()["responseBodySize"] + each.request.sizes()["responseHeadersSize"] for each in got
        )
    origin = re.sub(r"(://[^/]+).*", r"\1", page.url)
    assert [each.url for each in got if not each.url.startswith(origin)] == [], "asked of another origin"
    assert weight <= heaviest, f"{path} weighs {weight} bytes"
    if whole:
        fits(page, path)
    else:
        as_it_should(page, path)
    assert [text for text in said if "Failed to load resource" not in text or status == 200] == [], path


def as_it_should(page: Page, what: str, *, narrowest: int = WIDTHS[0], small: str = SMALL) -> None:
    """See that the page, as it is now (opened, filled in, refused), fits at every width and is accessible to all."""
    fits(page, what, narrowest=narrowest, small=small)
    page.evaluate(AXE)
    # Narrow, a page is of another structure; dark, of other colours: each is seen once with axe, which takes its time.
    for width, scheme in SEEN:
        page.set_viewport_size({"width": width, "height": HIGH})
        page.emulate_media(color_scheme=scheme)
        page.evaluate(SETTLED)
        found = page.evaluate(RUN)
        wrong = [(each["id"], each["nodes"][0]["html"]) for each in found["violations"] if _serious(each)]
        assert wrong == [], (what, scheme, width)
    page.emulate_media(color_scheme="light")


def for_people(page: Page, what: str) -> None:
    """The same of a page that people come to who may never have seen one of ours."""
    as_it_should(page, what, narrowest=NARROWEST, small=SMALL_ANYWHERE)


def fits(page: Page, what: str, *, narrowest: int = WIDTHS[0], small: str = SMALL) -> None:
    """See that nothing of the page is wider than it, or smaller than a finger finds, at every width."""
    for width in (narrowest, *WIDTHS[1:]):
        page.set_viewport_size({"width": width, "height": HIGH})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (what, width, page.evaluate(WIDE))
        assert page.evaluate(small) == [], (what, width)


def _serious(violation: dict[str, Any]) -> bool:
    return violation["impact"] in ("moderate", "serious", "critical")


@contextmanager
def _unkept(page: Page) -> Iterator[None]:
    """Nothing comes from the browser's cache meanwhile."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    yield
    session.send("Network.setCacheDisabled", {"cacheDisabled": False})
    session.detach()
