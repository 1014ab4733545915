"""The quick starts in JavaScript (Node) and PHP, taken from the console, and run against a live server."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.inhabited import alice_at, inhabited
from tests.clients.quickstarts import APPLICATIONS, EXPECTED, taken
from tests.live import Live

PROGRAMS = {"node": "mjs", "php": "php"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with inhabited(tmp_path_factory.mktemp("quick")) as running:
        yield running


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("grant", APPLICATIONS)
def test_a_quick_start_gets_a_token_and_makes_a_call(server: Live, tmp_path: Path, grant: str, program: str) -> None:
    """RFC 6749 §4.1 with PKCE (RFC 7636), §4.4, and RFC 8628 §3."""
    command = shutil.which(program)
    if command is None:
        pytest.fail(f"{program} is missing: make system sets it up")
    quick = taken(server, tmp_path, grant)
    with alice_at(server) as alice:
        file = f"{grant}.{PROGRAMS[program]}"
        said = quick.run(command, file, alice=None if grant == "client_credentials" else alice)
    assert EXPECTED[grant] in said.replace(" ", "")
