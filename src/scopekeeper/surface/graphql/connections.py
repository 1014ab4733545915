"""Lists as Relay's cursor connections: edges, nodes, pageInfo, and a count for those who ask."""

from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
)

from scopekeeper.sdk import Page
from scopekeeper.surface.cursor import cursor_of
from scopekeeper.surface.graphql.names import Names


@dataclass(frozen=True, slots=True)
class Listed:
    """One page as a connection shows it: cursors are made, and all are counted, when somebody asks for that."""

    page: Page[Any]
    behind: str | None
    """The key behind which it begins; None for the first page."""


def connection_of(node: GraphQLObjectType, record: type, names: Names) -> GraphQLObjectType:
    """The connection to a list of `node`, the type of `record`."""
    edge = GraphQLObjectType(
        names.claim(f"{node.name}Edge", record),
        {
            "cursor": GraphQLField(_required(GraphQLString), resolve=_cursor, description="Its place in the list."),
            "node": GraphQLField(_required(node), resolve=_node),
        },
        description=f"One {node.name} and its place in the list.",
    )
    return GraphQLObjectType(
        names.claim(f"{node.name}Connection", record),
        {
            "edges": GraphQLField(_each(edge), resolve=_edges),
            "nodes": GraphQLField(_each(node), resolve=_nodes, description="The same without their places."),
            "pageInfo": GraphQLField(_required(_PAGE_INFO), resolve=_itself),
            "totalCount": GraphQLField(_required(GraphQLInt), resolve=_count, description="How many there are in all."),
        },
        description=f"One page of a list of {node.name}.",
    )


def _required(type_: Any) -> GraphQLOutputType:
    return GraphQLNonNull(type_)


def _each(node: GraphQLObjectType) -> GraphQLOutputType:
    return GraphQLNonNull(GraphQLList(GraphQLNonNull(node)))


def _itself(source: Listed, _info: object) -> Listed:
    return source


def _edges(listed: Listed, _info: object) -> list[tuple[str, Any]]:
    return list(zip(listed.page.keys, listed.page.items, strict=True))


def _nodes(listed: Listed, _info: object) -> tuple[Any, ...]:
    return listed.page.items


async def _count(listed: Listed, _info: object) -> int:
    return await listed.page.count()


def _cursor(edge: tuple[str, Any], _info: object) -> str:
    return cursor_of(edge[0])


def _node(edge: tuple[str, Any], _info: object) -> Any:
    return edge[1]


def _has_next(listed: Listed, _info: object) -> bool:
    return listed.page.next is not None


def _has_previous(listed: Listed, _info: object) -> bool:
    return listed.behind is not None


def _start(listed: Listed, _info: object) -> str | None:
    return cursor_of(listed.page.keys[0]) if listed.page.keys else None


def _end(listed: Listed, _info: object) -> str | None:
    return cursor_of(listed.page.keys[-1]) if listed.page.keys else None


_PAGE_INFO: Final = GraphQLObjectType(
    "PageInfo",
    {
        "hasNextPage": GraphQLField(_required(GraphQLBoolean), resolve=_has_next),
        "hasPreviousPage": GraphQLField(_required(GraphQLBoolean), resolve=_has_previous),
        "startCursor": GraphQLField(GraphQLString, resolve=_start),
        "endCursor": GraphQLField(GraphQLString, resolve=_end, description="The next page is what comes `after` it."),
    },
    description="Where a page lies in its list.",
)
