"""The guide to the telephone modules: its commands, typed as they stand there, and that it leaves no module out."""

import re
from pathlib import Path
from typing import Final

from scopekeeper.api.modules import installed
from tests.docs.newcomer import Newcomer, commands, page
from tests.live import live

GUIDE: Final = page("docs/guides/telephone-modules.md")
SCOPE: Final = "rest:extensions rest:voicemail rest:blacklist rest:ringgroups:read"
MODULES: Final = installed()


def test_its_commands_do_what_it_says(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        made = server.json("app", "add", "Telephone system", "--type", "m2m", "--scope", SCOPE)
        newcomer.got["TOKEN"] = server.token(made)
        held, added, mailbox, checked, listed = (newcomer.type(command) for command in commands(GUIDE))
    assert "409" in held.splitlines()[0]
    assert "1020 is in use: ringgroups 600." in held
    assert '{"first":"2001","last":"2020","count":20}' in added
    assert '"has_pin":true' in mailbox
    assert '{"extension":"1001","matches":true,"retry_after":null}' in checked
    assert "200" in listed.splitlines()[0]
    assert '"number":"+4930901899"' in listed


def test_every_module_in_the_box_has_its_row_and_its_part() -> None:
    told = {module.name for module in MODULES} - {"admin"}
    assert {name for name in told if f"| `{name}` |" not in GUIDE} == set()
    headings = re.findall(r"^## (.+)$", GUIDE, re.MULTILINE)
    assert {name for name in told if not any(f"`{name}`" in each for each in headings)} == set()


def test_what_those_who_move_are_sent_to_is_there() -> None:
    fields = {each.field for each in MODULES.operations}
    rows = [line.split("|")[2] for line in GUIDE.partition("| was | is |")[2].splitlines() if line.count("|") == 3]
    named = {word for row in rows for word in re.findall(r"\b(?:add|update|remove|set|clear)[A-Z]\w*", row)}
    assert len(named) > 8
    assert named <= fields
