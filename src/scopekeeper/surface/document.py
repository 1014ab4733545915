"""A parsed GraphQL document, and ways through it that no fragment can make long."""

from collections.abc import Iterator, Mapping
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

_NONE: Final = "The document has no operation."
_SEVERAL: Final = "The document has several operations: say by operationName which one."

Fragments = Mapping[str, FragmentDefinitionNode]


class UnknownOperation(Exception):
    """No operation of the document is selected. The message says why."""


def operations_of(document: DocumentNode) -> list[OperationDefinitionNode]:
    """The operations, in the order written."""
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]


def fragments_of(document: DocumentNode) -> Fragments:
    """The fragments, by name."""
    return {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}


def selected(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    """The operation that runs (GraphQL, "GetOperation"). Raises UnknownOperation."""
    operations = operations_of(document)
    if operation_name is None:
        if len(operations) == 1:
            return operations[0]
        raise UnknownOperation(_SEVERAL if operations else _NONE)
    for each in operations:
        if each.name is not None and each.name.value == operation_name:
            return each
    raise UnknownOperation("The document has no operation of this operationName.")


def fields_of(selection_set: SelectionSetNode | None, fragments: Fragments) -> Iterator[FieldNode]:
    """The fields that may be selected at this level, through fragments of every kind, whatever @skip and @include say.

    Each fragment is walked once, so the time is linear in the document, and a cycle ends.
    """
    waiting = [] if selection_set is None else [selection_set]
    entered: set[str] = set()
    while waiting:
        for selection in waiting.pop().selections:
            match selection:
                case FieldNode():
                    yield selection
                case InlineFragmentNode():
                    waiting.append(selection.selection_set)
                case FragmentSpreadNode() if selection.name.value not in entered:
                    entered.add(selection.name.value)
                    fragment = fragments.get(selection.name.value)
                    if fragment is not None:
                        waiting.append(fragment.selection_set)


def selection_sets_of(document: DocumentNode) -> Iterator[SelectionSetNode]:
    """Every selection set that is written in the document, each once."""
    waiting = [
        each.selection_set
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += [
            selection.selection_set
            for selection in found.selections
            if isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set is not None
        ]
