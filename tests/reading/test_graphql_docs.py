"""The documentation of the GraphQL API: what it shows of which scopes, and that its examples run."""

import json
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, parse, print_schema, validate
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, PackageLoader, StrictUndefined

from scopekeeper.api.modules import Modules
from scopekeeper.cli.sample import load
from scopekeeper.docs import Library, Place, Shown
from scopekeeper.docs.graphql import GraphqlDocs
from scopekeeper.docs.graphql.entry import Entry
from scopekeeper.docs.graphql.page import MOST_WHOLE, GraphqlPage
from scopekeeper.docs.graphql.refusals import ALWAYS
from scopekeeper.docs.row import Row
from scopekeeper.sdk import ApiModule, Caller, Meta, Page, Paging, record
from scopekeeper.surface.graphql import operation_of
from scopekeeper.surface.needs import needs_of
from scopekeeper.surface.projection import projected
from tests.api.house import ISSUER, MODULES
from tests.api.office import MODULES as OFFICE
from tests.asking import ask, bearer
from tests.building import Built, built


def library_of(modules: Modules) -> Library:
    return Library.of(modules.modules, modules.operations, modules.catalogue, issuer=ISSUER)


LIBRARY = library_of(MODULES)
DOCS = GraphqlDocs(LIBRARY)
WHOLE = DOCS.of(Shown())
SCOPES = [entry.scope for entry in MODULES.catalogue]


def names(page: GraphqlPage) -> list[str]:
    """The root fields that are shown and not outside."""
    return [item.name for module in page.modules for item in module.items if item.example]


def types(page: GraphqlPage) -> set[str]:
    return {used.type.name for kind in page.kinds for used in kind.types}


def entries(page: GraphqlPage = WHOLE) -> dict[str, Entry]:
    return {item.name: item.entry for module in page.modules for item in module.items}


def row(rows: tuple[Row, ...], name: str) -> Row:
    return next(each for each in rows if each.name == name)


def rows_of_type(name: str, page: GraphqlPage = WHOLE) -> tuple[Row, ...]:
    return next(used.type.rows for kind in page.kinds for used in kind.types if used.type.name == name)


def roots(schema: GraphQLSchema) -> set[str]:
    found = [each for each in (schema.query_type, schema.mutation_type) if each is not None]
    return {name for root in found for name, field in root.fields.items() if operation_of(field)}


@given(st.frozensets(st.sampled_from(SCOPES), min_size=1))
@settings(max_examples=40, deadline=None)
def test_it_shows_exactly_what_introspection_shows_to_whoever_holds_the_same(held: frozenset[str]) -> None:
    page, schema = DOCS.of(Shown(tuple(held))), projected(LIBRARY.schema, held)
    assert set(names(page)) == roots(schema)
    reached = {each for each in schema.type_map if not each.startswith("__") and each not in ("Query", "Mutation")}
    assert types(page) == (reached if roots(schema) else set())


def test_without_a_selection_all_there_is_is_shown() -> None:
    assert set(names(WHOLE)) == roots(LIBRARY.schema)
    assert WHOLE.opens
    assert WHOLE.outside == 0


def test_modules_stand_by_their_titles_and_what_reads_stands_before_what_writes() -> None:
    assert [module.title for module in WHOLE.modules] == [module.title for module in MODULES]
    for module in WHOLE.modules:
        assert [item.writes for item in module.items] == sorted(item.writes for item in module.items)


def test_an_entry_tells_all_that_the_declaration_says() -> None:
    entry = entries()["setCallForward"]
    assert (entry.id, entry.scope, entry.read_scope) == (
        "mutation-setCallForward",
        "gql:callforward:write",
        "gql:callforward:read",
    )
    assert entry.bare == ("extension",)
    assert "<p>Say where one extension&#39;s calls go. A field left out means: nowhere.</p>" in entry.words
    assert (entry.returns.type, entry.returns.type_id) == ("Forward", "type-Forward")
    extension, body = entry.arguments
    assert (extension.required, extension.type, extension.after) == (True, "String", "!")
    assert (body.type, body.type_id) == ("ForwardChangeInput", "type-ForwardChangeInput")


def test_what_binds_a_value_is_told_beside_it() -> None:
    assert ("Default", "50") in row(entries()["callForwards"].arguments, "first").facts
    timer = row(rows_of_type("ForwardChangeInput"), "ringTimer")
    assert dict(timer.facts) == {"Default": "0", "At least": "-1", "At most": "120", "Example": "20"}
    assert ("Pattern", r"^\+?[0-9*#]{1,32}$") in row(rows_of_type("Forward"), "busy").facts
    assert "1 to 32 of digits" in row(rows_of_type("ForwardChangeInput"), "busy").words
    since = row(entries()["applicationActivity"].arguments, "since")
    assert not since.required


