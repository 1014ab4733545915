"""A module whose words are full of markup, quotes and lines: all that is made of it says them, and does nothing."""

import ast
import json
import subprocess
from typing import Annotated, Final

import pytest
from graphql import build_schema

from scopekeeper.api.modules import Modules
from scopekeeper.docs import Library
from scopekeeper.docs.graphql import GraphqlDocs
from scopekeeper.docs.rest import RestDocs
from scopekeeper.docs.shown import Shown
from scopekeeper.docs.site import site_of
from scopekeeper.sdk import ApiModule, Caller, Meta, Page, Paging, record
from tests.pages.browsing import Seen
from tests.reading.shelf import ISSUER, MODULES, WHOLE
from tests.reading.test_collections import blocks

MARKUP: Final = "</script></title><script>alert(1)</script><img src=x onerror=alert(1)><!-- ]]> {{ 7*7 }} \"'>"
WORDS: Final = (
    f'{MARKUP} `code` [x](javascript:alert(1)) """ \\" $(touch x) `touch x` ${{x}} \u2028 \u202e\n'
    "}\nscript:pre-request {\n  alert(1)\n}\nJSON\n'; touch x; '\r\n*/ # //"
)

Hostile = Annotated[str, Meta(description=WORDS, examples=[WORDS], pattern=MARKUP.replace("*", "."))]


@record
class Thing:
    """A thing."""

    name: Hostile
    kind: Hostile


@record
class Change:
    """What is to be."""

    kind: Hostile


async def _one(caller: Caller, name: Hostile, near: Hostile = WORDS) -> Thing:
    raise NotImplementedError


async def _several(caller: Caller, paging: Paging, kind: Hostile) -> Page[Thing]:
    raise NotImplementedError


async def _changed(caller: Caller, name: Hostile, body: Change) -> Thing:
    raise NotImplementedError


def _module() -> ApiModule:
    api = ApiModule("hostile", title=MARKUP, read=MARKUP, write=MARKUP)
    for each in (Thing, Change, _one, _several, _changed):
        each.__doc__ = WORDS
    api.read("GET /things/{name}", field="thing", system=True, deprecated=WORDS)(_one)
    api.read("GET /things", field="things", system=True)(_several)
    api.write("PUT /things/{name}", field="setThing", system=True)(_changed)
    return api


ALL: Final = Modules([*MODULES, _module()])
LIBRARY: Final = Library.of(ALL.modules, ALL.operations, ALL.catalogue, issuer=ISSUER)
SITE: Final = site_of(LIBRARY, WHOLE)
ALONE: Final = Shown(module="hostile")


@pytest.mark.parametrize("page", [path for path in SITE if path.endswith(".html")])
def test_row_48_what_a_module_says_is_text_on_every_page(page: str) -> None:
    seen = Seen(SITE[page])
    assert [each.get("src") for each in seen.all("script")] == ["static/docs.js"]
    assert {each.get("src") for each in seen.all("img")} <= {"static/mark.svg"}
    assert [
        (tag, name) for tag, each in seen.elements for name in each if name.startswith("on") or name == "style"
    ] == []
    assert not any(each.get("href", "").startswith(("javascript:", "data:")) for each in seen.all("a"))
    assert "alert(1)" in seen.text


def test_documents_made_of_it_are_still_what_they_are() -> None:
    assert build_schema(SITE["schema.graphql"].decode()).get_type("Thing") is not None
    assert json.loads(SITE["openapi.json"])["paths"]["/hostile/things"]
    assert json.loads(SITE["postman.json"])["item"]


@pytest.mark.parametrize("path", [path for path in SITE if path.startswith("bruno/hostile/")])
def test_row_48_a_file_of_bruno_has_no_block_that_a_module_wrote(path: str) -> None:
    """Bruno runs what stands in some of them."""
    found = blocks(SITE[path].decode())
    known = {"meta", "auth", "get", "put", "params:query", "params:path", "headers", "body:json", "docs"}
    assert set(found) <= known
    if "body:json" in found:
        assert json.loads("\n".join(found["body:json"])) == {"kind": WORDS, "name": WORDS}


def test_row_48_programs_made_of_its_examples_send_them_and_run_nothing(tmp_path: object) -> None:
    docs = RestDocs(LIBRARY).of(ALONE)
    texts = {
        (entry.key, snippet.ending): snippet.text
        for group in docs.groups
        for entry in group.entries
        for snippet in docs.told(entry).snippets
    }
    assert len(texts) == 9
    commands = [text for (_, ending), text in texts.items() if ending == "sh"]
    graphql = GraphqlDocs(LIBRARY).of(ALONE)
    commands += [item.example.curl for module in graphql.modules for item in module.items if item.example]
    for text in commands:
        done = subprocess.run(
            ["sh", "-c", f"curl() {{ cat > /dev/null; }}\n{text}"],
            cwd=str(tmp_path),
            env={"PATH": "/usr/bin:/bin", "ACCESS_TOKEN": "x"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), text
    for (_, ending), text in texts.items():
        if ending == "py":
            ast.parse(text)
    [program] = [text for (key, ending), text in texts.items() if (key, ending) == ("setThing", "py")]
    [body] = [each.value for each in ast.parse(program).body if isinstance(each, ast.Assign) and _names(each, "body")]
    assert ast.literal_eval(body) == {"kind": WORDS, "name": WORDS}


def _names(statement: ast.Assign, name: str) -> bool:
    [target] = statement.targets
    return isinstance(target, ast.Name) and target.id == name
