"""The guide to exploring the API: what it says of the explorer's token, as the command line tells it."""

import json
import re
from pathlib import Path
from typing import Final

import httpx2

from tests.docs.newcomer import Newcomer, commands, page
from tests.live import Live, live

GUIDE: Final = page("docs/guides/explore-the-api.md")
PASSWORD: Final = "correct horse battery"


def explore(server: Live, scope: str) -> None:
    """An administrator signs in and opens the explorer, which fetches a token."""
    assert server.run("user", "add", "root", "--admin", "--password-stdin", input=PASSWORD).returncode == 0
    with httpx2.Client(base_url=server.issuer) as browser:
        [proof] = re.findall(r'name="csrf" value="([^"]+)"', browser.get("/login").text)
        browser.post("/login", data={"username": "root", "password": PASSWORD, "csrf": proof})
        [proof] = re.findall(r'name="csrf" value="([^"]+)"', browser.get("/console/new-user").text)[-1:]
        answer = browser.post("/console/explorer/token", data={"scope": scope, "csrf": proof})
        assert answer.status_code == 200, answer.text


def test_the_token_is_listed_as_the_guide_says_and_its_application_is_in_the_log(tmp_path: Path) -> None:
    [tokens, log] = commands(GUIDE)
    with live(tmp_path) as server:
        assert server.run(*tokens.split()[1:]).returncode == 1, "nobody has used the explorer yet"
        explore(server, "rest:callforward:read gql:callforward:read")
        newcomer = Newcomer(server)
        [token] = json.loads(newcomer.type(tokens))
        assert token["scope"] == "rest:callforward:read gql:callforward:read"
        assert token["user"] == "root"
        assert "application.add" in newcomer.type(log)
