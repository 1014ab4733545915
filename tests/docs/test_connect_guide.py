"""Every kind of application, connected exactly as the guide says, by a person at a browser."""

import re
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, Final
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import browser as browser
from tests.clients.inhabited import ALICE, PASSWORD, alice_at, inhabited
from tests.clients.person import Departure, Person
from tests.clients.site import VENDOR, site
from tests.docs.newcomer import Newcomer, blocks, commands, page
from tests.live import Live

SECTIONS: Final = dict(
    re.findall(
        r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", page("docs/guides/connect-an-application.md"), re.MULTILINE | re.DOTALL
    )
)

INDEX: Final = b"""<!doctype html>
<title>As the guide has it</title>
<button>Sign in</button>
<output></output>
<script type="module">
  import { signIn, comeBack, forward } from './app.js'
  document.querySelector('button').onclick = signIn
  if (location.search) {
    const { extension } = await forward(await comeBack(), '1001')
    document.querySelector('output').textContent = extension
  }
</script>
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with inhabited(tmp_path_factory.mktemp("guide")) as running:
        yield running


@pytest.fixture
def alice(server: Live) -> Iterator[Person]:
    with alice_at(server) as person:
        yield person


def done(code: str, known: dict[str, Any]) -> None:
    """Run a piece of the guide's Python on what the pieces before it left."""
    exec(compile(code, "connect-an-application.md", "exec"), known)


def copied(newcomer: Newcomer) -> dict[str, Any]:
    """What the guide's Python takes as given."""
    return {**newcomer.got, "ISSUER": newcomer.server.issuer}


def test_a_web_application(server: Live, alice: Person) -> None:
    section, newcomer = SECTIONS["A web application"], Newcomer(server)
    newcomer.type(*commands(section))
    known = copied(newcomer)
    begin, come_back, refresh = blocks(section, "python web")
    done(begin, known)
    known["answered"] = alice.allow(known["url"]).url
    done(come_back, known)
    assert known["forward"]["extension"] == "1001"
    done(refresh, known)


def test_a_single_page_application(server: Live, browser: Browser) -> None:
    section, newcomer = SECTIONS["A single-page application"], Newcomer(server)
    [add], [code] = commands(section), blocks(section, "js")
    library = (VENDOR / "oauth4webapi" / "oauth4webapi.js").read_bytes()
    with site({"/index.html": INDEX, "/oauth4webapi.js": library}) as application, browser.new_context() as context:
        newcomer.type(add.replace("http://127.0.0.1:5173", application.origin))
        application.files["/app.js"] = newcomer.put_in(code).encode()
        tab = context.new_page()
        tab.goto(application.origin)
        tab.get_by_role("button").click()
        tab.get_by_label("User name").fill(ALICE)
        tab.get_by_label("Password").fill(PASSWORD)
        tab.get_by_role("button", name="Sign in").click()
        tab.locator("button[name=decision][value=approve]").click()
        expect(tab.locator("output")).to_have_text("1001")


def test_a_native_application(server: Live, alice: Person) -> None:
    section, newcomer = SECTIONS["A native application"], Newcomer(server)
    newcomer.type(*commands(section))
    known, [code] = copied(newcomer), blocks(section, "python native")
    with opening(alice):
        done(code, known)
    assert known["forward"]["extension"] == "1001"


def test_a_device(server: Live, alice: Person) -> None:
    add, ask, poll, use = commands(SECTIONS["A device"])
    newcomer = Newcomer(server)
    newcomer.type(add)
    screen = newcomer.type(ask)
    found = re.search(r'"verification_uri": ?"([^"]+)"', screen)
    assert found is not None, screen
    alice.enter(found[1], newcomer.got["USER_CODE"])
    newcomer.type(poll)
    assert '"extension":"1001"' in newcomer.type(use)


def test_a_machine(server: Live) -> None:
    newcomer = Newcomer(server)
    _, token = (newcomer.type(command) for command in commands(SECTIONS["A machine"]))
    assert '"token_type":"Bearer"' in token


@contextmanager
def opening(person: Person) -> Iterator[None]:
    """What a program opens by `webbrowser` is opened by the person, in a thread: the program goes on at once."""
    seats: list[Thread] = []

    class Seat(webbrowser.BaseBrowser):
        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
            seats.append(Thread(target=_visit, args=(person, url)))
            seats[-1].start()
            return True

    webbrowser.register("person", None, Seat(), preferred=True)
    try:
        yield
    finally:
        for seat in seats:
            seat.join()


def _visit(person: Person, url: str) -> None:
    departure = person.allow(url)
    assert isinstance(departure, Departure)
    with urlopen(departure.url, timeout=30) as answer:
        assert answer.status == 200
