"""The telephone server's files: Kamailio takes them, they ask for what they need, the guide tells of all they take."""

import os
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
from graphql import parse, validate

from scopekeeper.api.modules import installed as modules
from scopekeeper.surface.graphql import schema_of
from scopekeeper.surface.needs import needs_of
from tests.deploy.files import DEPLOY, assignments
from tests.docs.newcomer import blocks, page
from tests.interop.sip.kamailio import OUTBOX, installed

FOLDER: Final = DEPLOY / "kamailio"
CONFIGURATION: Final = "".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.cfg")))
ENVIRONMENT: Final = {name: value for name, [value] in assignments(FOLDER / "environment").items()}
GUIDE: Final = page("docs/guides/connect-a-telephone-server.md")

_LOCAL: Final = {"SIP_LISTEN": "udp:127.0.0.1:5060", "KEEPER_CLIENT_ID": "it", "KEEPER_CLIENT_SECRET": "its secret"}


def checked(folder: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What Kamailio finds in the files."""
    command = [installed(), "-c", "-E", "-w", str(folder), "-Y", str(folder), "-f", str(FOLDER / "kamailio.cfg")]
    return subprocess.run(
        command, env={"PATH": os.environ["PATH"], **environ}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("without", [None, "SIP_GATEWAY"])
def test_kamailio_finds_no_fault_in_it(tmp_path: Path, without: str | None) -> None:
    done = checked(tmp_path, {name: value for name, value in (ENVIRONMENT | _LOCAL).items() if name != without})
    assert done.returncode == 0, done.stderr
    assert not re.search(r"\b(ERROR|CRITICAL|WARNING)\b", done.stderr), done.stderr


@pytest.mark.parametrize("missing", sorted(set(ENVIRONMENT) - {"SIP_GATEWAY"}))
def test_it_does_not_start_without_what_it_needs(tmp_path: Path, missing: str) -> None:
    done = checked(tmp_path, {name: value for name, value in (ENVIRONMENT | _LOCAL).items() if name != missing})
    assert done.returncode != 0
    assert missing in done.stderr


def test_the_guide_tells_of_all_that_it_takes() -> None:
    read = set(re.findall(r"^#!(?:try)?defenvs? (\S+)$", CONFIGURATION, re.MULTILINE))
    assert read == set(ENVIRONMENT)
    told = {
        name for line in re.findall(r"^\| (`[A-Z_`, ]+) \|", GUIDE, re.MULTILINE) for name in re.findall(r"\w+", line)
    }
    assert told == read


def test_what_waits_has_a_folder_that_is_its_own() -> None:
    told = assignments(FOLDER / "scopekeeper.conf")
    assert [f"/var/lib/{folder}/outbox.db" for folder in told["StateDirectory"]] == [OUTBOX]
    assert f"!SK_OUTBOX!{OUTBOX}!g" in CONFIGURATION
    assert told["StateDirectoryMode"] == ["0700"]
    assert f"deploy/kamailio/environment {told['EnvironmentFile'][0]}" in GUIDE


def test_the_guide_installs_all_there_is() -> None:
    named = set(re.findall(r"deploy/kamailio/([\w.]+)", "\n".join(blocks(GUIDE, "sh"))))
    assert named == {path.name for path in FOLDER.iterdir()}


def test_its_token_has_what_it_asks_for_and_no_more() -> None:
    """Least privilege: the query's scopes, and the one for records."""
    [query] = re.findall(r"""^#!define SK_QUERY '{"query":"(.*)","variables":'$""", CONFIGURATION, re.MULTILINE)
    schema, document = schema_of(modules().operations), parse(query)
    assert validate(schema, document) == []
    [asked] = re.findall(r"!SK_SCOPES!(\S+)!g", CONFIGURATION)
    assert sorted(asked.split("+")) == sorted([*needs_of(schema, document).scopes, "rest:cdr:write"])
    [given] = re.findall(r'--type m2m --scope "(.*)"', GUIDE)
    assert given.split() == asked.split("+")
