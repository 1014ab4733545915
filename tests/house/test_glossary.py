"""One word for each concept, found where one looks for it."""

import re

from tests.house.tree import ROOT

WORDS = re.findall(r"^\| \*\*(.+?)\*\* \|", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_glossary_is_in_order_and_has_each_word_once() -> None:
    assert sorted(set(WORDS), key=str.lower) == WORDS


def test_the_concepts_that_everything_rests_on_are_there() -> None:
    assert {"scope", "access", "face", "operation", "module", "application", "credential", "token", "family"} <= set(
        WORDS
    )
