"""The first page of the documentation: a call to begin with."""

from scopekeeper.api.modules import Modules
from scopekeeper.docs import Library, Shown
from scopekeeper.docs.home import HomeDocs
from scopekeeper.sdk import ApiModule, Caller, Page, Paging, record
from tests.reading.shelf import ISSUER


@record
class Shelf:
    """A shelf."""

    name: str


def first_of(*, plain: bool) -> tuple[str, str] | None:
    """What the page of these modules begins with."""
    api = ApiModule("lending", title="Lending", read="See", write="Change")

    @api.read("GET /old", field="oldShelves", system=True, deprecated="Use shelves.")
    async def old(caller: Caller, paging: Paging) -> Page[Shelf]:
        """All."""
        raise NotImplementedError

    @api.read("GET /sought", field="soughtShelves", system=True)
    async def sought(caller: Caller, paging: Paging, room: str) -> Page[Shelf]:
        """Those in a room."""
        raise NotImplementedError

    @api.read("GET /shelves/{name}/boards", field="boards", system=True)
    async def boards(caller: Caller, name: str, paging: Paging) -> Page[Shelf]:
        """Those of a shelf."""
        raise NotImplementedError

    if plain:

        @api.read("GET /shelves", field="shelves", system=True)
        async def shelves(caller: Caller, paging: Paging) -> Page[Shelf]:
            """All."""
            raise NotImplementedError

    modules = Modules([api])
    library = Library.of(modules.modules, modules.operations, modules.catalogue, issuer=ISSUER)
    return HomeDocs(library).of(Shown()).first


def test_the_first_call_is_one_that_can_be_made_as_it_stands_and_will_be_tomorrow() -> None:
    assert first_of(plain=True) == (f"{ISSUER}/api/rest/lending/shelves", "rest:lending:read")
    assert first_of(plain=False) is None
