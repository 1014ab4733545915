"""The documentation says what the code says."""

import re

import pytest

from docs import generate
from scopekeeper.settings import SETTINGS, variable_of
from tests.house.tree import ROOT

SETTINGS_PAGE = generate.REFERENCE / "settings.md"


@pytest.mark.parametrize("name", [name for name, _ in generate.PAGES])
def test_the_generated_reference_is_up_to_date(name: str) -> None:
    assert (generate.REFERENCE / name).read_text(encoding="utf-8") == dict(generate.pages())[name], "run `make docs`"


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_documented(name: str) -> None:
    rows = [row for row in SETTINGS_PAGE.read_text(encoding="utf-8").splitlines() if f"`{variable_of(name)}`" in row]
    assert len(rows) == 1
    assert SETTINGS[name].meaning in rows[0]


def test_every_make_command_in_the_documents_is_a_target() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    for document in documents:
        named = set(re.findall(r"(?:`|^\$? ?)make ([a-z-]+)", document.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= targets, document


def test_every_link_between_the_documents_leads_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.relative_to(ROOT)} leads to {target}"
