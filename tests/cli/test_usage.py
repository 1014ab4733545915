"""Exit codes, complaints, help, and where everything is."""

import ast

import pytest

from docs.pages.commands import leaves
from scopekeeper import __version__
from scopekeeper.cli import NAME, command
from scopekeeper.cli.place import OPTIONS
from tests.cli.conftest import Shell
from tests.house.tree import PACKAGE

LEAVES = dict(leaves(NAME, command()))


def test_the_commands_of_the_contract_are_there() -> None:
    app = (
        "add", "list", "show", "update", "disable", "enable", "remove", "rotate", "end-secret", "compromised", "lint",
        "activity",
    )  # fmt: skip
    others = (
        "serve", "scopes", "token list", "token revoke", "keys list", "keys rotate", "migrate", "backup", "restore",
        "doctor", "sample", "user add", "user list", "user passwd", "user reset", "user disable", "user enable",
        "user remove", "user edit", "user sessions", "user end-session", "user invite", "user factors",
        "user reset-factors", "consent list", "consent withdraw",
        "audit list", "docs export", "bulk export", "bulk import", "cdr import",
    )  # fmt: skip
    upstream = ("add", "list", "show", "edit", "enable", "disable", "remove", "link", "unlink", "known")
    assert set(LEAVES) == {
        f"scopekeeper {each}"
        for each in (*others, *(f"app {each}" for each in app), *(f"upstream {each}" for each in upstream))
    }


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_and_every_option_says_what_it_does(path: str) -> None:
    assert LEAVES[path].help
    assert [each.name for each in LEAVES[path].params if not getattr(each, "help", None)] == []


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_takes_the_options_of_the_place(path: str) -> None:
    assert {each.name for each in LEAVES[path].params} >= set(OPTIONS)


@pytest.mark.parametrize("path", [path for path in LEAVES if path.endswith((" list", " add", " scopes", " rotate"))])
def test_every_listing_and_creating_command_can_speak_json(path: str) -> None:
    assert "json" in {each.name for each in LEAVES[path].params}


@pytest.mark.parametrize("path", LEAVES)
def test_help_fits_eighty_columns(path: str, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = shell(*path.split()[1:], "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Usage: {path}")
    assert max(map(len, said.out.splitlines())) <= 80


def test_in_a_list_of_commands_no_description_is_cut_off(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for group in ([], ["app"], ["user"], ["token"], ["consent"], ["audit"], ["keys"], ["bulk"], ["upstream"]):
        assert "..." not in shell(*group, "-h").out.partition("Commands:")[2]


def test_version_is_one_line(shell: Shell) -> None:
    said = shell("--version")
    assert (said.code, said.out, said.err) == (0, f"scopekeeper {__version__}\n", "")


@pytest.mark.parametrize("group", [[], ["app"], ["token"], ["keys"]])
def test_no_command_at_all_is_wrong_usage_and_shows_the_help(group: list[str], shell: Shell) -> None:
    said = shell(*group)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Usage: ")
    assert "Commands:" in said.err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["frob"], "No such command 'frob' (see `scopekeeper --help`)"),
        (["ap"], "No such command 'ap'. Did you mean 'app'? (see `scopekeeper --help`)"),
        (["app", "frob"], "No such command 'frob' (see `scopekeeper app --help`)"),
        (["app", "list", "--frob"], "No such option: --frob (see `scopekeeper app list --help`)"),
        (["app", "show"], "Missing argument 'CLIENT_ID' (see `scopekeeper app show --help`)"),
        (["app", "add", "X"], "Missing option '--type'. Choose from: web, spa, native, m2m"),
        (["app", "add", "X", "--type", "bot"], "Invalid value for '--type': 'bot' is not one of"),
        (["app", "list", "more"], "Got unexpected extra argument"),
        (["app", "list", "--data"], "Option '--data' requires an argument"),
        (["app", "rotate", "x", "--overlap", "soon"], "Invalid value for --overlap: must be a duration such as"),
        (["app", "rotate", "x", "--overlap", "91d"], "Invalid value for --overlap: must be 90d at most, not '91d'"),
        (["app", "compromised", "x", "--since", "-1"], "Invalid value for --since: must be a duration such as"),
        (
            ["app", "add", "X", "--type", "m2m", "--access-token-lifetime", "1y"],
            "Invalid value for --access-token-life",
        ),
        (["keys", "rotate", "--alg", "none"], "Invalid value for '--alg': 'none' is not one of 'ES256', 'RS256'"),
    ],
)
def test_wrong_usage_is_one_line_and_2(arguments: list[str], line: str, shell: Shell) -> None:
    assert shell.refused(*arguments, code=2).startswith(line)
    assert not shell.data.exists()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["app", "list", "--config", "none.toml"], "--config: there is no "),
        (["app", "list", "--database", "mysql://x"], "--database: must be sqlite:///PATH"),
        (
            ["--database", "postgresql://me:secret@h:x/", "doctor"],
            "--database: is no URL that can be read",
        ),
        (["serve", "--port", "80000"], "--port: must be a port, from 1 to 65535, not '80000'"),
        (["serve", "--workers", "65"], "--workers: must be a number from 1 to 64, not '65'"),
        (["serve", "--host", "0.0.0.0"], "--issuer: must be given, for the host 0.0.0.0 is not loopback"),
        (["serve", "--issuer", "http://id.example.com"], "--issuer: must be https"),
    ],
)
def test_settings_that_cannot_hold_are_one_line_and_2(arguments: list[str], line: str, shell: Shell) -> None:
    assert shell.refused(*arguments, code=2).startswith(line)
    assert not shell.data.exists()


