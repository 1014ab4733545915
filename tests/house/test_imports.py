"""Who may import whom: the contracts in pyproject.toml hold."""

import pytest
from importlinter.cli import lint_imports

from tests.house.tree import ROOT


def test_imports_keep_their_contracts(capsys: pytest.CaptureFixture[str]) -> None:
    broken = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert not broken, capsys.readouterr().out
