"""The commands of README and tutorial, run one after the other as a newcomer would, against a real server."""

import re
from pathlib import Path

import pytest

from tests.clients.inhabited import PASSWORD
from tests.clients.person import Person
from tests.docs.newcomer import ROOT, Newcomer, blocks, commands, page
from tests.live import live

FOR_NOBODY, FOR_A_PERSON = page("docs/tutorial.md").split("## 7. ")


def test_the_readme_works_as_it_is_written(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        _, token, changed, refused, _ = (newcomer.type(command) for command in commands(page("README.md")))
        assert '"scope":"rest:callforward:read rest:callforward:write"' in token
        assert '"unconditional":"5551234"' in changed
        assert "rest:extensions:read" in refused


def test_the_tutorial_works_as_it_is_written(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        said = [newcomer.type(command) for command in commands(FOR_NOBODY)]
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


def test_the_tutorials_second_half_works_as_it_is_written(tmp_path: Path) -> None:
    add_user, add, redeem, read, whose, again, dead = commands(FOR_A_PERSON)
    [address] = blocks(FOR_A_PERSON, "text")
    with live(tmp_path) as server, Person("alice", PASSWORD, server.issuer) as alice:
        newcomer = Newcomer(server)
        newcomer.type(add_user)
        server.run("user", "passwd", "alice", "--password-stdin", input=PASSWORD + "\n")
        newcomer.type(add)
        newcomer.got["AUTHORIZATION_CODE"] = alice.allow(newcomer.put_in(address.strip())).answer["code"]
        token = newcomer.type(redeem)
        assert '"scope":"openid rest:callforward:read"' in token
        assert '"id_token":' in token
        assert '"refresh_token":' in token
        assert '"extension":"1001"' in newcomer.type(read)
        assert '"sub":' in newcomer.type(whose)
        assert '"error":"invalid_grant"' in newcomer.type(again)
        assert "401" in newcomer.type(dead).splitlines()[0]


def test_the_python_of_the_guide_works_as_it_is_written(tmp_path: Path) -> None:
    (code,) = blocks(page("docs/guides/use-the-api.md"), "python client")
    with live(tmp_path) as server:
        application = server.json("app", "add", "Guide", "--type", "m2m", "--scope", "rest:callforward:read")
        known = {
            "CLIENT_ID": application["client_id"],
            "CLIENT_SECRET": application["client_secret"],
            "ISSUER": server.issuer,
        }
        exec(compile(code, "use-the-api.md", "exec"), dict(known))


@pytest.mark.parametrize("name", sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))
def test_every_link_of_a_page_leads_somewhere(name: str) -> None:
    path = ROOT / name
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
