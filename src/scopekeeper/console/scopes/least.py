"""`/console/scopes/least`: the other way round, from what is to be done to the least scopes that allow it.

Its form changes nothing, so its answer is the page itself: whoever reloads it asks again, and nothing else happens.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlencode

from graphql import GraphQLError

from scopekeeper.console.call import Call, Fields
from scopekeeper.console.desk import Desk
from scopekeeper.console.scopes.opening import route_of
from scopekeeper.console.scopes.visualizer import PAGE
from scopekeeper.pages.selection import Selection, selection_of
from scopekeeper.scopes import least_cover
from scopekeeper.sdk import Operation
from scopekeeper.surface.document import UnknownOperation
from scopekeeper.surface.plans import Plans, Unfit
from scopekeeper.wire import Reply
from scopekeeper.wire.paths import PREFIX, Routes, segments_of

MOST_BOXES: Final = 400
"""Operations that have check boxes; those of a larger API are written."""
MOST_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done, as it was asked."""

    document: str = ""
    """GraphQL."""
    name: str = ""
    """Which operation of the document: its operationName."""
    lines: str = ""
    """Requests of REST, one to a line."""
    routes: tuple[str, ...] = ()
    """Operations that were ticked."""
    answers: bool = False
    """Is what a write answers read, too?"""

    @classmethod
    def of(cls, form: Fields) -> Self:
        """What this form wants."""
        return cls(
            form.one("document"), form.one("name").strip(), form.one("lines"), form.all("operation"), "answers" in form
        )

    @property
    def nothing(self) -> bool:
        """Was nothing asked?"""
        return not (self.document.strip() or self.lines.strip() or self.routes)


@dataclass(slots=True)
class Least:
    """What came of it: the least scopes, or why they cannot be told."""

    scopes: tuple[str, ...] = ()
    for_whom: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Each scope's operations, as they were asked for."""
    introspects: bool = False
    """The document asks for the schema: for that any scope of GraphQL will do."""
    wrong: dict[str, list[str]] = field(default_factory=dict)
    """By field of the form."""


class LeastScopes:
    """The page, and its answer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._plans = Plans(desk.docs.schema, most=50)
        self._routes: Routes[Operation] = Routes()
        self._by_route = {route_of(operation): operation for operation in desk.docs.operations}
        for route, operation in self._by_route.items():
            method, _, path = route.partition(" ")
            self._routes.add(method, path, operation)
        self._modules = _by_module(desk) if len(desk.docs.operations) <= MOST_BOXES else {}

    async def __call__(self, call: Call) -> Reply:
        """The empty form, with the selection that it may add to."""
        return self._page(call, Wanted(), None, selection_of(call.query.all("scope"), self._desk.catalogue))

    async def answered(self, call: Call) -> Reply:
        """The least scopes."""
        wanted = Wanted.of(call.form)
        selection = selection_of(call.form.all("scope"), self._desk.catalogue)
        return self._page(call, wanted, self.least(wanted), selection)

    def least(self, wanted: Wanted) -> Least:
        """The least scopes for all that is wanted."""
        least, needed = Least(), dict[str, dict[str, None]]()
        for operation, asked in self._requested(wanted, least):
            needs = [operation.scope("rest")]
            if wanted.answers and operation.access == "write":
                needs.append(operation.read_scope("rest"))
            for scope in needs:
                needed.setdefault(scope, {})[asked] = None
        if wanted.document.strip():
            for scope, fields in self._needed(wanted, least):
                needed.setdefault(scope, {}).update(fields)
        if wanted.nothing:
            least.wrong["document"] = ["Paste a document, write a request, or tick an operation."]
        if not least.wrong:
            least.scopes = least_cover(needed)
            least.for_whom = {scope: list(asked) for scope, asked in needed.items()}
        return least

    def _requested(self, wanted: Wanted, least: Least) -> Iterable[tuple[Operation, str]]:
        for route in wanted.routes:
            if route in self._by_route:
                yield self._by_route[route], route
        lines = [line.strip() for line in wanted.lines.splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            least.wrong["lines"] = [f"At most {MOST_LINES} requests at a time."]
            return
        for line in lines:
            found = self._operation_of(line)
            if isinstance(found, str):
                least.wrong.setdefault("lines", []).append(found)
            else:
                yield found, line[:200]

    def _operation_of(self, line: str) -> Operation | str:
        """The operation that answers this request, or why there is none."""
        method, _, target = line.partition(" ")
        path = target.strip().partition("?")[0]
        below = path.rpartition(PREFIX)[2] if PREFIX in path else path
        segments = segments_of(below.lstrip("/").encode())
        if not target or segments is None:
            return f"“{line[:100]}” is no request. Write a method and a path: GET /callforward/users/1001"
        found = self._routes.find(method.upper(), segments)
        if found is not None:
            return found[0]
        others = self._routes.methods(segments)
        if others:
            return f"{method[:10].upper()} is not answered at {below[:100]}: {', '.join(others)} is."
        return f"There is no operation at {below[:100]}"

    def _needed(self, wanted: Wanted, least: Least) -> Iterable[tuple[str, dict[str, None]]]:
        try:
            needs = self._plans.of(wanted.document).needs(wanted.name or None)
        except Unfit as unfit:
            least.wrong["document"] = [_place_of(error) for error in unfit.errors]
            return
        except UnknownOperation as unknown:
            least.wrong["name" if wanted.name else "document"] = [_said(unknown)]
            return
        least.introspects = needs.introspects
        for scope in needs.scopes:
            yield scope, {"the document": None}

    def _page(self, call: Call, wanted: Wanted, least: Least | None, selection: Selection) -> Reply:
        found = () if least is None else least.scopes
        together = tuple(dict.fromkeys((*selection.scopes, *found)))
        facts = {
            "wanted": wanted,
            "least": least,
            "entries": [self._desk.catalogue[scope] for scope in found],
            "selection": selection,
            "modules": self._modules,
            "route_of": route_of,
            "ticked_in": lambda operations: any(route_of(each) in wanted.routes for each in operations),
            "added": _address(together),
            "replaced": _address(found),
        }
        return self._desk.sheets(call, "scopes_least.html", facts, 422 if least and least.wrong else 200)


def _by_module(desk: Desk) -> Mapping[str, Sequence[Operation]]:
    titles = {entry.module: entry.title for entry in desk.catalogue if entry.module is not None}
    found: dict[str, list[Operation]] = {}
    for operation in desk.docs.operations:
        found.setdefault(titles[operation.module], []).append(operation)
    return found


def _address(scopes: Iterable[str]) -> str:
    return f"{PAGE}?{urlencode({'scope': ' '.join(scopes)})}"


def _place_of(error: GraphQLError) -> str:
    places = error.locations or ()
    return f"Line {places[0].line}, column {places[0].column}: {error.message}" if places else error.message


def _said(unknown: UnknownOperation) -> str:
    return str(unknown).replace("say by operationName which one", "write below which one")