def test_types_stand_by_kind_and_say_who_uses_them() -> None:
    kinds = {kind.id: {used.type.name for used in kind.types} for kind in WHOLE.kinds}
    assert "Forward" in kinds["objects"]
    assert "ForwardChangeInput" in kinds["inputs"]
    assert "ApplicationType" in kinds["enums"]
    assert {"ForwardConnection", "ForwardEdge", "PageInfo"} <= kinds["lists"]
    assert {"DateTime", "Long", "String"} <= kinds["scalars"]
    forward = next(used for kind in WHOLE.kinds for used in kind.types if used.type.name == "Forward")
    assert {each.name for each in forward.by} == {
        "callForward",
        "callForwards",
        "setCallForward",
        "updateCallForward",
        "clearCallForward",
    }


def test_a_type_names_only_users_that_are_shown() -> None:
    page = DOCS.of(Shown(("gql:callforward:read",)))
    forward = next(used for kind in page.kinds for used in kind.types if used.type.name == "Forward")
    assert [each.name for each in forward.by] == ["callForwards", "callForward"]


@pytest.mark.parametrize("modules", [MODULES, OFFICE], ids=["installed", "office"])
def test_every_example_is_valid_and_needs_what_it_says_and_no_more(modules: Modules) -> None:
    library = library_of(modules)
    shown = entries(GraphqlDocs(library).of(Shown()))
    assert len(shown) == len(modules.operations)
    for entry in shown.values():
        for example in (entry.read_and_written, entry.written_alone):
            document = parse(example.query)
            assert validate(library.schema, document) == [], example.query
            assert set(needs_of(library.schema, document).scopes) == set(example.needs), example.query
            assert validate(projected(library.schema, frozenset(example.needs)), document) == []
        assert entry.written_alone.needs == (entry.scope,)


def test_an_example_spells_names_and_values_as_graphql_does() -> None:
    library = library_of(OFFICE)
    example = entries(GraphqlDocs(library).of(Shown()))["addRoom"].read_and_written
    assert json.loads(example.variables)["body"] == {"name": "string"}
    example = entries()["addApplication"].read_and_written
    assert json.loads(example.variables)["body"]["type"] == "WEB", "over REST: web"
    example = entries()["updateCallForward"].read_and_written
    assert json.loads(example.variables)["body"]["ringTimer"] == 20


def test_an_example_takes_the_example_of_the_field_of_the_same_name() -> None:
    assert json.loads(entries()["callForward"].read_and_written.variables) == {"extension": "1001"}
    assert json.loads(entries()["application"].read_and_written.variables) == {"clientId": "7fGx0pQ2mVbN4sKdL1aZ9c"}


async def run(h: Built, token: str, query: str, variables: str) -> dict[str, Any]:
    body = json.dumps({"query": query, "variables": json.loads(variables or "null")}).encode()
    headers = [bearer(token), ("content-type", "application/json")]
    answer: dict[str, Any] = (await ask(h.front, "POST", "/api/graphql", headers=headers, body=body)).json()
    return answer


def codes(answer: dict[str, Any]) -> set[str]:
    return {each["extensions"]["code"] for each in answer.get("errors", ())}


