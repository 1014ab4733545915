"""An example of an argument: what its author gave, or gave for the field of the same name in a record near by."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any, Final, get_type_hints

from scopekeeper.sdk import Operation
from scopekeeper.sdk.operation import Argument
from scopekeeper.surface.graphql.annotation import Annotation, taken_apart

_PLAIN: Final[dict[Any, Any]] = {str: "string", int: 0, float: 0.0, bool: False, datetime: "2026-03-01T12:00:00Z"}


def argument_example(operation: Operation, argument: Argument) -> Any:
    """One value, as JSON has it: an author's example wherever there is one, else the simplest of its type."""
    where = f"{operation.module}.{operation.name}"
    own = taken_apart(argument.type, where)
    near = [each for record in (operation.returns, operation.body) for each in _fields_named(argument.name, record)]
    for annotation in (own, *near):
        told = told_example(annotation)
        if told is not None:
            return told
    return _plain(own)


def told_example(annotation: Annotation) -> Any | None:
    """The first example that an author gave; None where there is none."""
    return next((meta.examples[0] for meta in annotation.metas if meta.examples), None)


def _fields_named(name: str, record: Any | None) -> Iterator[Annotation]:
    if record is None:
        return
    for each in fields(record):
        if each.name == name:
            yield taken_apart(get_type_hints(record, include_extras=True)[name], record.__qualname__)


def _plain(annotation: Annotation) -> Any:
    if annotation.item is not None:
        return []
    if isinstance(annotation.type, type) and issubclass(annotation.type, Enum):
        return next(iter(annotation.type)).value
    least = next((meta.ge for meta in annotation.metas if meta.ge is not None), None)
    if least is not None:
        return least
    return _PLAIN.get(annotation.type)
