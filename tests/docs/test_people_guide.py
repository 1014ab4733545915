"""The operator's guide to people and consent: its commands, typed as they stand there, and what they promise."""

import re
from pathlib import Path
from typing import Final

import httpx2

from tests.clients.inhabited import ALICE, OWN, PASSWORD, forward_of, inhabited
from tests.docs.newcomer import Newcomer, commands, page
from tests.live import Live, felt

SECTIONS: Final = dict(
    re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", page("docs/guides/people-and-consent.md"), re.MULTILINE | re.DOTALL)
)


def connected(server: Live) -> str:
    """A token that alice granted, by a program of the past that saw her password."""
    add = ("app", "add", "Wake up", "--type", "native", "--grant", "password", "--scope", "rest:callforward")
    made = server.json(*add)
    form = {"grant_type": "password", "username": ALICE, "password": PASSWORD}
    answer = httpx2.post(f"{server.issuer}/oauth/token", data=form, auth=(made["client_id"], made["client_secret"]))
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def status(server: Live, token: str) -> int:
    return httpx2.get(forward_of(server), headers={"authorization": f"Bearer {token}"}).status_code


def test_an_application_is_registered_for_people_to_let_in(tmp_path: Path) -> None:
    with inhabited(tmp_path) as server:
        newcomer = Newcomer(server)
        added, shown = (newcomer.type(command) for command in commands(SECTIONS["Let an application ask"]))
        assert '"redirect_uris": [\n    "https://phones.example.com/callback"' in added
        assert "https://phones.example.com" in shown


def test_an_extension_is_given_to_a_person(tmp_path: Path) -> None:
    with inhabited(tmp_path) as server:
        newcomer = Newcomer(server)
        _, _, given = (newcomer.type(command) for command in commands(SECTIONS["What it reaches"]))
        assert f'"extension":"{OWN}"' in given
        assert f'"owner":"{ALICE}"' in given


def test_what_was_granted_is_taken_back_by_the_operator(tmp_path: Path) -> None:
    with inhabited(tmp_path) as server:
        newcomer = Newcomer(server)
        listing, revoking, disabling, enabling = commands(SECTIONS["Take it back"])
        first, second = connected(server), connected(server)
        assert "Wake up for alice" in newcomer.type(listing)
        newcomer.got["TOKEN_ID"] = server.json("token", "list", "--user", ALICE)[-1]["id"]
        newcomer.type(revoking)
        felt(lambda: status(server, first), 401)
        assert status(server, second) == 200
        newcomer.type(disabling)
        felt(lambda: status(server, second), 401)
        newcomer.type(enabling)
        assert status(server, second) == 401
        assert "There are no live tokens." in newcomer.type(listing)


def test_what_is_switched_on_for_programs_of_the_past_is_told_by_every_listing(tmp_path: Path) -> None:
    with inhabited(tmp_path) as server:
        connected(server)
        [listing] = commands(SECTIONS["Old ways"])
        assert "enabled, has password" in Newcomer(server).type(listing)
