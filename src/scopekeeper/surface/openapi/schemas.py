"""The schemas of the document: of every record that comes in or goes out, as msgspec checks and writes them."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from scopekeeper.sdk import Operation
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.openapi.choices import tell_choices
from scopekeeper.surface.openapi.moments import tell_moments
from scopekeeper.surface.patterns import as_written

Schema = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"


class Schemas:
    """All schemas, each written once in `components` and referred to from where it is used."""

    def __init__(self, bindings: Sequence[Binding]) -> None:
        types = [each for binding in bindings for each in _types_of(binding)]
        schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
        tell_moments(types, components)
        tell_choices(types, components)
        self.components: Final[dict[str, Schema]] = _as_written(components)
        for binding in bindings:
            self._tell_of_the_path(binding)
        self._schemas: dict[int, Schema] = dict(zip(map(id, types), map(_as_written, schemas), strict=True))

    def _tell_of_the_path(self, binding: Binding) -> None:
        """A body may say again what its path says: where its author says nothing of that, this is said."""
        if binding.struct is not None:
            fields = self.components[binding.struct.__name__]["properties"]
            for argument in binding.operation.path_arguments:
                fields[argument.name].setdefault("description", "As in the path. It may be left out.")

    def of(self, type_: Any) -> Schema:
        """The schema of a type that some operation takes or gives."""
        return self._schemas[id(type_)]

    def fields_of(self, record: Any) -> dict[str, Schema]:
        """The schemas of this record's fields, by name."""
        fields: dict[str, Schema] = self.components[_named(self.of(record))]["properties"]
        return fields

    def page_of(self, record: Any) -> Schema:
        """The schema of a page of these records."""
        item = self.of(record)
        name = f"{_named(item)}Page"
        self.components[name] = {
            "title": name,
            "description": "A page of a list.",
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": item},
                "next": {
                    "type": ["string", "null"],
                    "description": "The cursor to send as `after` for the next page; null on the last.",
                },
            },
            "required": ["items", "next"],
        }
        return {"$ref": _REF.format(name=name)}

    def created(self, operation: Operation) -> Schema:
        """What a POST answers: the record; or its key alone, with what the write gives."""
        record = self.of(operation.returns)
        fields = self.fields_of(operation.returns)
        less = {name: fields[name] for name in operation.shown}
        return {"anyOf": [record, {"type": "object", "properties": less, "required": list(less)}]}


def _as_written(schema: Any) -> Any:
    """The schema with every pattern in it as its author wrote it, not as Python must read it."""
    if isinstance(schema, list):
        return [_as_written(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: as_written(each) if name == "pattern" and isinstance(each, str) else _as_written(each)
        for name, each in schema.items()
    }


def _types_of(binding: Binding) -> list[Any]:
    operation = binding.operation
    arguments = [each.type for each in (*operation.path_arguments, *operation.query_arguments)]
    return [operation.returns, *([binding.struct] if binding.struct is not None else []), *arguments]


def _named(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
