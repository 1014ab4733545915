"""What SECURITY.md says of secrets is so."""

import re
from typing import Any

import pytest

from scopekeeper.oauth.secrets import ENTROPY_LENGTH, LARGEST_ID, PATTERN, Kind, secret_of
from tests.house.tree import ROOT

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The one block of code in this language."""
    [found] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("row_id", [0, 1, LARGEST_ID])
def test_the_scanners_expression_and_check_find_every_kind_of_secret(kind: Kind, row_id: int) -> None:
    documented: dict[str, Any] = {}
    exec(block("python"), documented)  # the documents' code is executed
    secret = secret_of(kind, row_id, "a" * ENTROPY_LENGTH)
    found = re.search(block("text").strip(), f"token={secret}&x")
    assert found is not None
    assert found[0] == secret
    assert documented["is_secret"](secret)
    assert not documented["is_secret"](secret[:-7] + ("0" if secret[-7] != "0" else "1") + secret[-6:])


def test_the_documented_expression_is_ours() -> None:
    assert PATTERN in block("text")


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_secret_is_documented(kind: Kind) -> None:
    assert f"| `{kind.value}` |" in PAGE
