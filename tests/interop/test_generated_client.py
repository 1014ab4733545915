"""A Python client that openapi-python-client makes of the exported OpenAPI document calls the API."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.house.tree import ROOT
from tests.live import Live, live

PROGRAMS: Final = ROOT / ".venv" / "generator" / "bin"
"""An environment of its own: the generator wants other versions than we test with. `make interop` sets it up."""

SCOPE: Final = "rest:callforward rest:extensions"

CALLS: Final = """\
import json, sys
from made import AuthenticatedClient
from made.api.callforward import call_forward, call_forwards, clear_call_forward, set_call_forward, update_call_forward
from made.api.extensions import add_extension, extension
from made.models import AddExtensionBody, Problem, SetCallForwardBody, UpdateCallForwardBody

client = AuthenticatedClient(sys.argv[1], token=sys.argv[2], raise_on_unexpected_status=True)
with client:
    page = call_forwards.sync(client=client, limit=2)
    more = call_forwards.sync(client=client, limit=2, after=page.next_)
    made = set_call_forward.sync("1001", client=client, body=SetCallForwardBody(busy="5551234", ring_timer=20))
    changed = update_call_forward.sync("1001", client=client, body=UpdateCallForwardBody(busy=None, unavailable="1002"))
    read = call_forward.sync("1001", client=client)
    loop = set_call_forward.sync("1001", client=client, body=SetCallForwardBody(unconditional="1001"))
    gone = clear_call_forward.sync_detailed("1001", client=client)
    added = add_extension.sync(client=client, body=AddExtensionBody(extension="7001", name="Lift"))
    nobody = extension.sync("7999", client=client)
print(json.dumps({
    "page": [each.extension for each in page.items],
    "more": [each.extension for each in more.items],
    "made": made.to_dict(),
    "changed": changed.to_dict(),
    "read": read.to_dict(),
    "loop": [isinstance(loop, Problem), loop.status],
    "gone": int(gone.status_code),
    "added": added.to_dict(),
    "nobody": [isinstance(nobody, Problem), nobody.status],
}))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("generated")) as running:
        yield running


def run(program: str, *arguments: str, folder: Path) -> str:
    """Run a program of the generator's environment; what it said. It is to succeed."""
    if not (PROGRAMS / program).exists():
        pytest.fail("the generator of clients is missing: make interop sets it up")
    environ = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
    command = [str(PROGRAMS / program), *arguments]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def document(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported document."""
    site = tmp_path_factory.mktemp("exported") / "site"
    server.json("docs", "export", str(site))
    return site / "openapi.json"


@pytest.fixture(scope="module")
def client(document: Path) -> tuple[Path, str]:
    """The folder in which the client `made` is, and what the generator said."""
    folder = document.parent.parent
    said = run(
        "openapi-python-client", "generate", "--path", str(document), "--meta", "none",
        "--output-path", str(folder / "made"), folder=folder,
    )  # fmt: skip
    return folder, said


def test_the_generator_leaves_nothing_out(document: Path, client: tuple[Path, str]) -> None:
    folder, said = client
    assert "arning" not in said, said
    operations = [
        operation for path in json.loads(document.read_bytes())["paths"].values() for operation in path.values()
    ]
    made = [file for file in (folder / "made" / "api").rglob("*.py") if file.name != "__init__.py"]
    assert len(made) == len(operations) > 40


def test_the_client_lists_sets_and_reads_what_the_api_has(
    server: Live, document: Path, client: tuple[Path, str]
) -> None:
    folder, _ = client
    application = server.json("app", "add", "Generated", "--type", "m2m", "--scope", SCOPE)
    address = json.loads(document.read_bytes())["servers"][0]["url"]
    told: dict[str, Any] = json.loads(run("python", "-c", CALLS, address, server.token(application), folder=folder))
    assert len(told["page"]) == len(told["more"]) == 2
    assert told["page"][-1] < told["more"][0]
    nowhere = {"extension": "1001", "unconditional": None, "busy": None, "unavailable": None, "ring_timer": 0}
    assert told["made"] == {**nowhere, "busy": "5551234", "ring_timer": 20}
    assert told["changed"] == told["read"] == {**nowhere, "unavailable": "1002", "ring_timer": 20}
    assert told["loop"] == [True, 422]
    assert told["gone"] == 204
    assert told["added"]["name"] == "Lift"
    assert told["nobody"] == [True, 404]


def test_the_generator_runs_on_the_python_that_tests_do() -> None:
    said = run("python", "-c", "import sys; print(sys.version_info[:2])", folder=ROOT)
    assert said.strip() == str(sys.version_info[:2])
