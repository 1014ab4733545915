"""The documentation of the REST API: what a reader is told of each operation, whatever is selected and looked for."""

import ast
import json
import re
import shutil
import subprocess
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopekeeper.docs import Library, Place, Shown
from scopekeeper.docs.rest import RestDocs
from scopekeeper.docs.rest.operations import Document
from scopekeeper.docs.rest.page import Page
from scopekeeper.docs.rest.schemas import Schemas
from scopekeeper.docs.rest.snippets import Call, literal, snippets_of
from scopekeeper.docs.rest.told import Entry
from scopekeeper.docs.shell import Shell
from scopekeeper.scopes import Catalogue
from scopekeeper.sdk import ApiModule, Caller, Paging, record
from scopekeeper.sdk import Page as Listed
from scopekeeper.surface.openapi import cut
from tests.api.house import ISSUER, MODULES

LIBRARY = Library.of(MODULES.modules, MODULES.operations, MODULES.catalogue, issuer=ISSUER)
DOCS = RestDocs(LIBRARY)
OPERATIONS = {each.field: each for each in LIBRARY.operations}
SCOPES = [entry.scope for entry in MODULES.catalogue]
PLACE = Place(graphql="/g", rest="/r", sdl="/s", openapi="/o")
FILES = Place(graphql="g.html", rest="r.html", sdl="s", openapi="o", cuts=False)


def entries(page: Page) -> list[Entry]:
    return [each for group in page.groups for each in group.entries]


def entry(key: str) -> Entry:
    return next(each for each in entries(DOCS.of(Shown())) if each.key == key)


def page(place: Place = PLACE, **shown: Any) -> str:
    return Shell(LIBRARY, lambda name: name).page("rest", place, Shown(**shown))


