"""Scopes as somebody ticked, typed or pasted them: those that exist, in their order, and those that do not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from scopekeeper.scopes import Catalogue, collapse

MOST_UNKNOWN: Final = 20
"""Words that are no scopes: more of them are not told of."""

_BETWEEN: Final = re.compile(r"""[\s,;"'\[\]]+""")
"""What stands between scopes in a list, a JSON array or a line of `.env`."""


LONGEST_LINK: Final = 7_000
"""Characters of a selection in an address that every server and proxy on the way takes."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is selected, as it was ticked: in that order, and never collapsed of its own accord."""

    scopes: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The scopes, space-separated (RFC 6749 §3.3)."""
        return " ".join(self.scopes)

    def shorter(self, catalogue: Catalogue) -> tuple[str, ...] | None:
        """The same reach in fewer scopes; None where it is told in as few already."""
        parents = collapse(self.scopes, catalogue)
        return parents if len(parents) < len(self.scopes) else None


def selection_of(texts: Iterable[str], catalogue: Catalogue) -> Selection:
    """The selection that these texts name: a field sent many times, or a list that was pasted."""
    words = dict.fromkeys(word for text in texts for word in _BETWEEN.split(text) if word)
    unknown = [word[:100] for word in words if word not in catalogue]
    return Selection(tuple(word for word in words if word in catalogue), tuple(unknown[:MOST_UNKNOWN]))


def along(text: str) -> str:
    """What stands at the end of an address that takes this selection along: nothing where it is empty, or too long."""
    query = f"?{urlencode({'scope': text})}" if text else ""
    return query if len(query) <= LONGEST_LINK else ""
