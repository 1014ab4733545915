"""The guide to signing in at another provider: what is typed, against a second server, and what it promises."""

import re
import shlex
from pathlib import Path
from textwrap import dedent
from typing import Final

import pytest

from scopekeeper.services.relying import LIFETIME
from tests.clients.inhabited import ALICE, PASSWORD, alice_at, inhabited
from tests.clients.page import Page
from tests.clients.person import Departure, Person
from tests.docs.newcomer import Newcomer, blocks, commands, page
from tests.live import Live, live
from tests.waiting import until

PAGE: Final = page("docs/guides/sign-in-elsewhere.md")
SECTIONS: Final = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
THERE: Final = "https://id.example.com"
SUBJECT: Final = "248289761001"


def read_from(newcomer: Newcomer, command: str, line: str) -> None:
    """Type a command that reads this line from standard input."""
    done = newcomer.server.run(*shlex.split(newcomer.put_in(command))[1:], input=f"{line}\n")
    assert done.returncode == 0, done.stderr


def come_by_way_of(theirs: Live, here: Person) -> Page:
    """Press the button at our sign-in page, sign in there, and come back: the page at the end."""
    at = here.open(f"{here.issuer}/login")
    assert isinstance(at, Page)
    assert "Sign in with Example Inc." in " ".join(at.text.split())
    away = here.press(at, "/login/with/work")
    assert isinstance(away, Departure)
    with alice_at(theirs) as there:
        end = here.open(there.allow(away.url).url)
    assert isinstance(end, Page)
    return end


@pytest.mark.one_process("it reads what one server logs")
def test_what_the_guide_says_lets_alice_in(tmp_path: Path) -> None:
    for name in ("theirs", "ours"):
        (tmp_path / name).mkdir()
    with inhabited(tmp_path / "theirs") as theirs:
        allowed = {"SCOPEKEEPER_FETCH_ALLOW": theirs.issuer.removeprefix("http://")}
        with live(tmp_path / "ours", allowed, sample=False) as ours:
            newcomer = Newcomer(ours)
            uri, add_there = map(str.strip, blocks(SECTIONS["Register this server there"], "text"))
            made = theirs.json(*shlex.split(newcomer.put_in(add_there))[1:])
            assert made["redirect_uris"] == [newcomer.put_in(uri)]
            newcomer.got |= {"CLIENT_ID": made["client_id"], THERE: theirs.issuer}
            add, show, *others = commands(SECTIONS["Register it here"])
            read_from(newcomer, add, made["client_secret"])
            assert newcomer.put_in(uri) in newcomer.type(show)
            for command in others:
                newcomer.type(command)
            assert ours.run("user", "add", ALICE, "--password-stdin", input=PASSWORD).returncode == 0
            who = re.sub("^  ", "", SECTIONS["Who is who"], flags=re.MULTILINE)
            link, by_email, known, unlink, listing = commands(who)
            with Person(ALICE, PASSWORD, ours.issuer) as here:
                assert come_by_way_of(theirs, here).status == 403
                found = until(lambda: re.search(r"subject=(\w+)", plain(ours.log.read_text())))
                newcomer.got[SUBJECT] = found[1]
                newcomer.type(link)
                home = come_by_way_of(theirs, here)
                assert (home.status, home.url) == (200, f"{ours.issuer}/account")
            assert "identity.add" in newcomer.type(listing)
            newcomer.type(by_email)
            assert ours.json("upstream", "show", "work")["link_by_email"]
            assert newcomer.got[SUBJECT] in newcomer.type(known)
            newcomer.type(unlink)
            with Person(ALICE, PASSWORD, ours.issuer) as here:
                assert come_by_way_of(theirs, here).status == 403
            for command in commands(SECTIONS["When it does not work"]):
                newcomer.type(command)
            assert ours.json("upstream", "list") == []


def plain(said: str) -> str:
    """What was logged, without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", said)


def test_the_numbers_and_the_reasons_are_those_of_the_code() -> None:
    said = " ".join(dedent(PAGE).split())
    assert "it took more than ten minutes" in said
    assert LIFETIME == 600
    code = " ".join(
        path.read_text(encoding="utf-8")
        for folder in ("oauth", "services")
        for path in (Path(__file__).parents[2] / "src" / "scopekeeper" / folder / "relying").glob("*.py")
    )
    reasons = re.findall(r"^\| `([^`]+)` \|", SECTIONS["When it does not work"], re.MULTILINE)
    assert len(reasons) == 8
    assert [each for each in reasons if each not in code and not each.startswith("status ")] == []
