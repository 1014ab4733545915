"""The exported collections, run by the tools that they are for: Bruno's command line, and Postman's (newman)."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.live import Live, live

TOOLS: Final = Path(__file__).parent / "node_modules" / ".bin"
SCOPE: Final = "rest:callforward rest:extensions"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("collections")) as running:
        yield running


@pytest.fixture(scope="module")
def application(server: Live) -> dict[str, str]:
    made: dict[str, str] = server.json("app", "add", "Collections", "--type", "m2m", "--scope", SCOPE)
    return made


@pytest.fixture(scope="module")
def site(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "site"
    server.json("docs", "export", str(folder))
    return folder


def run(tool: str, *arguments: str, folder: Path) -> str:
    """Run a tool; what it said. It is to succeed."""
    if shutil.which("node") is None or not (TOOLS / tool).exists():
        pytest.fail("Node or its packages are missing: make system and make interop set them up")
    command = [str(TOOLS / tool), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def results(site: Path) -> list[dict[str, Any]]:
    [told] = json.loads((site / "told.json").read_bytes())
    found: list[dict[str, Any]] = told["results"]
    return found


def bruno(site: Path, application: dict[str, str], *requests: str) -> list[dict[str, Any]]:
    run(
        "bru", "run", *requests, "--env", "Scopekeeper",
        "--env-var", f"clientId={application['client_id']}",
        "--env-var", f"clientSecret={application['client_secret']}",
        "--reporter-json", str(site / "told.json"),
        folder=site / "bruno",
    )  # fmt: skip
    return results(site)


def test_bruno_signs_in_by_itself_and_runs_a_module(site: Path, application: dict[str, str]) -> None:
    """RFC 6749 §4.4. The folder is run in its order: list, read, set, change, clear; then the ring timer alone."""
    told = bruno(site, application, "callforward")
    forwards = [each for each in told if "ringtimer" not in each["request"]["url"]]
    assert [each["response"]["status"] for each in told if each not in forwards] == [200, 200]
    answers = {each["request"]["method"]: each["response"] for each in forwards}
    assert {method: answer["status"] for method, answer in answers.items()} == {
        "GET": 200, "PUT": 200, "PATCH": 200, "DELETE": 204,
    }  # fmt: skip
    assert answers["PUT"]["data"]["unconditional"] == "5551234"
    assert all("/api/rest/callforward/users" in each["request"]["url"] for each in told)


def test_every_file_of_bruno_can_be_read_by_it(site: Path) -> None:
    """Bruno's own parser, on every file of the collection."""
    files = [str(path) for path in sorted((site / "bruno").rglob("*.bru"))]
    program = """
      import { createRequire } from "node:module";
      import { readFileSync } from "node:fs";
      const require = createRequire(import.meta.url);
      const lang = require("@usebruno/lang");
      const told = process.argv.slice(1).map((path) => {
        const text = readFileSync(path, "utf8");
        if (path.includes("/environments/")) return lang.bruToEnvJsonV2(text);
        return /(collection|folder)[.]bru$/.test(path) ? lang.collectionBruToJson(text) : lang.bruToJsonV2(text);
      });
      console.log(JSON.stringify(told));
    """
    node = shutil.which("node")
    assert node is not None, "Node is missing: make system sets it up"
    command = [node, "--input-type=module", "--eval", program, *files]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    requests = [each for each in read if "http" in each]
    assert len(requests) > 40
    assert all(each["http"]["auth"] == "inherit" for each in requests)
    assert {"name": "clientSecret", "value": "", "enabled": True, "secret": True} in read[
        next(place for place, path in enumerate(files) if "/environments/" in path)
    ]["variables"]


def test_postman_runs_a_module_with_a_token(server: Live, site: Path, application: dict[str, str]) -> None:
    """newman fetches no token by itself, as the Postman application does: it is given one."""
    run(
        "newman", "run", "postman.json", "--folder", "Call Forward",
        "--env-var", f"accessToken={server.token(application)}",
        "--reporters", "json", "--reporter-json-export", "told.json",
        folder=site,
    )  # fmt: skip
    runs = json.loads((site / "told.json").read_bytes())["run"]["executions"]
    assert [(each["request"]["method"], each["response"]["code"]) for each in runs] == [
        ("GET", 200), ("GET", 200), ("PUT", 200), ("PATCH", 200), ("DELETE", 204), ("GET", 200), ("PUT", 200),
    ]  # fmt: skip
