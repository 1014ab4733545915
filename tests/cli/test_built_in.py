"""The application that comes with the server, on the command line: shown, narrowed, shut out, and made no other."""

import re

import pytest

from scopekeeper.oauth.records import EXPLORER
from tests.cli.conftest import Shell
from tests.cli.granting import in_house


@pytest.fixture
def furnished(shell: Shell) -> Shell:
    """A shell on data in which somebody has used the explorer."""
    in_house(shell, lambda house: house.explorer.application())
    return shell


def test_it_is_shown_in_words_and_lint_says_nothing_of_it(furnished: Shell) -> None:
    said = furnished("app", "show", EXPLORER).out
    assert "Built in: the GraphQL Explorer and the REST documentation get their tokens through it." in said
    assert re.search(r"Grants +none\n", said)
    assert furnished.json("app", "show", EXPLORER)["grant_types"] == []
    assert [each["client_id"] for each in furnished.json("app", "list")] == [EXPLORER]
    assert furnished.json("app", "lint", EXPLORER) == []


def test_it_is_narrowed_and_shut_out(furnished: Shell) -> None:
    for option, field, value in (
        (("--scope", "gql:callforward"), "scope", "gql:callforward"),
        (("--access-token-lifetime", "5m"), "access_token_lifetime", 300),
    ):
        assert furnished("app", "update", EXPLORER, *option).code == 0
        assert furnished.json("app", "show", EXPLORER)[field] == value
    assert furnished("app", "disable", EXPLORER).code == 0
    assert furnished.json("app", "show", EXPLORER)["enabled"] is False


@pytest.mark.parametrize(
    "option",
    [
        ("--redirect-uri", "https://evil.example/"),
        ("--grant", "implicit"),
        ("--owner", "root"),
        ("--name", "Your bank"),
        ("--access-token-lifetime", "1h"),
        ("--scope", "rest openid"),
    ],
)
def test_row_44_no_option_makes_it_into_another_application(furnished: Shell, option: tuple[str, str]) -> None:
    before = furnished.json("app", "show", EXPLORER)
    furnished("user", "add", "root")
    assert "API Explorer" in furnished.refused("app", "update", EXPLORER, *option)
    assert furnished.json("app", "show", EXPLORER) == before


def test_row_44_nobody_registers_one_of_its_client_id(shell: Shell) -> None:
    made = shell.json("app", "add", "api-explorer", "--type", "m2m", "--scope", "rest")
    assert made["client_id"] != EXPLORER
