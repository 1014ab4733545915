"""A GraphQL text made ready to run: parsed, within the limits, valid, and its needs known. Kept by the text itself."""

from collections.abc import Sequence
from typing import Final

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, validate

from scopekeeper.services.kept import Kept
from scopekeeper.surface.graphql import lists_of
from scopekeeper.surface.limits import LimitExceeded
from scopekeeper.surface.needs import Needs, needs_of
from scopekeeper.surface.reading import parsed_within

_MOST_ERRORS: Final = 10


class Unfit(Exception):
    """The text cannot be run. `code` says in which way, `errors` where."""

    def __init__(self, code: str, errors: Sequence[GraphQLError]) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors


class Plan:
    """A valid document, and the needs of those of its operations that were asked for."""

    __slots__ = ("_needs", "_schema", "document")

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.document: Final = document
        self._schema = schema
        self._needs: dict[str | None, Needs] = {}

    def needs(self, operation_name: str | None) -> Needs:
        """What the operation of this name needs. Raises UnknownOperation."""
        known = self._needs.get(operation_name)
        if known is None:
            known = self._needs[operation_name] = needs_of(self._schema, self.document, operation_name)
        return known


class Plans:
    """The plans of one schema. Only texts that are valid are kept: the least recently used go when there is no room.

    `most` bounds their number, `characters` the sum of their lengths: a parsed document takes some two hundred bytes
    for each character of its text.
    """

    def __init__(self, schema: GraphQLSchema, *, most: int = 1_000, characters: int = 100_000) -> None:
        self._schema = schema
        self._lists = lists_of(schema)
        self._kept: Kept[str, Plan] = Kept(most, room=characters, weigh=lambda text, _: len(text))

    def of(self, text: str) -> Plan:
        """The plan for this text. Raises Unfit."""
        return self._kept.of(text, self._made)

    def __len__(self) -> int:
        return len(self._kept)

    def _made(self, text: str) -> Plan:
        return Plan(self._schema, self._valid(text))

    def _valid(self, text: str) -> DocumentNode:
        """The document, validated on the full schema: what is not there and what is not held look different, and only
        the full schema's names count; but nothing is suggested to those who guess."""
        try:
            document = parsed_within(text, lists=self._lists)
        except LimitExceeded as error:
            raise Unfit("LIMIT_EXCEEDED", [GraphQLError(str(error))]) from None
        except GraphQLSyntaxError as error:
            raise Unfit("GRAPHQL_PARSE_FAILED", [error]) from None
        errors = validate(self._schema, document, max_errors=_MOST_ERRORS, hide_suggestions=True)
        if errors:
            raise Unfit("GRAPHQL_VALIDATION_FAILED", errors)
        return document
