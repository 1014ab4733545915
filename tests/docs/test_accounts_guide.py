"""The guide to people and their accounts: what it says of signing in with more than a password is so."""

import re
import time
import tomllib
from pathlib import Path
from typing import Final

import httpx2

from scopekeeper.oauth.one_time import code_at, step_at
from scopekeeper.settings import load
from tests.docs.newcomer import Newcomer, blocks, commands, page
from tests.live import live
from tests.pages.browsing import Seen
from tests.web.proving import PASSWORD, SECURITY, TOTP, secret_in

GUIDE: Final = page("docs/guides/accounts.md")
[SECTION] = re.findall(r"^## Signing in with more than a password\n(.*?)(?=^## )", GUIDE, re.MULTILINE | re.DOTALL)


def test_an_operator_sees_what_somebody_has_and_takes_it_away(tmp_path: Path) -> None:
    seeing, resetting = commands(SECTION)
    with (
        live(tmp_path, sample=False) as server,
        httpx2.Client(base_url=server.issuer, follow_redirects=True) as browser,
    ):
        newcomer = Newcomer(server)
        done = server.run("user", "add", "alice", "--password-stdin", input=PASSWORD + "\n")
        assert done.returncode == 0, done.stderr
        sign_in(browser)
        shown = browser.get(TOTP)
        code = code_at(secret_in(shown.content), step_at(int(time.time())))
        assert browser.post(TOTP, data=Seen(shown.content).form(TOTP) | {"code": code}).status_code == 200
        assert "one-time codes" in newcomer.type(seeing)
        assert sign_in(browser, anew=True).url.path == "/login/second"
        newcomer.type(f"{resetting} --yes")
        assert browser.get(SECURITY).url.path == "/login"
        assert sign_in(browser).url.path == "/account"


def sign_in(browser: httpx2.Client, *, anew: bool = False) -> httpx2.Response:
    """By a password. What is reached then."""
    shown = browser.get("/login?anew=1" if anew else "/login")
    form = Seen(shown.content).form("/login") | {"username": "alice", "password": PASSWORD}
    return browser.post("/login", data=form)


def test_its_setting_is_one(tmp_path: Path) -> None:
    [written] = blocks(SECTION, "toml")
    assert load(tomllib.loads(written), environ={"HOME": str(tmp_path)}).second_factor == "administrators"
