"""The page docs/reference/cli.md says all that the command line takes."""

import pytest
from typer.core import TyperOption

from docs.generate import REFERENCE
from docs.pages.commands import leaves
from scopekeeper.cli import NAME, command

LEAVES = dict(leaves(NAME, command()))
PAGE = (REFERENCE / "cli.md").read_text(encoding="utf-8")
HEAD, *SECTIONS = PAGE.split("\n## ")


@pytest.mark.parametrize("path", LEAVES)
def test_every_command_is_documented_with_all_its_options(path: str) -> None:
    (section,) = (each for each in SECTIONS if each.startswith(f"{path}\n"))
    for parameter in LEAVES[path].params:
        if isinstance(parameter, TyperOption):
            for name in (*parameter.opts, *parameter.secondary_opts):
                assert f"`{name}" in section + HEAD, name
        else:
            assert f"| `{parameter.metavar}` |" in section


def test_nothing_is_documented_that_is_not_there() -> None:
    assert [section.split("\n", 1)[0] for section in SECTIONS] == list(LEAVES)
