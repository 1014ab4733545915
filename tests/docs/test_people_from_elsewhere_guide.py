"""The guide to people from elsewhere: typed as it stands there, by a directory that holds what the guide gives it."""

import json
import re
import tomllib
from pathlib import Path

from scopekeeper.settings.record import SETTINGS
from tests.docs.newcomer import Newcomer, blocks, commands, page
from tests.live import live

PAGE = page("docs/guides/people-from-elsewhere.md")


def test_it_works_as_it_is_written(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        typing = iter(commands(PAGE))

        def type_next() -> str:
            return newcomer.type(next(typing))

        assert '"client_secret": "skpr_cs_' in type_next()
        assert '"scope":"rest:admin:read:users rest:admin:write:users"' in type_next()
        type_next()
        made = type_next()
        assert " 201 " in made.splitlines()[0]
        found = re.search(r"(?im)^location: (.+)/(\w+)\s*$", made)
        assert found is not None, made
        assert found[1] == f"{server.issuer}/scim/v2/Users"
        newcomer.got["USER_ID"] = found[2]
        assert json.loads(type_next())["Resources"][0]["externalId"] == "701984"
        assert json.loads(type_next())["Resources"] == [
            {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": found[2], "userName": "barbara"}
        ]
        changed = json.loads(type_next())
        assert (changed["name"]["givenName"], changed["emails"][0]["value"]) == ("Babs", "babs@example.com")
        assert json.loads(type_next())["active"] is False
        assert " 412 " in type_next().splitlines()[0]
        assert " 204 " in type_next().splitlines()[0]
        log = type_next()
        assert all(f"user.{action}" in log for action in ("add", "change", "disable", "remove"))
        assert f"client:{newcomer.got['CLIENT_ID']}" in log
        assert next(typing, None) is None


def test_the_setting_that_it_shows_is_one() -> None:
    [setting] = blocks(PAGE, "toml")
    assert tomllib.loads(setting) == {"scim_vouches": True}
    assert "scim_vouches" in SETTINGS
