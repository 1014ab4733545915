"""The commands of README and tutorial, run one after the other as a newcomer would, against a real server."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.live import Live, live

ROOT = Path(__file__).parents[2]

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _commands(page: str) -> list[str]:
    blocks = _BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    return [line for block in blocks for line in block.splitlines() if line.strip()]


class Newcomer:
    """Types what the page says, and puts in what it got before."""

    def __init__(self, server: Live) -> None:
        self.server = server
        self.got: dict[str, str] = {}

    def type(self, command: str) -> str:
        for name, value in self.got.items():
            command = command.replace(name, value)
        command = command.replace("http://127.0.0.1:8000", self.server.issuer)
        words = shlex.split(command)
        if words[0].endswith("scopekeeper"):
            done = self.server.run(*words[1:])
        else:
            assert shutil.which(words[0]), f"{words[0]} is missing: make system installs it"
            done = subprocess.run([*words, "-sS"], capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        for key, name in (("client_id", "CLIENT_ID"), ("client_secret", "CLIENT_SECRET"), ("access_token", "TOKEN")):
            if found := re.search(rf'"{key}": ?"([^"]+)"', done.stdout):
                self.got.setdefault(name, found[1])
        return done.stdout


def test_the_readme_works_as_it_is_written(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        _, token, changed, refused, _ = (newcomer.type(command) for command in _commands("README.md"))
        assert '"scope":"rest:callforward:read rest:callforward:write"' in token
        assert '"unconditional":"5551234"' in changed
        assert "rest:extensions:read" in refused


def test_the_tutorial_works_as_it_is_written(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        said = [newcomer.type(command) for command in _commands("docs/tutorial.md")]
    scopes, added, token, less, read, patched, listed, loop, no_rest, no_gql, tokens, compromised, dead = said
    assert "rest:callforward:read" in scopes
    assert '"client_secret": "skpr_cs_' in added
    assert '"expires_in":3600' in token
    assert '"scope":"rest:callforward:read"' in less
    assert '"ring_timer":0' in read
    assert '"busy":"1002"' in patched
    assert '"totalCount"' in listed
    assert '"status":422' in loop
    assert "403" in no_rest.splitlines()[0]
    assert 'scope="rest:extensions:read"' in no_rest
    assert "403" in no_gql.splitlines()[0]
    assert '"missing":["gql:callforward:write"' in no_gql
    assert "Night shift" in tokens
    assert '"tokens_ended": 2' in compromised
    assert "401" in dead.splitlines()[0]


def test_the_python_of_the_guide_works_as_it_is_written(tmp_path: Path) -> None:
    page = (ROOT / "docs/guides/use-the-api.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python client\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    with live(tmp_path) as server:
        application = server.json("app", "add", "Guide", "--type", "m2m", "--scope", "rest:callforward:read")
        known = {
            "CLIENT_ID": application["client_id"],
            "CLIENT_SECRET": application["client_secret"],
            "ISSUER": server.issuer,
        }
        exec(compile(code, "use-the-api.md", "exec"), dict(known))


@pytest.mark.parametrize("page", sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
