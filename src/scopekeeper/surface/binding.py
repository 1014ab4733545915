"""What a caller sends, bound to an operation's typed arguments: the same checks, in the same words, for both APIs."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, Self

import msgspec
from msgspec import UNSET, Struct

from scopekeeper.sdk import DeclarationError, Invalid, NotFound, Operation, Paging
from scopekeeper.sdk.operation import Argument
from scopekeeper.sdk.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from scopekeeper.surface.cursor import key_of
from scopekeeper.surface.refusals import invalid_of, require_storable
from scopekeeper.surface.strict import made_of, strict, struct_of, values_of

_FIRST_PAGE: Final = Paging()


class MalformedJson(ValueError):
    """The body is no JSON text. The message is safe to show."""


class Binding:
    """The arguments of one operation. Made once, at start: decoders and checks are built here, none in a request."""

    __slots__ = ("_checks", "_decode", "_kept", "operation", "struct")

    def __init__(self, operation: Operation, struct: type[Struct] | None) -> None:
        self.operation: Final = operation
        self.struct: Final = struct
        """The strict shape of the body, from which it is described; None where there is no body."""
        self._decode = msgspec.json.Decoder(struct).decode if struct is not None else None
        self._checks = {each.name: _check_of(each) for each in (*operation.path_arguments, *operation.query_arguments)}
        self._kept = (
            frozenset() if operation.body is None or operation.patch else {each.name for each in fields(operation.body)}
        )

    @classmethod
    def of(cls, operation: Operation) -> Self:
        """The binding of this operation. Raises DeclarationError where its types cannot be read from JSON."""
        repeated = {each.name: each.type for each in operation.path_arguments}
        name = f"{operation.field[0].upper()}{operation.field[1:]}Body"
        try:
            body = operation.body
            return cls(
                operation, None if body is None else struct_of(name, body, patch=operation.patch, repeated=repeated)
            )
        except (TypeError, ValueError) as wrong:
            raise DeclarationError(f"{operation.module}: {operation.name}: {wrong}") from wrong

    def path(self, segments: Sequence[str]) -> dict[str, Any]:
        """The path's parameters, by name, from its decoded segments. What has not even their form is NotFound."""
        bound: dict[str, Any] = {}
        for argument, text in zip(self.operation.path_arguments, segments, strict=True):
            try:
                bound[argument.name] = _converted(text, self._checks[argument.name], argument.name, lax=True)
            except Invalid:
                raise NotFound(f"There is no {text!r} here.") from None
        return bound

    def query(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The query's parameters, by name, and `paging` for a list. Raises Invalid; names that nobody knows too."""
        rest = dict(given)
        bound: dict[str, Any] = {}
        if self.operation.paged:
            bound["paging"] = _paging_of(rest.pop("limit", None), rest.pop("after", None))
        for each in self.operation.query_arguments:
            if each.name in rest:
                bound[each.name] = _converted(rest.pop(each.name), self._checks[each.name], each.name, lax=True)
            elif each.required:
                raise Invalid(each.name, "This parameter is required.")
        for unknown in rest:
            raise Invalid(unknown[:100], "There is no such parameter.")
        return bound

    def arguments(self, given: Mapping[str, object]) -> dict[str, Any]:
        """Parameters of path and query that are typed already: only their constraints are checked. Raises Invalid."""
        return {name: _converted(value, self._checks[name], name) for name, value in given.items()}

    def body(self, raw: object, path: Mapping[str, Any]) -> Any:
        """The body from parsed JSON: the record, or the Patch of it. `path` are the path's parameters, bound.

        Raises Invalid with the field's path; a parameter of the path may be repeated, but not differ.
        """
        try:
            given: Struct = msgspec.convert(raw, self.struct)
        except msgspec.ValidationError as error:
            raise invalid_of(error) from None
        return self._bound(given, path)

    def read(self, text: bytes, path: Mapping[str, Any]) -> Any:
        """The body from JSON text: as `body`, and raises MalformedJson."""
        if self._decode is None:
            raise TypeError(f"{self.operation.name} takes no body")
        try:
            given = self._decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _fault_of(text, error) from None
        return self._bound(given, path)

    def _bound(self, given: Struct, path: Mapping[str, Any]) -> Any:
        for name, value in path.items():
            repeated = getattr(given, name)
            if repeated is not UNSET and repeated != value:
                raise Invalid(name, "This is not what the path says.")
        values = values_of(given)
        for name, value in path.items():
            values.pop(name, None)
            if name in self._kept:
                values[name] = value
        return made_of(given, values)


def _fault_of(text: bytes, error: Exception) -> MalformedJson | Invalid:
    """Why the text was not taken: what is no JSON at all is that first, wherever else it is wrong."""
    try:
        msgspec.json.decode(text)
    except UnicodeDecodeError:
        return MalformedJson("The body is not UTF-8.")
    except RecursionError:
        return MalformedJson("The body is nested deeper than anything that could be meant.")
    except msgspec.DecodeError as malformed:
        return MalformedJson(f"The body is no JSON: {malformed}.")
    return invalid_of(error) if isinstance(error, msgspec.ValidationError) else MalformedJson(str(error))


def _check_of(argument: Argument) -> Any | None:
    """What to convert a parameter to; None for plain text, which needs no look."""
    return None if argument.type is str else strict(argument.type)


def _converted(value: object, check: Any | None, name: str, *, lax: bool = False) -> Any:
    if check is not None:
        try:
            value = msgspec.convert(value, check, strict=not lax)
        except msgspec.ValidationError as error:
            raise Invalid(name, invalid_of(error).detail) from None
    require_storable(value, name)
    return value


def _paging_of(limit: str | None, after: str | None) -> Paging:
    if limit is None and after is None:
        return _FIRST_PAGE
    asked = DEFAULT_LIMIT
    if limit is not None:
        asked = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 10 else 0
    if not 1 <= asked <= LARGEST_LIMIT:
        raise Invalid("limit", f"Between 1 and {LARGEST_LIMIT} items can be asked for at once.")
    return Paging(asked, None if after is None else key_of(after))
