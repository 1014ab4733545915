"""`python -m bench.scopes`: the Scope Visualizer with a catalogue of 5 000 scopes, in a real browser.

The modules are made up, and found by the server as any installed package's are: by entry point. Of each act: the time
from the key or click to the frame that shows what came of it, the median (which counts) and the longest of some.

Exit codes: 0 as it must be; 1 too slow, or too heavy.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from bench.made_up import serving
from tests.browser.conftest import ARGUMENTS
from tests.browser.find_chromium import chromium
from tests.browser.looking import steward
from tests.live import Live

MODULES: Final = 250
RESOURCES: Final = 7
"""Of each module, read or written: with the module, its two accesses and both APIs, twenty scopes."""

MUST_MS: Final = 100.0
MUST_BYTES: Final = 300_000

RESULTS: Final = Path(__file__).with_name("results")

_MODULE: Final = '''\
from typing import Annotated

from scopekeeper.sdk import ApiModule, Caller, Meta, record


@record
class Thing:
    """Something."""

    name: Annotated[str, Meta(description="Its name.")]


def made(number: int) -> ApiModule:
    """A module with an operation for each of its resources, and one that reads and one that writes all of it."""
    name = f"department{{number:03d}}"
    api = ApiModule(name, title=f"Department {{number}}", read="See what is there", write="Change what is there")

    async def run(caller: Caller) -> Thing:
        return Thing(name)

    for at in range({resources}):
        run.__doc__ = f"See what desk {{at}} of department {{number}} has"
        api.read(f"GET /desks/{{at}}", field=f"{{name}}Desk{{at}}", system=True, resource=f"desk{{at}}")(run)
    run.__doc__ = f"See all of department {{number}}"
    api.read("GET /all", field=f"{{name}}All", system=True)(run)
    run.__doc__ = f"Clear all of department {{number}}"
    api.write("DELETE /all", field=f"{{name}}Clear", system=True)(run)
    return api


globals().update({{f"m{{number}}": made(number) for number in range({modules})}})
'''

_TIMED: Final = """
async ({act, selector, value}) => {
  const shown = () => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
  await shown(); await shown();
  const element = document.querySelector(selector);
  if (act === "type") element.value = value;
  const began = performance.now();
  if (act === "type") element.dispatchEvent(new InputEvent("input", {bubbles: true}));
  else element.click();
  return await shown() - began;
}
"""

TYPED: Final = (
    "d",
    "de",
    "des",
    "desk",
    "desk ",
    "desk 3",
    "desk 3 d",
    "123",
    "get /",
    "GET /department1",
    "clear",
    "",
)


@contextmanager
def departments(folder: Path) -> Iterator[Live]:
    """A server with that many scopes."""
    text = _MODULE.format(modules=MODULES, resources=RESOURCES)
    entries = {f"department{number:03d}": f"m{number}" for number in range(MODULES)}
    with serving(folder, "departments", text, entries) as server:
        yield server


def measured(page: Page) -> Mapping[str, list[float]]:
    """Milliseconds of each act, by what the table calls it."""
    search, boxes = "[data-text]", "sk-scopes tbody tr:nth-child({}) input"
    return {
        "key to screen": [_timed(page, "type", search, text) for text in TYPED],
        "tick to screen": [_timed(page, "click", boxes.format(at)) for at in (3, 4, 9, 2, 9, 1)],
        "API type to screen": [_timed(page, "click", f"[data-of=api][value={api}]") for api in ("gql", "rest")],
        "order to screen": [_timed(page, "click", f"th[data-sort={name}] a") for name in ("module", "description")],
        "all shown to screen": [_timed(page, "click", "[data-all]") for _ in range(2)],
    }


def _timed(page: Page, act: str, selector: str, value: str = "") -> float:
    taken: float = page.evaluate(_TIMED, {"act": act, "selector": selector, "value": value})
    return taken


def weighed(page: Page) -> int:
    """Bytes on the way, with all that the page loads."""
    sizes: list[int] = []
    page.on("response", lambda got: sizes.append(sum(got.request.sizes()[part] for part in _PARTS)))
    page.goto("/console/scopes")
    page.wait_for_selector("sk-scopes.ready")
    return sum(sizes)


_PARTS: Final = ("responseBodySize", "responseHeadersSize")


def looked(browser: Browser, folder: Path) -> tuple[int, int, Mapping[str, list[float]]]:
    """How many scopes, how heavy, and how fast."""
    with departments(folder) as server, steward(browser, server) as page:
        weight = weighed(page)
        scopes: int = page.evaluate("document.querySelector('sk-scopes').catalogue.entries.length")
        return scopes, weight, measured(page)


def main() -> int:
    """Measure, print; the exit code."""
    with TemporaryDirectory(prefix="data-", dir=RESULTS) as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        scopes, weight, taken = looked(browser, Path(name))
        browser.close()
    print(f"{scopes} scopes, {weight} bytes")
    for what, times in taken.items():
        print(f"{what:24}{median(times):6.0f} ms, at most {max(times):.0f} ms")
    return int(max(map(median, taken.values())) > MUST_MS or weight > MUST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