def test_a_bad_value_in_the_environment_or_the_file_is_one_line_and_2(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCOPEKEEPER_PORT", "http")
    assert shell.refused("app", "list", code=2).startswith("SCOPEKEEPER_PORT: must be a port")
    monkeypatch.delenv("SCOPEKEEPER_PORT")
    (shell.folder / "scopekeeper.toml").write_text("prot = 8000\n")
    assert "'prot' is no setting: did you mean port?" in shell.refused("app", "list", code=2)


def test_an_unknown_variable_is_a_warning_that_stops_nothing(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCOPEKEEPER_PROT", "8000")
    said = shell("scopes", "--json")
    assert said.code == 0
    assert said.err.startswith("scopekeeper: warning: SCOPEKEEPER_PROT is no setting")
    assert said.json()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--data", "there", "app", "list"],
        ["app", "--data", "there", "list"],
        ["app", "list", "--data", "there"],
        ["app", "list", "--data=there", "--json"],
        ["--data", "elsewhere", "app", "list", "--data", "there"],
        ["--config", "place.toml", "app", "list"],
        ["app", "list", "--config", "place.toml"],
        ["app", "list", "--database", "sqlite:///there/scopekeeper.db", "--data", "there"],
    ],
)
def test_the_place_may_stand_in_any_position(
    arguments: list[str], shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCOPEKEEPER_DATA")
    (shell.folder / "place.toml").write_text('data = "there"\n')
    assert shell(*arguments).code == 0
    assert {path.name for path in shell.folder.iterdir()} == {"place.toml", "there"}
    assert (shell.folder / "there" / "scopekeeper.db").exists()


def test_what_one_command_line_said_of_the_place_is_forgotten_by_the_next(shell: Shell) -> None:
    assert shell("app", "list", "--data", "elsewhere").code == 0
    shell("app", "list")
    assert shell.data.exists()


def test_python_minus_m_is_the_same_command() -> None:
    tree = ast.parse((PACKAGE / "__main__.py").read_text(encoding="utf-8"))
    assert ast.unparse(tree).endswith("from scopekeeper.cli import main\nmain()")
