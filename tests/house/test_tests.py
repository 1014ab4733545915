"""Every test is found and run."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.house.tree import ROOT, modules

TESTS = sorted((ROOT / "tests").rglob("*.py"))


@cache
def parsed() -> dict[Path, ast.Module]:
    return dict(modules(ROOT / "tests"))


def has_tests(tree: ast.Module) -> bool:
    """Does the file hold a test: a function, or a state machine of hypothesis (`TestX = X.TestCase`)?"""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            return True
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute) and node.value.attr == "TestCase":
            return True
    return False


@pytest.mark.parametrize("path", [path for path in TESTS if path.name.startswith("test_")], ids=lambda path: path.name)
def test_a_test_file_has_tests(path: Path) -> None:
    assert has_tests(parsed()[path])


def test_tests_are_in_files_that_are_found() -> None:
    assert [path for path, tree in parsed().items() if has_tests(tree) and not path.name.startswith("test_")] == []
