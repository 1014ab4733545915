"""Names at the edge of GraphQL: snake_case inside, camelCase outside, and one type for each name."""

import re
from typing import Final

from scopekeeper.sdk import DeclarationError

_NEXT_WORD: Final = re.compile(r"(?<=[A-Za-z0-9])_([a-z0-9])")
_NAME: Final = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]*")
_SCALARS: Final = ("Boolean", "DateTime", "Float", "ID", "Int", "Long", "String")
_TAKEN: Final = ("Mutation", "PageInfo", "Query", "Subscription", *_SCALARS)


def camel_of(name: str) -> str:
    """`ring_timer` as GraphQL spells it: `ringTimer`. A path such as `members[2].last_name` is spelled throughout."""
    return _NEXT_WORD.sub(lambda match: match[1].upper(), name)


class Names:
    """The type names of one schema. Each stands for one thing."""

    def __init__(self) -> None:
        self._claimed: dict[str, str] = dict.fromkeys(_TAKEN, "GraphQL itself")

    def claim(self, name: str, source: type) -> str:
        """The name, now taken by what is made of `source`. Raises DeclarationError where it cannot be had."""
        where = f"{source.__module__}.{source.__qualname__}"
        if _NAME.fullmatch(name) is None:
            raise DeclarationError(f"{where}: {name!r} is no name that a GraphQL type can have")
        other = self._claimed.setdefault(name, where)
        if other is not where:
            raise DeclarationError(f"the GraphQL type {name!r} is made of {other} and of {where}: rename one")
        return name
