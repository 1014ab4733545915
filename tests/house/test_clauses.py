"""A clause that the code says it keeps is a clause that a test shows.

Code names clauses in its docstrings, `RFC 6749 §5.2`; tests name those that they prove in theirs. A test of a part
(§13.1.1) shows the whole (§13.1) to be kept; an RFC that is named without a clause needs a test of any.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, ROOT, modules

CITED = re.compile(r"RFC (\d{4})((?:,? (?:and |or )?(?:§|appendix )[0-9A-Z]+(?:\.[0-9]+)*)*)")
CLAUSE = re.compile(r"(?:§|appendix )([0-9A-Z]+(?:\.[0-9]+)*)")

Clause = tuple[str, str]
"""RFC and clause; the clause is empty where none is named."""


def docstrings(tree: ast.Module) -> Iterator[str]:
    """Those of the module, its classes and functions, and of attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield re.sub(r"\s+", " ", node.value.value)


def cited(tree: ast.Module) -> Iterator[Clause]:
    """Every clause named in a docstring."""
    for text in docstrings(tree):
        for rfc, clauses in CITED.findall(text):
            yield from ((rfc, clause) for clause in CLAUSE.findall(clauses) or [""])


def claims() -> dict[Clause, list[Path]]:
    """What the code says it keeps, and where it says so."""
    found: dict[Clause, list[Path]] = {}
    for path, tree in modules(PACKAGE):
        for clause in cited(tree):
            found.setdefault(clause, []).append(path.relative_to(ROOT))
    return found


@cache
def proven() -> frozenset[Clause]:
    """What tests show."""
    return frozenset(clause for _, tree in modules(ROOT / "tests") for clause in cited(tree))


def shown(rfc: str, clause: str) -> bool:
    """Does a test name this clause, or a part of it?"""
    return any(
        rfc == named and (not clause or part == clause or part.startswith(clause + ".")) for named, part in proven()
    )


def test_every_clause_that_the_code_names_is_named_by_a_test() -> None:
    unproven = {
        f"RFC {rfc} §{clause}": [str(place) for place in places]
        for (rfc, clause), places in claims().items()
        if not shown(rfc, clause)
    }
    assert unproven == {}


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "spec").glob("test_rfc*.py")), ids=lambda path: path.stem)
def test_every_test_of_a_document_names_its_clause(path: Path) -> None:
    """RFC and clause stand in the docstring, and the RFC in the file's name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tests = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    documents = set(re.findall(r"\d{4}", path.stem))
    for test in (each for each in tests if each.name.startswith("test_")):
        named = CITED.findall(ast.get_docstring(test) or "")
        assert any(rfc in documents and clauses for rfc, clauses in named), f"{path.name}:{test.lineno} {test.name}"
