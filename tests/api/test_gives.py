"""What a write gives, what the house provides to modules, and what a call relies on."""

import pytest

from scopekeeper.api.guard import Admitted
from scopekeeper.api.modules import Modules
from scopekeeper.api.perform import Performer
from scopekeeper.sdk import ApiModule, Caller, DeclarationError, record
from scopekeeper.sdk.data import Changed, Work
from tests.api.house import Doorman, House
from tests.api.office import MODULES, Office, Room
from tests.fixtures_data import DictData


@record
class Ticket:
    """A ticket to the show."""

    seat: str
    show: str
    number: str | None = None


def box_office() -> ApiModule:
    """Sells tickets, whose numbers are told to whoever buys them."""
    api = ApiModule("tickets", title="Tickets", read="See tickets", write="Sell tickets")

    @api.write("PUT /{seat}", field="sellTicket", system=True, gives=("number",))
    async def sell_ticket(caller: Caller, seat: str, body: Ticket) -> Ticket:
        """Sell a ticket; the number is made for a show alone."""
        return Ticket(seat, body.show, "4711" if body.show == "Hamlet" else None)

    @api.write("POST /{seat}/claims", field="claimTicket", system=True, gives=("number",))
    async def claim_ticket(caller: Caller, seat: str) -> Ticket:
        """Claim a ticket."""
        return Ticket(seat, "Hamlet", "4712")

    return api


@pytest.fixture
def house() -> House:
    return House(modules=Modules([box_office()]))


WRITE = "rest:tickets:write"


async def test_what_an_edit_made_is_shown_with_the_key_to_who_may_not_read(house: House) -> None:
    answer = await house.ask("PUT", "/tickets/a1", WRITE, body={"show": "Hamlet"})
    assert (answer.status, answer.json) == (200, {"seat": "a1", "number": "4711"})
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


async def test_where_an_edit_made_nothing_there_is_nothing_to_show(house: House) -> None:
    assert (await house.ask("PUT", "/tickets/a1", WRITE, body={"show": "Faust"})).status == 204


async def test_who_may_read_is_shown_the_record_with_it(house: House) -> None:
    answer = await house.ask("PUT", "/tickets/a1", "rest:tickets", body={"show": "Hamlet"})
    assert answer.json == {"seat": "a1", "show": "Hamlet", "number": "4711"}
    assert answer.headers["cache-control"] == "no-store"


async def test_a_post_needs_no_body(house: House) -> None:
    answer = await house.ask("POST", "/tickets/a1/claims", WRITE)
    assert (answer.status, answer.json) == (201, {"seat": "a1", "number": "4712"})


async def test_the_description_tells_what_is_given(house: House) -> None:
    paths = (await house.ask("GET", "/openapi.json", WRITE)).json["paths"]
    put, post = paths["/tickets/{seat}"]["put"]["responses"], paths["/tickets/{seat}/claims"]["post"]["responses"]
    assert "seat, number is, with 200" in put["204"]["description"]
    for answer in (put["200"], post["201"]):
        less = answer["content"]["application/json"]["schema"]["anyOf"][1]
        assert less["required"] == ["seat", "number"]


def test_what_is_given_is_a_field_of_the_answer() -> None:
    api = ApiModule("tickets", title="Tickets", read="See tickets", write="Sell tickets")
    with pytest.raises(DeclarationError, match="it gives 'price', which is no field of Ticket"):

        @api.write("POST /", field="sellTicket", system=True, gives=("price",))
        async def sell_ticket(caller: Caller, body: Ticket) -> Ticket:
            """Sell a ticket."""
            return body


async def test_a_module_is_provided_with_what_the_house_has_for_it() -> None:
    office = Office.furnished()
    answer = await office.ask('mutation { cutKey(name: "r1") { name keyCode } }', "gql:rooms:write")
    assert answer.data == {"cutKey": {"name": "r1", "keyCode": "7-r1"}}


async def test_what_the_house_does_not_provide_is_a_bug() -> None:
    """Of whoever wired the house, or of a module that asks for what is not its own."""
    [operation] = [each for each in MODULES.operations if each.field == "cutKey"]
    data = DictData(MODULES.tables)
    data.keep(Room("r1"))
    with pytest.raises(LookupError, match="the house provides no Locksmith"):
        await Performer(data).perform(operation, await admitted(), "gql", {"name": "r1"})


async def admitted() -> Admitted:
    doorman = Doorman()
    found = await doorman.find(doorman.token("gql"), None)
    assert found is not None
    return Admitted(found[0], found[1], frozenset({"gql"}))


def test_what_was_seen_otherwise_in_the_same_run_has_changed() -> None:
    caller = Caller(client_id="app", scopes=("gql",), api="gql", data=DictData(()), work=Work())
    caller.saw("ticket", "a1", 1)
    caller.saw("ticket", "a1", 1)
    caller.saw("ticket", "a2", 5)
    with pytest.raises(Changed):
        caller.saw("ticket", "a1", 2)
