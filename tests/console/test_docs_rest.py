"""The REST Documentation in the console: what a selection shows, and its examples, run as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Final

import httpx2
import pytest

from tests.clients.quickstarts import page_of_the_console
from tests.console.steward import stewarding
from tests.live import Live, live

COMMANDS: Final = {"sh": ("sh",), "py": (sys.executable,), "mjs": ("node",)}
CALLS: Final = (
    "callForwards", "callForward", "setCallForward", "updateCallForward", "clearCallForward",
    "callForwardRingTimer", "setCallForwardRingTimer",
    "extensions", "extension", "updateExtension", "removeExtension", "addExtension", "addExtensionRange",
)  # fmt: skip
"""Every operation of the two modules; what is added was removed before."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("rest")) as running:
        yield running


@pytest.fixture(scope="module")
def page(server: Live) -> str:
    return page_of_the_console(server, "/console/docs/rest?scope=rest:callforward%20rest:extensions")


def snippet(page: str, key: str, ending: str) -> str:
    """The example of this operation in this language, as it is copied from the page."""
    [text] = re.findall(
        rf'id="operation-{key}".*?class="in-{ending}".*?<pre[^>]*><code>(.*?)</code></pre>', page, re.DOTALL
    )[:1]
    return unescape(text)


NODE: Final = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js")


@pytest.mark.parametrize("ending", ["sh", "py", pytest.param("mjs", marks=NODE)])
def test_every_example_runs_as_it_stands_there(server: Live, page: str, tmp_path: Path, ending: str) -> None:
    app = server.json("app", "add", "Reader", "--type", "m2m", "--scope", "rest:callforward rest:extensions")
    environ = {**os.environ, "ACCESS_TOKEN": server.token(app)}
    for key in CALLS:
        if key == "addExtensionRange":  # the one before, in another language, added it
            for number in range(2001, 2011):
                httpx2.delete(
                    f"{server.issuer}/api/rest/extensions/{number}",
                    headers={"authorization": f"Bearer {environ['ACCESS_TOKEN']}"},
                )
        file = tmp_path / f"{key}.{ending}"
        file.write_text(snippet(page, key, ending), encoding="utf-8")
        done = subprocess.run(
            [*COMMANDS[ending], file], env=environ, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, (key, done.stdout, done.stderr)
        if ending != "sh":  # curl fails for whatever is no good answer, and says no status
            assert done.stdout.startswith("2"), (key, done.stdout)
        assert done.stdout.strip() or key in ("removeExtension", "clearCallForward")


def test_without_a_token_an_example_fails_and_shows_why(server: Live, page: str, tmp_path: Path) -> None:
    file = tmp_path / "call.sh"
    file.write_text(snippet(page, "extensions", "sh"), encoding="utf-8")
    done = subprocess.run(["sh", file], env={**os.environ, "ACCESS_TOKEN": "stale"}, capture_output=True, check=False)
    assert done.returncode != 0
    assert b"Invalid token" in done.stdout


async def test_a_selection_shows_its_operations_and_leads_to_its_document(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as steward:
        page = (await steward.browser.get("/console/docs/rest?scope=rest:callforward:read+no:such")).body.decode()
        assert re.findall(r'<article class="entry" id="([^"]+)"', page) == [
            "operation-callForwards",
            "operation-callForward",
            "operation-callForwardRingTimer",
        ]
        assert "There is no scope no:such: it is left out." in page
        assert 'href="/api/rest/openapi.json?scope=rest%3Acallforward%3Aread"' in page
        assert 'data-scope="rest:callforward:read"' in page
        assert 'data-tokens="/console/explorer/token"' in page


async def test_the_document_that_it_leads_to_is_there(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as steward:
        answer = await steward.browser.get("/api/rest/openapi.json?scope=rest%3Acallforward%3Aread")
        assert (answer.status, list(answer.json()["paths"])) == (
            200,
            ["/callforward/users", "/callforward/users/{extension}", "/callforward/users/{extension}/ringtimer"],
        )


@pytest.mark.parametrize("query", ["q=%3Cscript%3E", "module=%22%3E%3Cscript%3E", "scope=%3Cscript%3E"])
async def test_what_is_asked_for_is_text_and_nothing_else(tmp_path: Path, query: str) -> None:
    async with stewarding(tmp_path) as steward:
        answer = await steward.browser.get(f"/console/docs/rest?{query}&beyond=on")
        assert answer.status == 200
        assert b"<script>" not in answer.body
