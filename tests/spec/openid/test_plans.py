"""No module of a plan is forgotten: each has a test whose docstring begins with its id, or a reason not to."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import modules
from tests.spec.openid.plans import PLANS, UNMET

MODULE = re.compile(r"oidcc-[a-z0-9-]*[a-z0-9]")
FOLDER = Path(__file__).parent


def covered() -> Iterator[tuple[str, str]]:
    """The modules that a test stands for, each with the plan that the test is run by."""
    for path, tree in modules(FOLDER):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                ids = MODULE.findall((ast.get_docstring(node) or "").partition(":")[0])
                plans = _plans_of(path, {each.arg for each in node.args.args})
                yield from ((plan, id) for plan in plans for id in ids)


def _plans_of(path: Path, arguments: set[str]) -> tuple[str, ...]:
    if "plan" in arguments:
        return ("basic", "form_post")
    return next(((plan,) for plan in PLANS if path.stem == f"test_{plan}"), ("basic",))


@pytest.mark.parametrize("plan", PLANS)
def test_every_module_of_the_plan_has_a_test(plan: str) -> None:
    found = list(covered())
    unmet = {module for each, module in UNMET if each == plan}
    assert [module for module in PLANS[plan] if (plan, module) not in found] == [
        module for module in PLANS[plan] if module in unmet
    ]


def test_no_test_names_a_module_that_its_plan_does_not_have() -> None:
    known = {(plan, module) for plan, named in PLANS.items() for module in named}
    assert set(covered()) - known == set()
    assert set(UNMET) <= known - set(covered())
