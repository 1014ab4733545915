"""A root field as the documentation tells it."""

from dataclasses import dataclass, field
from functools import cached_property

from graphql import GraphQLField
from markupsafe import Markup

from scopekeeper.docs.graphql.declared import Declared
from scopekeeper.docs.graphql.examples import Example, example_of
from scopekeeper.docs.graphql.refusals import Refusals, refusals_of
from scopekeeper.docs.graphql.typed import argument_row, reference
from scopekeeper.docs.library import Library
from scopekeeper.docs.prose import prose
from scopekeeper.docs.row import Row
from scopekeeper.docs.sought import sought_of
from scopekeeper.sdk import Operation
from scopekeeper.surface.demands import told_of
from scopekeeper.surface.graphql import camel_of


@dataclass(frozen=True)
class Entry:
    """One root field. Its examples are made when they are first shown."""

    id: str
    name: str
    operation: Operation
    title: str
    words: Markup
    arguments: tuple[Row, ...]
    returns: Row
    refusals: Refusals
    sought: str = field(repr=False)
    library: Library = field(repr=False)
    field: GraphQLField = field(repr=False)

    @property
    def writes(self) -> bool:
        return self.operation.access == "write"

    @property
    def module(self) -> str:
        return self.operation.module

    @property
    def deprecated(self) -> str:
        return self.operation.deprecated

    @cached_property
    def scope(self) -> str:
        """What it needs."""
        return self.operation.scope("gql")

    @cached_property
    def read_scope(self) -> str:
        """What a write needs besides, to show more of its answer than `bare`."""
        return self.operation.read_scope("gql")

    @cached_property
    def bare(self) -> tuple[str, ...]:
        """The fields of a write's answer that are shown without the read scope."""
        return tuple(map(camel_of, self.operation.shown))

    @cached_property
    def leads(self) -> tuple[str, ...]:
        """The names of the types that it takes and answers with."""
        return (self.returns.type, *(row.type for row in self.arguments))

    @cached_property
    def read_and_written(self) -> Example:
        """The example for whoever may read, too."""
        return example_of(self.library, self.operation, self.field, reads=True)

    @cached_property
    def written_alone(self) -> Example:
        """The example of a write for whoever may not read."""
        return example_of(self.library, self.operation, self.field, reads=False)


def entry_of(library: Library, operation: Operation, shown: GraphQLField, declared: Declared, title: str) -> Entry:
    """The entry of one root field, of the module with this title."""
    annotations = declared.of_arguments(operation)
    arguments = tuple(argument_row(name, taken, annotations.get(name)) for name, taken in shown.args.items())
    answer = reference(shown.type)
    kind = "mutation" if operation.access == "write" else "query"
    told = (f"{row.name} {row.type} {shown.args[row.name].description or ''}" for row in arguments)
    return Entry(
        id=f"{kind}-{operation.field}",
        name=operation.field,
        operation=operation,
        title=operation.title,
        words=prose(told_of(operation)),
        arguments=arguments,
        returns=Row("", **answer),
        refusals=refusals_of(operation),
        sought=sought_of(
            operation.field, told_of(operation), operation.scope("gql"), title, kind, answer["type"], *told
        ),
        library=library,
        field=shown,
    )
