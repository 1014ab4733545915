"""`scopekeeper upstream …` as it is typed, and as scripts use it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import Live
from tests.outside import Published, published

SECRET = "s3cret-of-ours"


@pytest.fixture
def provider() -> Iterator[Published]:
    """A provider that describes itself."""
    with published() as found:
        issuer = f"http://{found.place}"
        found.says = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
        }
        yield found


@pytest.fixture
def scopekeeper(tmp_path: Path, provider: Published) -> Live:
    """The command line on a data directory of its own, which may go to that provider."""
    return Live(tmp_path / "data", {"SCOPEKEEPER_FETCH_ALLOW": provider.place})


def refused(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    assert done.returncode == code, done
    assert done.stdout == ""
    return done.stderr


def add(
    scopekeeper: Live, provider: Published, *more: str, input: str | None = None
) -> subprocess.CompletedProcess[str]:
    given = ("--issuer", f"http://{provider.place}", "--client-id", "us")
    return scopekeeper.run("upstream", "add", "work", *given, *more, input=input)


def test_a_provider_is_added_shown_edited_disabled_enabled_and_removed(scopekeeper: Live, provider: Published) -> None:
    added = add(scopekeeper, provider, "--label", "Example Inc.", "--client-secret-stdin", input=f"{SECRET}\n")
    assert added.returncode == 0, added.stderr
    assert f"{scopekeeper.issuer}/login/from/work" in added.stdout
    assert SECRET not in added.stdout
    shown = scopekeeper.json("upstream", "show", "work")
    assert shown == shown | {
        "name": "work",
        "label": "Example Inc.",
        "issuer": f"http://{provider.place}",
        "client_id": "us",
        "has_client_secret": True,
        "scope": "openid email",
        "link_by_email": False,
        "enabled": True,
        "redirect_uri": f"{scopekeeper.issuer}/login/from/work",
    }
    edited = scopekeeper.json("upstream", "edit", "work", "--link-by-email", "--scope", "profile", "--no-client-secret")
    assert (edited["link_by_email"], edited["scope"], edited["has_client_secret"]) == (True, "openid profile", False)
    renewed = scopekeeper.run("upstream", "edit", "work", "--client-secret-stdin", input=f"{SECRET}\r\n")
    assert "kept, and shown to nobody" in renewed.stdout
    assert scopekeeper.run("upstream", "disable", "work").returncode == 0
    assert "disabled, links by e-mail" in scopekeeper.run("upstream", "list").stdout
    assert scopekeeper.run("upstream", "enable", "work").returncode == 0
    [listed] = scopekeeper.json("upstream", "list")
    assert listed == scopekeeper.json("upstream", "show", "work")
    assert scopekeeper.run("upstream", "remove", "work", "--yes").stdout == "Removed work.\n"
    assert "There are no providers" in scopekeeper.run("upstream", "list").stdout
    acts = [act["action"] for act in scopekeeper.json("audit", "list") if act["action"] != "keys.make"]
    assert acts == ["upstream.remove", *["upstream.change"] * 4, "upstream.add"]
    assert SECRET not in scopekeeper.run("audit", "list", "--json").stdout


def test_a_subject_is_said_to_be_one_of_our_people_and_no_more(scopekeeper: Live, provider: Published) -> None:
    assert add(scopekeeper, provider).returncode == 0
    for name in ("alice", "bob"):
        assert scopekeeper.run("user", "add", name).returncode == 0
    alice = ("--user", "Alice", "--subject", "248289761001")
    assert scopekeeper.run("upstream", "link", "work", *alice).returncode == 0
    [shown] = scopekeeper.json("upstream", "known", "alice")
    assert (shown["upstream"], shown["subject"], shown["last_used_at"]) == ("work", "248289761001", None)
    assert "248289761001" in scopekeeper.run("upstream", "known", "alice").stdout
    assert scopekeeper.run("upstream", "known", "bob").stdout == "No provider knows bob.\n"
    theirs = ("--user", "bob", "--subject", "248289761001")
    assert "somebody's already" in refused(scopekeeper.run("upstream", "link", "work", *theirs))
    assert "does not know" in refused(scopekeeper.run("upstream", "unlink", "work", *theirs))
    assert scopekeeper.run("upstream", "unlink", "work", *alice).returncode == 0
    assert scopekeeper.json("upstream", "link", "work", *theirs)["user"] == "bob"
    assert "no account" in refused(scopekeeper.run("upstream", "link", "work", "--user", "eve", "--subject", "1"))
    assert "--subject:" in refused(scopekeeper.run("upstream", "link", "work", "--user", "bob", "--subject", "ü"))


def test_what_cannot_be_is_refused_in_one_line(scopekeeper: Live, provider: Published) -> None:
    assert "--link-by-email" not in refused(add(scopekeeper, provider, "--scope", 'a"b'))
    assert "--label:" in refused(add(scopekeeper, provider, "--label", "x" * 61))
    assert "standard input" in refused(add(scopekeeper, provider, "--client-secret-stdin", input=""))
    provider.says = {"issuer": "https://another.example"}
    assert refused(add(scopekeeper, provider)).startswith("scopekeeper: --issuer: it cannot be fetched")
    assert scopekeeper.json("upstream", "list") == []
    for command in ("show", "disable", "enable", "remove"):
        assert "there is no provider 'work'" in refused(scopekeeper.run("upstream", command, "work"))
    assert "nothing to change" in refused(scopekeeper.run("upstream", "edit", "work"), 2)


def test_row_39_no_provider_is_asked_at_an_inner_address(tmp_path: Path, provider: Published) -> None:
    scopekeeper = Live(tmp_path / "data")
    assert "it cannot be fetched" in refused(add(scopekeeper, provider))
    assert provider.asked == 0
