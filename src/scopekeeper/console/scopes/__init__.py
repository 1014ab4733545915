"""`/console/scopes`: the Scope Visualizer."""

from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.scopes.least import LeastScopes
from scopekeeper.console.scopes.opening import Openings
from scopekeeper.console.scopes.picker import Picker
from scopekeeper.console.scopes.preview import Previews
from scopekeeper.console.scopes.sheet import PREFIX, CatalogueSheet
from scopekeeper.console.scopes.visualizer import Visualizer

__all__ = ["Picker", "rooms"]


def rooms(desk: Desk) -> tuple[Room, ...]:
    """The pages of the visualizer."""
    sheet = CatalogueSheet.of(desk.catalogue, desk.docs.operations)
    visualizer = Visualizer.of(desk, sheet, Openings.of(desk.docs.operations))
    least, previews = LeastScopes(desk), Previews(desk)
    return (
        Room("GET", "/console/scopes", visualizer),
        Room("GET", "/console/scopes/least", least),
        Room("POST", "/console/scopes/least", least.answered),
        Room("GET", "/console/scopes/preview/token", previews.token),
        Room("GET", "/console/scopes/preview/consent", previews.consent),
        Room("GET", f"{PREFIX}{{digest}}", sheet),
        Room("GET", "/console/scopes/{scope}", visualizer.one),
    )
