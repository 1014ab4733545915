"""What things are called, and what every file says about itself."""

import ast

from tests.house.tree import PACKAGE, ROOT, modules

NAMELESS = {"base", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}


def test_no_module_is_named_for_what_it_is_not() -> None:
    assert [path for path in PACKAGE.rglob("*") if path.stem in NAMELESS] == []


def test_no_function_handles_or_processes_and_no_class_manages() -> None:
    vague = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, tree in modules(PACKAGE)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and (node.name.lower().lstrip("_").startswith(("handle_", "process_")) or node.name.endswith("Manager"))
    ]
    assert vague == []


def test_every_module_says_what_it_is() -> None:
    silent = [path.relative_to(ROOT) for path, tree in modules(PACKAGE) if ast.get_docstring(tree) is None]
    assert silent == []


def test_nothing_is_left_for_later() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    left = [
        f"{path.relative_to(ROOT)}: {mark}"
        for path in PACKAGE.rglob("*.py")
        for mark in marks
        if mark in path.read_text(encoding="utf-8")
    ]
    assert left == []
