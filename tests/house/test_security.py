"""What docs/security.md says is shown, is shown; and what cannot go wrong because it is not there, is not there."""

import ast
import re
from collections.abc import Iterator

from tests.house.tree import PACKAGE, ROOT, modules

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
OUTWARD = re.compile(
    r"(aiohttp|aiosmtplib|ftplib|http|httpcore2?|httpx2?|requests|smtplib|urllib3|urllib\.request)(\.|$)"
)
CONNECTING = {"connect_tcp", "create_connection", "create_datagram_endpoint", "open_connection", "sock_connect"}
GUARDED = PACKAGE / "wire" / "outbound"
MAIL = PACKAGE / "wire" / "smtp.py"


def rows_of_the_page() -> set[str]:
    """The numbers in the first column of its table."""
    return {number for cells in re.findall(r"^\| ([0-9, ]+) \|", PAGE, re.MULTILINE) for number in cells.split(", ")}


def rows_of_the_tests() -> set[str]:
    """The numbers in the names of tests: `test_row_1_2_…`."""
    names = (
        node.name
        for _, tree in modules(ROOT / "tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    found = (re.match(r"test_row((?:_[0-9]+)+)_", name) for name in names)
    return {number for match in found if match for number in match[1].split("_") if number}


def test_every_row_of_the_page_has_a_test_that_bears_its_number_and_the_reverse() -> None:
    assert rows_of_the_page() == rows_of_the_tests()


def imports(tree: ast.Module) -> Iterator[str]:
    """Every module that is imported, by its whole name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def called(tree: ast.Module) -> set[str]:
    """The names of all functions and methods that are called."""
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}


def test_row_39_nothing_but_the_guarded_client_goes_out() -> None:
    """Neither by a library nor by hand.

    (The store's drivers, and mail, go where whoever runs the server has named a database, and a mail server.)
    """
    by_library = {path for path, tree in modules(PACKAGE) if any(map(OUTWARD.match, imports(tree)))}
    assert by_library == {GUARDED / "__init__.py", GUARDED / "exchange.py", MAIL}
    by_hand = {path for path, tree in modules(PACKAGE) if not CONNECTING.isdisjoint(called(tree))}
    assert by_hand == {GUARDED / "exchange.py"}
