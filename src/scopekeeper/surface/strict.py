"""Records made strict: what a caller sends is checked by msgspec Structs that refuse what the record does not know.

A dataclass ignores unknown fields when msgspec decodes it, so for every record that comes in, at any depth, a Struct
with the same fields is derived once, at start. For a merge patch (RFC 7396) every field may be absent, or null; of a
@one_of in it exactly one field is given, as ever.
"""

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Struct, UnsetType

from scopekeeper.sdk import DeclarationError, Invalid, Patch
from scopekeeper.sdk.oneof import ONE_OF, is_one_of
from scopekeeper.surface.patterns import anchored
from scopekeeper.surface.refusals import require_storable


def struct_of(name: str, record: type, *, patch: bool, repeated: Mapping[str, Any]) -> type[Struct]:
    """The Struct of a body: the record's fields, and the path's parameters (name to type), which may be repeated."""
    if patch and is_one_of(record):
        raise DeclarationError(f"{record.__qualname__} is a @one_of: that is replaced as a whole, it has no Patch")
    given = _fields_of(record, patch=patch)
    for parameter, type_ in repeated.items():
        given[parameter] = (strict(type_) | UnsetType, UNSET)
    return _defined(name, record, given, patch=patch)


def strict(type_: Any, *, patch: bool = False) -> Any:
    """The type with every record in it made strict, and its patterns read as JSON Schema reads them."""
    if isinstance(type_, type) and is_dataclass(type_):
        return _nested(type_, patch=patch and not is_one_of(type_))
    origin, inner = get_origin(type_), get_args(type_)
    if origin is Annotated:
        return Annotated[(strict(inner[0], patch=patch), *map(anchored, inner[1:]))]
    if origin in (Union, types.UnionType):
        return reduce(or_, (strict(each, patch=patch) for each in inner))
    if origin is list:
        return list[strict(inner[0])]  # type: ignore[misc]  # a patch replaces a list as a whole (RFC 7396 §1)
    return type_


def made_of(given: Struct, values: dict[str, Any], path: str = "") -> Any:
    """The record of these values, or the patch, from which this Struct was derived. Raises Invalid."""
    try:
        return getattr(given, "__made__")(values)  # noqa: B009  # set by _defined
    except Invalid as wrong:
        raise Invalid(".".join(filter(None, (path, wrong.path))) or "$", wrong.detail) from None


def values_of(given: Struct, path: str = "") -> dict[str, Any]:
    """What was given, field by field, with nested Structs turned into their records or patches. Raises Invalid."""
    return {
        name: _plain(value, f"{path}.{name}" if path else name)
        for name in given.__struct_fields__
        if (value := getattr(given, name)) is not UNSET
    }


@cache
def _nested(record: type, *, patch: bool) -> type[Struct]:
    name = record.__name__ + ("Patch" if patch else "Input")
    return _defined(name, record, _fields_of(record, patch=patch), patch=patch)


def _defined(name: str, record: type, given: Mapping[str, tuple[Any, Any]], *, patch: bool) -> type[Struct]:
    def made(values: dict[str, Any]) -> Any:
        return Patch(values, record) if patch else record(**values)

    return msgspec.defstruct(
        name,
        [
            (field, type_) if default is MISSING else (field, type_, default)
            for field, (type_, default) in given.items()
        ],
        namespace={"__doc__": record.__doc__, "__made__": staticmethod(made), ONE_OF: is_one_of(record)},
        forbid_unknown_fields=True,
        kw_only=True,
    )


def _fields_of(record: type, *, patch: bool) -> dict[str, tuple[Any, Any]]:
    """Field name to its strict type and default."""
    try:
        hints = get_type_hints(record, include_extras=True)
        if patch:
            return {name: (strict(hints[name], patch=True) | None | UnsetType, UNSET) for name in _names(record)}
        return {each.name: (strict(hints[each.name]), _default_of(each)) for each in fields(record)}
    except RecursionError:
        raise DeclarationError(f"the record {record.__qualname__} contains itself, which no body can end") from None


def _names(record: type) -> list[str]:
    return [each.name for each in fields(record)]


def _default_of(field: "Field[Any]") -> Any:
    if field.default_factory is not MISSING:
        return msgspec.field(default_factory=field.default_factory)
    return field.default


def _plain(value: Any, path: str) -> Any:
    if isinstance(value, Struct):
        return made_of(value, values_of(value, path), path)
    if isinstance(value, list):
        return [_plain(each, f"{path}[{place}]") for place, each in enumerate(value)]
    require_storable(value, path)
    return value
