"""A selection beside what an application may have: what it has already, what it would get, what it would lose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scopekeeper.console.scopes.opening import Openings
from scopekeeper.oauth.records import Client
from scopekeeper.scopes import Catalogue, missing
from scopekeeper.sdk import Operation


@dataclass(frozen=True, slots=True)
class Difference:
    """One scope, and the operations that it makes the difference for."""

    scope: str
    words: str
    operations: Sequence[Operation]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What of the selection the application holds, what it lacks, and what it holds beyond the selection."""

    client: Client
    held: Sequence[Difference]
    missing: Sequence[Difference]
    superfluous: Sequence[Difference]

    @property
    def same(self) -> bool:
        """Do both reach equally far?"""
        return not self.missing and not self.superfluous


def compared(selection: Sequence[str], client: Client, catalogue: Catalogue, openings: Openings) -> Comparison:
    """The comparison of this selection with this application's ceiling."""

    def differing(scopes: Iterable[str], beyond: Sequence[str]) -> Sequence[Difference]:
        return [Difference(each, _said(each, catalogue), openings.within(each, frozenset(beyond))) for each in scopes]

    lacking = missing(client.scope, selection)
    return Comparison(
        client,
        held=differing([each for each in selection if each not in lacking], ()),
        missing=differing(lacking, client.scope),
        superfluous=differing(missing(selection, client.scope), selection),
    )


def _said(scope: str, catalogue: Catalogue) -> str:
    return catalogue[scope].description if scope in catalogue else "No module has this scope any more"
