"""References by type: a field, wherever in a record it stands, that names a row of another table.

    Extension = Annotated[str, Meta(examples=["1001"]), Ref("extensions")]

What it names must exist when it is written, and cannot be removed while it is named.
"""

import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, partial
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands in `Annotated[str, Meta(…), Ref("extensions")]`: the text is the key of a row of the table named so."""

    table: str


@dataclass(frozen=True, slots=True)
class Named:
    """A row that a record names: of which table, by which key, and where (`members[2].extension`)."""

    table: str
    key: str
    path: str


_Found = Callable[[Any, str], Iterator[Named]]
"""What a value names: given the value, and its path."""


def named_in(record: Any) -> Iterator[Named]:
    """The rows that this record names, in the order in which its fields are declared."""
    kind: type = type(record)
    for name, found in _finders_of(kind):
        value = getattr(record, name)
        if value is not None:
            yield from found(value, name)


def references_of(record: type) -> dict[str, str]:
    """The fields that name rows, `members[].extension`, and the table of each. Raises TypeError for what cannot."""
    return dict(_references_in(record))


@cache
def _references_in(record: type) -> tuple[tuple[str, str], ...]:
    return tuple(_references(record, "", ()))


def _references(annotation: Any, path: str, above: tuple[type, ...]) -> Iterator[tuple[str, str]]:
    bare, ref = _taken_apart(annotation)
    if ref is not None:
        if bare is not str:
            raise TypeError(f"{path} names a row, so it must be a string")
        yield path, ref.table
    elif get_origin(bare) is list:
        yield from _references(get_args(bare)[0], f"{path}[]", above)
    elif isinstance(bare, type) and is_dataclass(bare) and bare not in above:
        for name, type_ in _types_of(bare):
            yield from _references(type_, f"{path}.{name}" if path else name, (*above, bare))


@cache
def _finders_of(record: type) -> tuple[tuple[str, _Found], ...]:
    """The fields in which rows may be named, and how they are found."""
    found = ((name, _finder_of(type_)) for name, type_ in _types_of(record))
    return tuple((name, each) for name, each in found if each is not None)


def _finder_of(annotation: Any) -> _Found | None:
    bare, ref = _taken_apart(annotation)
    if ref is not None:
        return partial(_itself, ref.table)
    if get_origin(bare) is list:
        each = _finder_of(get_args(bare)[0])
        return None if each is None else partial(_in_list, each)
    return _within if isinstance(bare, type) and is_dataclass(bare) else None


def _itself(table: str, value: str, path: str) -> Iterator[Named]:
    yield Named(table, value, path)


def _in_list(found: _Found, values: list[Any], path: str) -> Iterator[Named]:
    for place, value in enumerate(values):
        if value is not None:
            yield from found(value, f"{path}[{place}]")


def _within(record: Any, path: str) -> Iterator[Named]:
    for each in named_in(record):
        yield Named(each.table, each.key, f"{path}.{each.path}")


@cache
def _types_of(record: Any) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(record, include_extras=True)
    return tuple((field.name, hints[field.name]) for field in fields(record))


def _taken_apart(annotation: Any) -> tuple[Any, Ref | None]:
    """The type without None and without what is said of it, and the reference that it is said to be."""
    ref = None
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            ref = next((each for each in annotation.__metadata__ if isinstance(each, Ref)), ref)
            annotation = annotation.__origin__
        elif origin in (Union, types.UnionType):
            others = [each for each in get_args(annotation) if each is not types.NoneType]
            if len(others) != 1:
                return annotation, ref
            annotation = others[0]
        else:
            return annotation, ref
