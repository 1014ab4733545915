"""Modules linked: what cannot stand together stops the start with one clear line."""

from importlib.metadata import EntryPoint, EntryPoints

import pytest

from scopekeeper.api import modules as linking
from scopekeeper.api.modules import Modules, installed
from scopekeeper.sdk import ApiModule, Caller, DeclarationError, Words, record


@record
class Bell:
    """What rings."""

    bell: str
    tone: str = "ding"


@record
class Ringing:
    """When a bell rings."""

    ringing: str
    bell: str


def module(name: str, field: str = "ring", refers_to: str | None = None, of: str | None = None) -> ApiModule:
    api = ApiModule(name, title=name.title(), read="See", write="Change")
    if refers_to is None:
        table = api.table(Bell, key="bell")
    else:
        api.table(Ringing, key="ringing", refers={"bell": (refers_to, "cascade")})

    @api.read("GET /{bell}", field=field, of=of or table)
    async def ring(caller: Caller, bell: str) -> Bell:
        """Ring."""
        return Bell(bell)

    return api


def with_words(**resources: Words) -> ApiModule:
    """A module two of whose resources are read, and none is written."""
    api = ApiModule("bells", title="Bells", read="See the bells", write="Change the bells", resources=resources)

    @api.read("GET /tones", field="tone", system=True, resource="tones")
    async def tone(caller: Caller) -> Bell:
        """A tone."""
        return Bell("tone")

    @api.read("GET /ropes", field="rope", system=True, resource="ropes")
    async def rope(caller: Caller) -> Bell:
        """A rope."""
        return Bell("rope")

    return api


def refusal(*modules: ApiModule) -> str:
    with pytest.raises(DeclarationError) as caught:
        Modules(modules)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_two_modules_of_one_name_are_refused() -> None:
    assert "two modules are named 'bells'" in refusal(module("bells"), module("bells", field="other"))


def test_a_resource_is_described_in_the_words_that_its_module_gives_it_or_else_in_those_of_the_module() -> None:
    catalogue = Modules([with_words(tones=Words(read="Hear the tones"))]).catalogue
    for api in ("rest", "gql"):
        assert catalogue[f"{api}:bells:read:tones"].description == "Hear the tones"
        assert catalogue[f"{api}:bells:read:ropes"].description == "See the bells: ropes only"
        assert catalogue[f"{api}:bells:read"].description == "See the bells"


def test_words_of_a_resource_that_no_operation_bears_are_refused() -> None:
    assert refusal(with_words(tone=Words(read="Hear"))) == "bells: no operation that reads bears the resource 'tone'"
    unwritten = with_words(tones=Words(read="Hear the tones", write="Tune"))
    assert refusal(unwritten) == "bells: no operation that writes bears the resource 'tones'"


def test_a_graphql_field_declared_twice_is_refused_naming_both() -> None:
    said = refusal(module("bells"), module("gongs"))
    assert "'ring' is declared twice" in said
    assert "bells.ring" in said
    assert "gongs.ring" in said


def test_a_reference_to_a_table_that_no_module_declares_is_refused() -> None:
    assert "'towers', which no module declares" in refusal(module("times", refers_to="towers", of="bell"))


def test_of_another_modules_key_is_looked_up_in_that_modules_table() -> None:
    linked = Modules([module("bells"), module("times", field="time", refers_to="bells", of="bell")])
    assert [each.owner_table for each in linked.operations] == [None, "bells"]


def test_of_that_names_nothing_is_refused() -> None:
    api = ApiModule("times", title="Times", read="See", write="Change")

    @api.read("GET /{tower}", field="time", of="tower")
    async def tell(caller: Caller, tower: str) -> Bell:
        """Tell the time."""
        return Bell(tower)

    assert "of='tower' names no owner, for no table is keyed by it" in refusal(module("bells"), api)


def test_of_that_could_mean_two_tables_is_refused() -> None:
    api = ApiModule("times", title="Times", read="See", write="Change")

    @api.read("GET /{bell}", field="time", of="bell")
    async def tell(caller: Caller, bell: str) -> Bell:
        """Tell the time."""
        return Bell(bell)

    assert "bells, gongs are keyed by it" in refusal(module("bells"), module("gongs", field="gong"), api)


def test_the_modules_in_the_box_stand_together() -> None:
    linked = installed()
    assert {"callforward", "extensions"} <= {each.name for each in linked}
    assert [table.name for table in linked.tables] == sorted(table.name for table in linked.tables)
    assert "rest:callforward:write" in linked.catalogue.leaves


def test_a_module_that_others_do_not_need_can_be_switched_off() -> None:
    names = {each.name for each in installed(switched_off=["callforward"])}
    assert names == {each.name for each in installed()} - {"callforward"}


def test_a_module_that_others_need_cannot_be_switched_off() -> None:
    with pytest.raises(DeclarationError, match="'extensions', which no module declares"):
        installed(switched_off=["extensions"])


def test_switching_off_what_is_not_there_is_refused() -> None:
    with pytest.raises(DeclarationError, match="no module is named 'callfoward'"):
        installed(switched_off=["callfoward"])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("gone", "scopekeeper.modules.gone:api", "cannot be loaded"),
        ("callforward", "scopekeeper.modules.callforward:Forward", "is no ApiModule"),
        ("other", "scopekeeper.modules.callforward:api", "is entered as 'other'"),
    ],
)
def test_an_entry_point_that_is_no_module_is_refused(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = EntryPoint(name, value, linking.GROUP)
    monkeypatch.setattr(linking, "entry_points", lambda group: EntryPoints([entry]))
    with pytest.raises(DeclarationError, match=said):
        installed()