async def test_every_example_runs_on_the_sample(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        await load(h.house)
        token = await h.token(await h.register())
        # What is removed can be added again; what was added is there to be removed.
        ordered = sorted(entries().values(), key=lambda each: each.name == "addExtension")
        for entry in ordered:
            example = entry.read_and_written
            answer = await run(h, token, example.query, example.variables)
            told = codes(answer)
            if entry.module in ("callforward", "extensions"):
                assert told == set(), (entry.name, answer)
                assert answer["data"][entry.name], (entry.name, answer)
            elif not entry.writes:
                assert told <= {"NOT_FOUND"}, (entry.name, answer)
                assert not (told and not entry.arguments), (entry.name, answer)
            else:
                assert told <= {code for code, _ in entry.refusals}, (entry.name, answer)


async def test_a_write_can_be_run_by_whoever_may_not_read_as_it_is_shown_to_them(tmp_path: Path) -> None:
    page = DOCS.of(Shown(("gql:callforward:write", "gql:extensions:write")))
    async with built(tmp_path) as h:
        token = await h.token(await h.register("gql:callforward:write gql:extensions:write"))
        shown = [item for module in page.modules for item in module.items]
        assert {item.name for item in shown} >= {"setCallForward", "removeExtension"}
        for item in sorted(shown, key=lambda each: each.name == "addExtension"):
            assert item.example is not None
            answer = await run(h, token, item.example.query, item.example.variables)
            assert codes(answer) == set(), (item.name, answer)
            key = {"extension": "1001"}
            given = {"first": "2001", "last": "2010", "count": 10}
            assert answer["data"][item.name] == (given if item.name == "addExtensionRange" else key)


def test_a_link_to_the_explorer_carries_document_and_variables_behind_the_fragment() -> None:
    example = entries()["callForward"].read_and_written
    carried = parse_qs(example.fragment, strict_parsing=True)
    assert carried == {"query": [example.query], "variables": [example.variables]}


def test_every_entry_says_how_it_can_be_refused_in_codes_that_there_are() -> None:
    always = {code for code, _ in ALWAYS}
    assert {"UNAUTHENTICATED", "INVALID_TOKEN", "INSUFFICIENT_SCOPE", "LIMIT_EXCEEDED", "INTERNAL"} <= always
    told = {name: {code for code, _ in entry.refusals} for name, entry in entries().items()}
    assert told["callForwards"] == {"INSUFFICIENT_SCOPE", "INVALID"}
    assert told["callForward"] == {"INSUFFICIENT_SCOPE", "INVALID", "NOT_FOUND"}
    assert told["removeExtension"] >= {"NOT_FOUND", "FORBIDDEN", "CONFLICT", "IN_USE"}
    assert all("INSUFFICIENT_SCOPE" in each for each in told.values())


def test_each_word_has_to_be_somewhere() -> None:
    def found(text: str) -> set[str]:
        return set(names(DOCS.of(Shown(text=text))))

    assert found("FORWARD busy") == set()
    assert "clearCallForward" in found("forward NOWHERE")
    writes = {"setCallForward", "updateCallForward", "clearCallForward"}
    assert found("gql:callforward:write") == {*writes, "setCallForwardRingTimer"}
    assert found("forwardconnection") == {"callForwards"}
    page = DOCS.of(Shown(text="ringtimer"))
    assert types(page) == {
        "Forward",
        "ForwardChangeInput",
        "ForwardChangePatch",
        "RingTimer",
        "SetCallForwardRingTimerInput",
    }
    assert page.diagram is None


def test_what_lies_outside_is_counted_and_shown_on_demand_with_what_would_bring_it_in() -> None:
    held = ("gql:callforward:read",)
    page = DOCS.of(Shown(held, module="callforward"))
    writes = [each for each in MODULES.operations if each.module == "callforward" and each.access == "write"]
    assert page.outside == len(writes)
    shown = DOCS.of(Shown(held, beyond=True, module="callforward"))
    outside = [item for module in shown.modules for item in module.items if not item.example]
    assert {item.entry.scope for item in outside} == {each.scope("gql") for each in writes}
    assert shown.outside == 0
    assert names(shown) == names(page)
    assert types(shown) == types(page), "of what lies outside no types are told"


def test_one_module_alone_brings_its_types_and_no_others() -> None:
    page = DOCS.of(Shown(module="extensions"))
    assert [module.name for module in page.modules] == ["extensions"]
    assert "Extension" in types(page)
    assert "Forward" not in types(page)
    assert not DOCS.of(Shown(module="nope")).known


def test_scopes_of_rest_alone_open_nothing_here() -> None:
    page = DOCS.of(Shown(("rest", "openid")))
    assert not page.opens
    assert page.count == 0
    assert page.outside == len(MODULES.operations)


def test_the_examples_of_a_write_show_more_where_the_read_scope_is_selected_too() -> None:
    def shown(*scopes: str) -> str:
        page = DOCS.of(Shown(scopes))
        [example] = [item.example for module in page.modules for item in module.items if item.name == "setCallForward"]
        assert example is not None
        return example.query

    assert "busy" not in shown("gql:callforward:write")
    assert "busy" in shown("gql:callforward:write", "gql:callforward:read")
    assert "busy" in shown("gql")


def old_and_new() -> Modules:
    api = ApiModule("lamps", title="Lamps", read="See lamps", write="Switch lamps")

    @record
    class Lamp:
        """A lamp."""

        name: Annotated[str, Meta(examples=["hall"])]
        bright: int = 0

    lamps = api.table(Lamp, key="name")

    @api.read("GET /old/{name}", field="bulb", of=lamps, deprecated="Use lamp instead.")
    async def bulb(caller: Caller, name: str) -> Lamp:
        """One bulb."""
        return await caller.rows(lamps).get(name)

    @api.read("GET /{name}", field="lamp", of=lamps)
    async def lamp(caller: Caller, name: str) -> Lamp:
        """One <lamp>, by its `name`.

        It is lit.
        """
        return await caller.rows(lamps).get(name)

    @api.write("DELETE /{name}", field="breakLamp", of=lamps, deprecated="Lamps are for ever.")
    async def break_lamp(caller: Caller, name: str) -> Lamp:
        """Break a lamp."""
        return await caller.rows(lamps).get(name)

    return Modules([api])


def test_an_operation_that_is_on_its_way_out_says_so_in_both_descriptions_and_here() -> None:
    library = library_of(old_and_new())
    sdl = print_schema(library.schema)
    assert 'bulb(name: String!): Lamp @deprecated(reason: "Use lamp instead.")' in sdl
    assert 'breakLamp(name: String!): Lamp @deprecated(reason: "Lamps are for ever.")' in sdl
    paths = library.openapi["paths"]
    assert paths["/lamps/old/{name}"]["get"]["deprecated"] is True
    assert paths["/lamps/old/{name}"]["get"]["description"] == "One bulb.\n\nDeprecated: Use lamp instead."
    assert "deprecated" not in paths["/lamps/{name}"]["get"]
    shown = entries(GraphqlDocs(library).of(Shown()))
    assert shown["bulb"].deprecated == "Use lamp instead."
    assert shown["lamp"].deprecated == ""


def written(docs: GraphqlDocs, shown: Shown, place: Place) -> str:
    """The page as text, written by the macro alone: whatever it stands in gives it no more than this."""
    environment = Environment(
        loader=PackageLoader("scopekeeper.docs"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"static": str, "issuer": ISSUER}
    page = environment.from_string(
        '{% from "docs/graphql.html" import documentation with context %}{{ documentation() }}'
    )
    return page.render(page=docs.of(shown), place=place, shown=shown, unknown=())


FILES = Place("graphql.html", "rest.html", "schema.graphql", "openapi.json", cuts=False)


def test_as_a_file_it_asks_nothing_of_a_server_and_tells_of_everything() -> None:
    text = written(DOCS, Shown(), FILES)
    addresses = re.findall(r'(?:href|action)="([^"]+)"', text)
    elsewhere = {each for each in addresses if not each.startswith(("#", "https://www.rfc-editor.org/"))}
    assert elsewhere == {"graphql.html", "rest.html", "schema.graphql"}
    assert 'id="scopes"' not in text, "what it was written for is chosen"
    assert "Run in the explorer" not in text
    assert "setCallForward" in text


def test_what_is_on_its_way_out_is_said_where_one_reads_of_it() -> None:
    text = written(GraphqlDocs(library_of(old_and_new())), Shown(), FILES)
    [entry] = re.findall(r'<article class="entry" id="query-bulb".*?</article>', text, re.DOTALL)
    assert '<p class="deprecated"><strong>Deprecated.</strong> Use lamp instead.</p>' in entry
    assert text.count('class="deprecated"') == 2


def test_a_large_page_in_short_leads_to_what_is_told_in_full() -> None:
    docs = GraphqlDocs(library_of(many(MOST_WHOLE + 1)))
    place = Place("/docs/graphql", "/docs/rest", "/sdl", "/openapi")
    text = written(docs, Shown(), place)
    assert '<li id="query-list7" data-entry' in text
    assert 'href="/docs/graphql?module=m7#query-list7"' in text
    assert 'href="/docs/graphql?module=m7#type-Inner7"' in text
    assert "<article" not in text.partition('id="module-m0"')[2]
    assert '<article class="entry" id="query-list7"' in written(docs, Shown(module="m7"), place)
    assert '<article class="entry" id="query-list7"' in written(docs, Shown(), FILES), "files are not narrowed"


def test_a_docstring_is_text_in_paragraphs_and_nothing_in_it_is_markup() -> None:
    words = entries(GraphqlDocs(library_of(old_and_new())).of(Shown()))["lamp"].words
    assert words == "<p>One &lt;lamp&gt;, by its <code>name</code>.</p><p>It is lit.</p>"


def many(amount: int) -> Modules:
    """So many modules, each with a list, an object and one within it."""
    made = []
    for number in range(amount):
        api = ApiModule(f"m{number}", title=f"Module {number}", read="See", write="Change")
        inner: Any = record(type(f"Inner{number}", (), {"__doc__": "Within.", "__annotations__": {"a": str}}))
        fields: dict[str, Any] = {"name": str, "inner": inner}
        outer: Any = record(type(f"Outer{number}", (), {"__doc__": "Without.", "__annotations__": fields}))

        async def several(caller: Caller, paging: Paging) -> Any:
            """Several."""

        several.__annotations__["return"] = Page[outer]
        api.read("GET /", field=f"list{number}", system=True)(several)
        made.append(api)
    return Modules(made)


def test_the_diagram_leads_from_fields_to_types_and_nothing_lies_on_anything() -> None:
    for shown in (*(Shown(module=each.name) for each in MODULES), Shown(("gql:extensions:read",))):
        diagram = DOCS.of(shown).diagram
        assert diagram is not None
        boxes = diagram.boxes
        assert boxes
        for one in boxes:
            assert one.x >= 0
            assert one.x + one.width <= diagram.width
            assert one.y >= 0
            assert one.y + one.box.height <= diagram.height
            for other in boxes:
                apart = (
                    one is other
                    or one.x + one.width <= other.x
                    or other.x + other.width <= one.x
                    or one.y + one.box.height <= other.y
                    or other.y + other.box.height <= one.y
                )
                assert apart, (one.box.name, other.box.name)
    diagram = DOCS.of(Shown(module="callforward")).diagram
    assert diagram is not None
    assert {each.box.name for each in diagram.boxes} == {
        "Query",
        "Mutation",
        "Forward",
        "ForwardChangeInput",
        "ForwardChangePatch",
        "RingTimer",
        "SetCallForwardRingTimerInput",
    }
    assert len(diagram.edges) == 10
    assert [each.dashed for each in diagram.edges].count(True) == 1, "the list"


@record
class Circle:
    """Leads to itself, and to another that leads back."""

    name: str
    next: "Circle | None" = None
    bow: "Bow | None" = None


@record
class Bow:
    """A part of a circle."""

    of: Circle


def test_types_in_a_circle_can_be_drawn_too() -> None:
    api = ApiModule("circles", title="Circles", read="See", write="Change")

    @api.read("GET /", field="circle", system=True)
    async def circle(caller: Caller) -> Circle:
        """A circle."""
        return Circle("ring")

    docs = GraphqlDocs(library_of(Modules([api])))
    diagram = docs.of(Shown()).diagram
    assert diagram is not None
    assert len(diagram.edges) == 4
    example = entries(docs.of(Shown()))["circle"].read_and_written
    assert example.query.count("next") == 1, "as deep as is useful, and no deeper"


def test_too_many_types_for_one_picture_are_drawn_module_by_module() -> None:
    docs = GraphqlDocs(library_of(many(25)))
    diagram = docs.of(Shown()).diagram
    assert diagram is not None
    assert (diagram.boxes, diagram.many) == ((), 50)
    assert len(docs.of(Shown()).others) == 25
    one = docs.of(Shown(module="m3")).diagram
    assert one is not None
    assert {each.box.name for each in one.boxes} == {"Query", "Outer3", "Inner3"}


def test_more_than_one_page_holds_is_an_index_until_it_is_narrowed_to_a_module() -> None:
    docs = GraphqlDocs(library_of(many(MOST_WHOLE + 1)))
    assert docs.of(Shown()).large
    assert not docs.of(Shown(module="m3")).large
    assert not WHOLE.large


def test_a_selection_is_cut_once_and_few_are_kept() -> None:
    docs = GraphqlDocs(LIBRARY)
    cuts = docs._cuts
    for number in range(300):
        docs.of(Shown((f"gql:callforward:read:{number}",)))
    assert len(cuts) <= 128
    one, again = [docs.of(Shown(("gql:extensions",))) and cuts.get(frozenset({"gql:extensions"})) for _ in range(2)]
    assert one is not None
    assert one is again


def test_query_and_mutation_are_no_types_of_the_page_and_have_the_same_anchors_always() -> None:
    assert not types(WHOLE) & {"Query", "Mutation"}
    assert isinstance(LIBRARY.schema.query_type, GraphQLObjectType)
    anchors = [item.id for module in WHOLE.modules for item in module.items]
    anchors += [used.type.id for kind in WHOLE.kinds for used in kind.types]
    assert len(anchors) == len(set(anchors))
    assert {"query-callForward", "type-Forward"} <= set(anchors)
