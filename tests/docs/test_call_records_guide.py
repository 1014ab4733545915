"""The guide to call records: its commands, typed as they stand there."""

import json
from pathlib import Path
from typing import Final

from tests.docs.newcomer import Newcomer, commands, page
from tests.live import live

GUIDE: Final = page("docs/guides/call-records.md")
MASTER: Final = (
    '"","1001","030123456","from-internal","""Desk"" <1001>","PJSIP/1001-00000001","PJSIP/trunk-00000002","Dial",'
    '"PJSIP/trunk","2026-11-29 23:24:01","2026-11-29 23:24:11","2026-11-29 23:26:31",150,140,"ANSWERED",'
    '"DOCUMENTATION","1793053441.17",""\n'
)


def test_its_commands_do_what_it_says(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        made = server.json("app", "add", "Telephone system", "--type", "m2m", "--scope", "rest:cdr")
        newcomer.got["TOKEN"] = server.token(made)
        folder = server.data.parent
        (folder / "Master.csv").write_text(MASTER)
        typing = iter(commands(GUIDE))

        def type_next() -> str:
            return newcomer.type(next(typing).replace("-o calls.csv", f"-o {folder / 'calls.csv'}"))

        call = json.loads(type_next())
        assert call["id"] in GUIDE
        assert (call["duration"], call["talk_seconds"]) == (149, 120)
        assert json.loads(type_next()) == {"items": [call], "next": None}
        assert json.loads(type_next()) == {"items": [call], "next": None}
        assert call in json.loads(type_next())["items"]  # besides those of the sample
        days = json.loads(type_next())["items"]
        assert [(each["day"], each["calls"]) for each in days] == [("2026-11-29", 1), ("2026-11-30", 0)]
        type_next()
        _, *lines = (folder / "calls.csv").read_text().splitlines()
        assert lines[-1].startswith("17.1,2026-11-29T22:24:01.123")
        assert type_next() == f"0 call records are new, {len(lines)} were there.\n"
        assert type_next() == "1 call records can be taken in. Nothing was written.\n"
        assert type_next() == "1 call records are new, 0 were there.\n"
        assert next(typing, None) is None
