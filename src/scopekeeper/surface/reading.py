"""A text read as a GraphQL document, if it keeps within the limits: before it is validated, let alone run."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from graphql import DocumentNode, SelectionSetNode, TokenKind, parse

from scopekeeper.surface.document import Fragments, fields_of, fragments_of, operations_of, selection_sets_of
from scopekeeper.surface.limits import LIMITS, Limits, require
from scopekeeper.surface.measure import Measure, Size

_NO_LISTS: Final[Mapping[str, int]] = {}


def parsed_within(text: str, limits: Limits = LIMITS, lists: Mapping[str, int] = _NO_LISTS) -> DocumentNode:
    """The document. `lists` are as `Measure` takes them. Raises LimitExceeded; GraphQLSyntaxError for what is none."""
    require(len(text), limits.characters, "characters")
    document = parse(text, max_lexical_tokens=limits.tokens)
    require(len(document.definitions), limits.definitions, "definitions")
    fragments = fragments_of(document)
    measure = Measure(fragments, limits, lists)
    total = Size()
    for operation in operations_of(document):
        size = measure.selection_set(operation.selection_set, 1)
        require(size.roots, limits.roots, "root fields")
        total += size
    for name in fragments:
        _require_size(measure.fragment(name, 1), limits)
    _require_size(total, limits)
    require(_directives(document), limits.directives, "directives")
    for selection_set in selection_sets_of(document):
        require(_repeats(selection_set, fragments), limits.repeats, "fields of one name side by side")
    return document


def _require_size(size: Size, limits: Limits) -> None:
    require(size.depth, limits.depth, "fields inside one another")
    require(size.fields, limits.fields, "fields")
    require(size.aliases, limits.aliases, "aliases")
    require(size.values, limits.values, "values, counting the items asked for by `first`, and those of lists")
    require(size.introspected, limits.introspected, "lists of introspection")


def _repeats(selection_set: SelectionSetNode, fragments: Fragments) -> int:
    """How often the response name is there that is there most often, through fragments of every kind."""
    names = Counter((each.alias or each.name).value for each in fields_of(selection_set, fragments))
    return max(names.values(), default=0)


def _directives(document: DocumentNode) -> int:
    token = document.loc.start_token if document.loc is not None else None
    count = 0
    while token is not None:
        count += token.kind is TokenKind.AT
        token = token.next
    return count
