"""What a GraphQL document amounts to with its fragments expanded, found in time linear in its text."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, IntValueNode, SelectionNode, SelectionSetNode

from scopekeeper.sdk.paging import LARGEST_LIMIT
from scopekeeper.surface.document import Fragments
from scopekeeper.surface.limits import LimitExceeded, Limits, require

_INTROSPECTION: Final = ("__schema", "__type")
_LISTS: Final = frozenset(
    ("args", "directives", "enumValues", "fields", "inputFields", "interfaces", "possibleTypes", "types")
)


@dataclass(frozen=True, slots=True)
class Size:
    """What a selection set amounts to with its fragments expanded. `+` sets two side by side."""

    levels: int = 0
    depth: int = 0
    roots: int = 0
    fields: int = 0
    aliases: int = 0
    values: int = 0
    """Fields times the items asked for."""
    lists: int = 0
    """Fields that would be lists in introspection."""
    introspected: int = 0
    """Those that are."""

    def __add__(self, other: "Size") -> "Size":
        return Size(
            max(self.levels, other.levels),
            max(self.depth, other.depth),
            self.roots + other.roots,
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.values + other.values,
            self.lists + other.lists,
            self.introspected + other.introspected,
        )


class Measure:
    """Measures each fragment once, so that fragments of fragments of fragments take no longer than their text.

    It goes no deeper than the limit on levels, so that nothing a stranger sends exhausts the stack.

    `lists` are the names of fields that are lists, and how many items each has where nothing says how many: whatever
    type such a field is of, for the text alone is measured.
    """

    def __init__(self, fragments: Fragments, limits: Limits, lists: Mapping[str, int]) -> None:
        self._fragments = fragments
        self._limits = limits
        self._lists = lists
        self._sizes: dict[str, Size] = {}
        self._open: set[str] = set()

    def selection_set(self, selection_set: SelectionSetNode | None, level: int) -> Size:
        """The size of a selection set that stands at this level. Raises LimitExceeded."""
        if selection_set is None:
            return Size()
        self._require_level(level)
        size = sum((self._selection(each, level + 1) for each in selection_set.selections), Size())
        return replace(size, levels=size.levels + 1)

    def fragment(self, name: str, level: int) -> Size:
        """The size of what the fragment of this name holds. Raises LimitExceeded, also where it spreads itself."""
        known = self._sizes.get(name)
        if known is not None:
            self._require_level(level + known.levels - 1)
            return known
        if name in self._open:
            raise LimitExceeded(f"The fragment {name} spreads itself.")
        definition = self._fragments.get(name)
        self._open.add(name)
        size = self.selection_set(definition.selection_set if definition else None, level)
        self._open.discard(name)
        self._sizes[name] = size
        return size

    def _selection(self, selection: SelectionNode, level: int) -> Size:
        if isinstance(selection, FieldNode):
            usual = self._lists.get(selection.name.value, 1)
            return _field(selection, self.selection_set(selection.selection_set, level), usual)
        if isinstance(selection, InlineFragmentNode):
            return self.selection_set(selection.selection_set, level)
        return self.fragment(selection.name.value, level) if isinstance(selection, FragmentSpreadNode) else Size()

    def _require_level(self, level: int) -> None:
        require(level, self._limits.levels, "selections inside one another")


def _field(node: FieldNode, within: Size, usual: int) -> Size:
    name = node.name.value
    return Size(
        levels=within.levels,
        depth=within.depth + 1,
        roots=1,
        fields=within.fields + 1,
        aliases=within.aliases + (node.alias is not None),
        values=1 + within.values * _items(node, usual),
        lists=within.lists + (node.selection_set is not None and name in _LISTS),
        introspected=within.introspected + (within.lists if name in _INTROSPECTION else 0),
    )


def _items(node: FieldNode, usual: int) -> int:
    """How many items the field asks for by `first`, or else has; the most there can be where a variable says it."""
    for argument in node.arguments or ():
        if argument.name.value == "first":
            literal = argument.value
            asked = int(literal.value[:10]) if isinstance(literal, IntValueNode) else LARGEST_LIMIT
            return max(1, min(asked, LARGEST_LIMIT))
    return usual
