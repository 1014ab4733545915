"""The quick starts in curl and Python, taken from the console as they stand there, and run against a live server."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.inhabited import alice_at, inhabited
from tests.clients.quickstarts import APPLICATIONS, EXPECTED, taken
from tests.live import Live

COMMANDS = {"sh": ("sh", "{}.sh"), "py": (sys.executable, "{}.py")}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with inhabited(tmp_path_factory.mktemp("quick")) as running:
        yield running


@pytest.mark.parametrize("language", COMMANDS)
@pytest.mark.parametrize("grant", APPLICATIONS)
def test_a_quick_start_gets_a_token_and_makes_a_call(server: Live, tmp_path: Path, grant: str, language: str) -> None:
    """RFC 6749 §4.1 with PKCE (RFC 7636), §4.4, and RFC 8628 §3."""
    quick = taken(server, tmp_path, grant)
    command = [part.format(grant) for part in COMMANDS[language]]
    with alice_at(server) as alice:
        said = quick.run(*command, alice=None if grant == "client_credentials" else alice)
    assert EXPECTED[grant] in said.replace(" ", "")


def test_without_its_secret_it_says_what_is_missing(server: Live, tmp_path: Path) -> None:
    quick = taken(server, tmp_path, "client_credentials")
    with pytest.raises(AssertionError):
        type(quick)(quick.folder, "", quick.issuer).run("sh", "client_credentials.sh")
