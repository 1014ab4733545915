"""Schemas as rows: every field of a record, however deep, with its type and what binds it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from scopekeeper.docs.prose import prose
from scopekeeper.docs.row import Row

Schema = Mapping[str, Any]

DEEPEST: Final = 6
"""Records within records that are shown; a record within itself is named, and not shown again."""

_BOUNDS: Final = (
    ("minLength", "maxLength", "Length"),
    ("minimum", "maximum", "Range"),
    ("minItems", "maxItems", "Items"),
)


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas of a document, by name."""

    components: Mapping[str, Schema]

    def rows(self, schema: Schema) -> tuple[Row, ...]:
        """A row for each field, named as one would reach it: `items[].extension`. None for what is no record."""
        return tuple(self._fields(schema, "", ()))

    def row(self, name: str, schema: Schema, *, required: bool, words: str = "") -> Row:
        """The row of one field or parameter. `words` describe it where the schema does not."""
        plain, nullable = self.plain(schema)
        before, type_, after = self._type(plain)
        told = schema.get("description") or plain.get("description") or words
        return Row(
            name,
            type_,
            before=before,
            after=after + (" or null" if nullable else ""),
            required=required,
            words=prose(str(told)),
            facts=tuple(_facts(self, plain, schema)),
        )

    def plain(self, schema: Schema) -> tuple[Schema, bool]:
        """The schema that stands behind references, and whether null may stand there too. Of several the first."""
        nullable = False
        while True:
            if "$ref" in schema:
                schema = {**self.components[_name_of(schema["$ref"])], **_without(schema, "$ref")}
            elif "anyOf" in schema:
                ways = schema["anyOf"]
                nullable = nullable or any(each.get("type") == "null" for each in ways)
                schema = {**ways[0], **_without(schema, "anyOf")}
            elif isinstance(schema.get("type"), list):
                kinds = schema["type"]
                nullable = nullable or "null" in kinds
                schema = {**schema, "type": next(each for each in kinds if each != "null")}
            else:
                return schema, nullable

    def _fields(self, schema: Schema, above: str, within: tuple[str, ...]) -> Iterator[Row]:
        plain, _ = self.plain(schema)
        title = str(plain.get("title", ""))
        if plain.get("type") == "array" and "items" in plain:
            yield from self._fields(plain["items"], f"{above.removesuffix('.')}[].", within)
        if (title and title in within) or len(within) >= DEEPEST:
            return
        required = plain.get("required", ())
        for name, each in plain.get("properties", {}).items():
            yield self.row(f"{above}{name}", each, required=name in required)
            yield from self._fields(each, f"{above}{name}.", (*within, title))

    def _type(self, plain: Schema) -> tuple[str, str, str]:
        """What stands before, as and behind the name of its type."""
        match plain.get("type"):
            case "array":
                inner, nullable = self.plain(plain.get("items", {}))
                before, type_, after = self._type(inner)
                return f"array of {before}", type_, after + (" or null" if nullable else "")
            case "object":
                return "", str(plain.get("title", "object")), ""
            case str(kind):
                named = plain.get("format")
                return "", kind, f" ({named})" if named else ""
            case _:
                return "", "string" if "enum" in plain else "anything", ""


def _facts(schemas: Schemas, plain: Schema, schema: Schema) -> Iterator[tuple[str, str]]:
    """What binds a value, and what it may look like."""
    inner, _ = schemas.plain(plain["items"]) if plain.get("type") == "array" and "items" in plain else (plain, False)
    if "oneOf" in inner:
        yield "Exactly one of", ", ".join(inner["properties"])
    if "enum" in inner:
        yield "One of", ", ".join(map(str, inner["enum"]))
    for least, most, name in _BOUNDS:
        if least in plain or most in plain:
            yield name, _range(plain.get(least), plain.get(most))
    if "pattern" in plain:
        yield "Pattern", str(plain["pattern"])
    if "default" in schema:
        yield "Default", text_of(schema["default"])
    if examples := schema.get("examples") or plain.get("examples"):
        yield "Example", text_of(examples[0])


def text_of(value: object) -> str:
    """A value as JSON has it; text that needs no quotes to be told from the words around it, without."""
    return value if isinstance(value, str) and value else msgspec.json.encode(value).decode()


def _range(least: object, most: object) -> str:
    if least is None:
        return f"at most {most}"
    return f"at least {least}" if most is None else f"{least} to {most}"


def _name_of(reference: str) -> str:
    return reference.rpartition("/")[2]


def _without(schema: Schema, name: str) -> Schema:
    return {key: value for key, value in schema.items() if key != name}