@given(st.sets(st.sampled_from(SCOPES), max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_selection_shows_what_the_document_cut_to_it_has(scopes: set[str]) -> None:
    narrow = cut(LIBRARY.openapi, scopes)
    kept = {each["operationId"] for operations in narrow["paths"].values() for each in operations.values()}
    shown = DOCS.of(Shown(tuple(scopes)) if scopes else Shown(("openid",)))
    assert {each.key for each in entries(shown)} == kept
    assert shown.count == len(kept)
    for key in kept:
        # All that is told of it is in that document: nothing comes from outside the selection.
        assert Document(narrow).told(OPERATIONS[key]) == shown.told(entry(key))


def test_operations_stand_by_module_and_path_with_reading_before_writing() -> None:
    [group] = DOCS.of(Shown(("rest:callforward",))).groups
    assert (group.title, [(each.method, each.path) for each in group.entries]) == (
        "Call Forward",
        [
            ("GET", "/callforward/users"),
            *((method, "/callforward/users/{extension}") for method in ("GET", "PUT", "PATCH", "DELETE")),
            *((method, "/callforward/users/{extension}/ringtimer") for method in ("GET", "PUT")),
        ],
    )


def test_a_description_is_a_title_and_the_rest() -> None:
    put, patch = entry("setCallForward"), entry("updateExtension")
    assert (put.name, put.words) == ("Say where one extension's calls go", "<p>A field left out means: nowhere.</p>")
    assert patch.name == "Change an extension"
    assert patch.words.startswith("<p>Only the fields given are changed; null clears.")


def test_parameters_fields_and_bounds_are_told() -> None:
    told = DOCS.of(Shown()).told(entry("setCallForward"))
    [(place, [extension]), (headers, [match])] = told.parameters
    assert (place, extension.name, extension.type, extension.required) == ("Path", "extension", "string", True)
    assert ("Example", "1001") in extension.facts
    assert (headers, match.name, match.required) == ("Headers", "If-Match", False)
    assert told.body is not None
    fields = {row.name: row for row in told.body.rows}
    assert set(fields["ring_timer"].facts) == {("Range", "-1 to 120"), ("Default", "0"), ("Example", "20")}
    assert (fields["busy"].type, fields["busy"].after) == ("string", " or null")
    assert ("Pattern", r"^\+?[0-9*#]{1,32}$") in fields["busy"].facts
    assert [each.status for each in told.answers] == ["200", "204"]
    assert json.loads(told.answers[0].example)["extension"] == "1001"
    listed = DOCS.of(Shown()).told(entry("callForwards"))
    assert [row.name for _, rows in listed.parameters for row in rows] == ["to", "limit", "after"]
    assert {"items", "items[].extension", "next"} <= {row.name for row in listed.answers[0].rows}


def test_a_record_within_itself_is_told_of_once() -> None:
    node = {"title": "Node", "type": "object", "properties": {"below": {"type": "array", "items": {"$ref": "#/Node"}}}}
    assert [row.name for row in Schemas({"Node": node}).rows({"$ref": "#/Node"})] == ["below"]


def test_who_may_call_is_told() -> None:
    assert "Only for the whole system" in page(scopes=("rest:extensions:write",), text="addExtension")
    assert "People reach what is theirs" in page(scopes=("rest:callforward:read",))


def test_every_refusal_of_what_is_shown_is_explained_once_and_led_to() -> None:
    html = page(scopes=("rest:callforward",))
    for status in ("400", "401", "403", "404", "409", "412", "413", "415", "422", "503"):
        assert html.count(f'id="error-{status}"') == 1
        assert f'href="#error-{status}"' in html
    assert "WWW-Authenticate: Bearer realm=&#34;scopekeeper&#34;, error=&#34;insufficient_scope&#34;" in html
    assert "application/problem+json" in html
    assert 'id="error-409"' not in page(scopes=("rest:callforward:read",))


@pytest.mark.parametrize("text", ["ring_timer", "TIMER callforward", "nowhere extension", "rest:callforward:write"])
def test_words_are_looked_for_in_all_that_is_said(text: str) -> None:
    found = {each.key for each in entries(DOCS.of(Shown(text=text)))}
    assert found
    assert found <= {each.field for each in MODULES.operations if each.module == "callforward"}
    assert entries(DOCS.of(Shown(text=f"{text} xylophone"))) == []


def test_what_lies_outside_is_shown_on_demand_behind_what_is_selected_with_the_way_in() -> None:
    shown = Shown(("rest:callforward:read",), beyond=True, module="")
    assert {each.key for each in entries(DOCS.of(shown))} == set(OPERATIONS)
    others = [module.name for module in MODULES if module.name != "callforward"]
    assert [group.module for group in DOCS.of(shown).groups] == ["callforward", *others]
    forwarding = [each for each in MODULES.operations if each.module == "callforward"]
    reading = [each for each in forwarding if each.access == "read"]
    assert DOCS.of(shown).count == len(reading)
    html = page(scopes=("rest:callforward:read",), beyond=True, module="callforward")
    assert html.count('class="entry outside"') == len(forwarding) - len(reading)
    assert "scope=rest%3Acallforward%3Aread+rest%3Acallforward%3Awrite" in html


def test_a_selection_of_the_other_api_says_so_and_leads_on() -> None:
    html = page(scopes=("gql:callforward:read",))
    assert "The selected scopes open nothing over REST" in html
    assert "Add rest:callforward:read" in html
    assert 'href="/g?scope=gql%3Acallforward%3Aread"' in html
    assert "data-entry" not in html
    assert "Add rest" not in page(scopes=("openid",))


def test_where_nothing_is_like_that_it_says_so() -> None:
    assert "Nothing matches “xylophone”" in page(text="xylophone")
    assert "No operation is like that" in page(module="nowhere")
    assert "Look outside the selection, too" in page(scopes=("rest:callforward",), text="addExtension")


def test_of_many_there_is_a_list_and_each_leads_to_all_that_is_said() -> None:
    whole = DOCS.of(Shown())
    assert whole.brief
    for each in entries(whole):
        there = DOCS.of(Shown(module=each.module, text=whole.near(each)))
        assert not there.brief
        assert each in entries(there)
    lines = re.findall(r'href="(/r[^"]*)#operation-addExtension"', page())
    assert lines == ["/r?module=extensions"]
    assert not DOCS.of(Shown(("rest:callforward",))).brief


def test_a_site_of_files_tells_all_of_each() -> None:
    html = page(FILES)
    assert html.count('class="entry"') == len(OPERATIONS)
    assert 'class="line"' not in html
    assert "<sk-try" not in html
    assert "Scopes</label>" not in html


def test_it_is_tried_only_where_a_token_can_be_had() -> None:
    assert "<sk-try" not in page(scopes=("rest:callforward",))
    tries = Place(graphql="/g", rest="/r", sdl="", openapi="", tries=True)
    html = page(tries, scopes=("rest:callforward",))
    forwarding = [each for each in MODULES.operations if each.module == "callforward"]
    assert html.count("<sk-try") == len(forwarding)
    assert html.count("This changes the live system") == sum(each.access == "write" for each in forwarding)
    assert "OpenAPI document (JSON)" not in html


def test_nothing_is_inline_and_no_anchor_is_there_twice() -> None:
    html = page(FILES)
    assert not re.search(r"<script(?![^>]* src=)|\sstyle=|\son[a-z]+=", html)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_a_body_in_python_is_that_body(value: Any) -> None:
    assert ast.literal_eval(literal(value)) == value


def all_snippets(ending: str) -> list[str]:
    told = [DOCS.of(Shown()).told(each) for each in entries(DOCS.of(Shown()))]
    odd = Call("POST", "https://a.example/it's?$x=`1`", "application/json", {"a'b": '"$(x)`\n\\', "ü": [None, True]})
    return [
        each.text
        for snippets in (*(each.snippets for each in told), snippets_of(odd))
        for each in snippets
        if each.ending == ending
    ]


def test_every_example_in_python_compiles() -> None:
    for text in all_snippets("py"):
        compile(text, "example.py", "exec")


def test_every_example_for_a_shell_is_read_by_one() -> None:
    done = subprocess.run(
        ["sh", "-n"], input="\n".join(all_snippets("sh")), text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js")
def test_every_example_in_javascript_is_read_by_node() -> None:
    program = "\n".join(f"{{\n{text}\n}}" for text in all_snippets("mjs"))
    done = subprocess.run(
        ["node", "--input-type=module", "--check"], input=program, text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@record
class Thing:
    """A thing."""

    id: str
    name: str | None = None
    size: int = 0


def large(many: int) -> Library:
    """A library of one module with this many operations."""
    api = ApiModule("things", title="Things", read="See things", write="Change things")

    async def listed(caller: Caller, paging: Paging) -> Listed[Thing]:
        """The things."""
        raise NotImplementedError

    async def put(caller: Caller, id: str, body: Thing) -> Thing:
        """Put a thing there."""
        raise NotImplementedError

    for number in range(many // 2):
        api.read(f"GET /shelf{number}", field=f"shelf{number}", system=True)(listed)
        api.write(f"PUT /shelf{number}/{{id}}", field=f"putOnShelf{number}", system=True)(put)
    return Library.of([api], tuple(api.operations), Catalogue.of(api.declared()), issuer=ISSUER)


@pytest.mark.parametrize("place", [PLACE, FILES], ids=["list", "files"])
def test_five_hundred_operations_are_a_page_in_half_a_second(place: Place) -> None:
    shell = Shell(large(500), lambda name: name)
    shell.page("rest", place, Shown())
    began = process_time()
    html = shell.page("rest", place, Shown())
    took = process_time() - began
    assert html.count("data-entry") == 500
    assert took < (0.5 if place.cuts else 5)
    if place.cuts:
        assert len(html) < 500_000
