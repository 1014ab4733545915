"""Which tests speak to a server: those that reach `live` by what they, their fixtures and whatever these call name."""

import inspect
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType
from typing import Any

import pytest

from tests.live import live


def speaks_to_a_server(item: pytest.Function) -> bool:
    """Does the test, or a fixture that it has, start a server by `live`?"""
    fixtures = [each[-1].func for each in item._fixtureinfo.name2fixturedefs.values()]
    return any(_reaches(function) for function in (item.obj, *fixtures))


def _reaches(function: Any) -> bool:
    return _plain(live) in _called(_plain(function))


@cache
def _called(function: FunctionType) -> frozenset[FunctionType]:
    """Every function of ours that can be called, so far as it is called by its name."""
    met: set[FunctionType] = set()
    waiting = [function]
    while waiting:
        known = waiting.pop()
        if known not in met:
            met.add(known)
            named = (known.__globals__.get(name) for name in _names(known.__code__))
            found = (_plain(each) for each in named if callable(each))
            waiting += [
                each for each in found if isinstance(each, FunctionType) and each.__module__.startswith("tests.")
            ]
    return frozenset(met)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _plain(function: Any) -> Any:
    return inspect.unwrap(getattr(function, "__func__", function))
