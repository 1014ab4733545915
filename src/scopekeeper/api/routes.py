"""The routes of the REST API, linked: each write finds the read beside it, each POST where its record is read."""

from collections.abc import Iterator, Sequence

from scopekeeper.api.answers import Location
from scopekeeper.api.guard import Guard
from scopekeeper.api.perform import Performer
from scopekeeper.api.reading import Reading
from scopekeeper.api.writing import Writing
from scopekeeper.sdk import Operation
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.demands import demand_to_see, place_of, readers_of
from scopekeeper.surface.openapi import path_to


def routes_of(
    bindings: Sequence[Binding], guard: Guard, performer: Performer
) -> Iterator[tuple[str, str, Reading | Writing]]:
    """Method, path (below `/api/rest`) and route of each operation."""
    readers = readers_of(each.operation for each in bindings)
    siblings = {place_of(each.operation): each for each in bindings if each.operation in readers.values()}
    for binding in bindings:
        operation = binding.operation
        route: Reading | Writing
        if operation.access == "read":
            route = Reading(binding, guard, performer)
        else:
            sibling, location = siblings.get(place_of(operation)), _location_of(operation, tuple(readers.values()))
            seeing = demand_to_see(operation, readers)
            route = Writing(binding, guard, performer, sibling=sibling, location=location, seeing=seeing)
        yield operation.method, path_to(operation), route


def _location_of(operation: Operation, readers: Sequence[Operation]) -> Location | None:
    """Where what this POST adds is read: the GET one parameter further, which is a field of the record."""
    if operation.method != "POST":
        return None
    for reader in readers:
        above, _, last = path_to(reader).rpartition("/")
        if above == path_to(operation).rstrip("/") and last.startswith("{") and reader.returns is operation.returns:
            return Location(path_to(reader), last.strip("{}"))
    return None
