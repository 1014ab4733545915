"""The guide to OpenID Connect: its commands, typed as they stand there, and what an application is told by them."""

import re
from pathlib import Path
from typing import Final

import httpx2
import msgspec

from scopekeeper.oauth.userinfo import CLAIMS
from tests.clients.inhabited import alice_at, inhabited
from tests.docs.newcomer import Newcomer, blocks, commands, page, told_in

PAGE: Final = page("docs/guides/openid-connect.md")
SECTIONS: Final = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_an_application_is_told_what_the_guide_says(tmp_path: Path) -> None:
    with inhabited(tmp_path) as server, alice_at(server) as alice:
        newcomer = Newcomer(server)
        for command in commands(SECTIONS["What is known of a person"]):
            newcomer.type(command)
        section = SECTIONS["An application that is told"]
        add, redeem, userinfo = commands(section)
        [address] = blocks(section, "text")
        newcomer.type(add)
        newcomer.got["AUTHORIZATION_CODE"] = alice.allow(newcomer.put_in(address.strip())).answer["code"]
        answer = msgspec.json.decode(newcomer.type(redeem))
        told = msgspec.json.decode(newcomer.type(userinfo))
        assert (told["name"], told["phone_number"], told["zoneinfo"]) == (
            "Alice Jorgensen",
            "+1 604 555 1234;ext=1001",
            "America/Vancouver",
        )
        assert "email" not in told
        id_token = told_in(answer["id_token"])
        assert (id_token["email"], id_token["acr"], id_token["amr"]) == (
            "alice@example.com",
            "urn:scopekeeper:acr:password",
            ["pwd"],
        )
        for command in commands(SECTIONS["How it is told"]):
            shown = newcomer.type(command)
        assert re.search(r"Subjects +pairwise", shown)
        assert re.search(r"Sign-ins by default +12h old at most", shown)
        signed = httpx2.get(
            f"{server.issuer}/oauth/userinfo", headers={"authorization": f"Bearer {newcomer.got['TOKEN']}"}
        )
        assert signed.headers["content-type"] == "application/jwt"
        assert told_in(signed.text)["sub"] != told["sub"]


def test_the_table_of_scopes_names_every_claim_and_no_other() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", SECTIONS["What is known of a person"], re.MULTILINE))
    assert {scope: set(re.findall(r"`(\w+)`", table[scope])) - {"formatted"} for scope in CLAIMS} == {
        scope: set(claims) for scope, claims in CLAIMS.items()
    }
