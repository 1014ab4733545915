"""The guide on many extensions at once: its commands as they are typed, and what it says that they say."""

import csv
from pathlib import Path

import httpx2

from tests.docs.newcomer import Newcomer, blocks, commands, page
from tests.live import live

GUIDE = page("docs/guides/bulk.md")
COLUMNS = ("extension", "name", "callforward.unconditional", "callforward.busy", "voicemail.email")
CHANGES = {
    "1002": {"callforward.unconditional": "5550007"},
    "1060": {"name": "Zoe Winter", "voicemail.email": "zoe@example.com"},
    "1003": {"callforward.busy": "1003"},
}


def changed(file: Path) -> None:
    """Somebody changes what they want, and removes lines and columns."""
    with file.open(newline="") as read:
        there = {row["extension"]: row for row in csv.DictReader(read)}
    with file.open("w", newline="") as written:
        writer = csv.DictWriter(written, COLUMNS, extrasaction="ignore", restval="")
        writer.writeheader()
        for extension in ("1001", *CHANGES):
            writer.writerow({**there.get(extension, {}), "extension": extension, **CHANGES.get(extension, {})})


def test_its_commands_work_as_they_are_written(tmp_path: Path) -> None:
    export, rehearse, carry_out = commands(GUIDE)
    [shown] = blocks(GUIDE, "text")
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        assert newcomer.type(export) == "Wrote 50 extensions to extensions.csv.\n"
        changed(server.data.parent / "extensions.csv")
        rehearsed = server.run(*rehearse.split()[1:])
        assert (rehearsed.stdout, rehearsed.returncode) == (shown, 1)
        done = server.run(*carry_out.split()[1:])
        assert done.stdout == shown.replace(" Nothing was written: it was a dry run.", "")
        again = server.run(*carry_out.split()[1:])
        assert again.stdout.endswith("0 created, 0 changed, 3 unchanged, 1 refused.\n")


def test_several_mutations_go_into_one_request(tmp_path: Path) -> None:
    [mutations] = blocks(GUIDE, "graphql")
    with live(tmp_path) as server:
        scope = "gql:extensions:write gql:callforward:write"
        made = server.json("app", "add", "Moving", "--type", "m2m", "--scope", scope)
        headers = {"authorization": f"Bearer {server.token(made)}"}
        answer = httpx2.post(f"{server.issuer}/api/graphql", json={"query": mutations}, headers=headers)
        assert answer.json() == {"data": {"name": {"extension": "1001"}, "away": {"extension": "1001"}}}
