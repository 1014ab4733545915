"""The documentation as files: every link leads somewhere, and the same declarations give the same bytes."""

import posixpath
from functools import cache
from urllib.parse import unquote, urlsplit

import pytest
from graphql import build_schema
from openapi_spec_validator import OpenAPIV31SpecValidator

from scopekeeper.docs.shown import Shown
from scopekeeper.docs.site import site_of
from tests.pages.browsing import Seen
from tests.reading.shelf import ISSUER, LIBRARY, READING, WHOLE, gathered

PAGES = ("index.html", "graphql.html", "rest.html")
VIEWS = {"whole": WHOLE, "cut": READING}

OUTWARD = (f"{ISSUER}/.well-known/", "https://www.rfc-editor.org/")
"""Where the pages lead: to the server that they document, and to specifications. Nothing is loaded from there."""

LINKS = (("a", "href"), ("link", "href"), ("script", "src"), ("img", "src"), ("form", "action"), ("use", "href"))


@cache
def site(shown: Shown) -> dict[str, bytes]:
    return site_of(LIBRARY, shown)


@cache
def anchors(page: bytes) -> set[str]:
    return {attributes["id"] for _, attributes in Seen(page).elements if "id" in attributes}


def links(page: bytes) -> list[tuple[str, str]]:
    """Each with the element that it stands in."""
    seen = Seen(page)
    return [(tag, each[name]) for tag, name in LINKS for each in seen.all(tag) if name in each]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", PAGES)
def test_every_link_and_every_file_that_a_page_names_is_there_with_its_anchor(view: str, name: str) -> None:
    files = site(VIEWS[view])
    for tag, link in links(files[name]):
        parts = urlsplit(link)
        if parts.scheme:
            assert (tag, link.startswith(OUTWARD)) == ("a", True), link
            continue
        assert (parts.netloc, parts.query) == ("", ""), link
        assert not parts.path.startswith("/"), f"{link} leads out of the folder"
        path = posixpath.normpath(unquote(parts.path)) if parts.path else name
        assert path in files, link
        if parts.fragment:
            assert unquote(parts.fragment) in anchors(files[path]), link


@pytest.mark.parametrize("name", PAGES)
def test_every_anchor_is_there_once(name: str) -> None:
    ids = [attributes["id"] for _, attributes in Seen(site(WHOLE)[name]).elements if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_no_script_and_has_none_within(name: str) -> None:
    seen = Seen(site(WHOLE)[name])
    assert all(each.get("src") for each in seen.all("script"))
    assert seen.all("style") == []
    assert [each for _, each in seen.elements if "style" in each or any(key.startswith("on") for key in each)] == []
    assert {each.get("method", "get") for each in seen.all("form")} <= {"get"}


def test_the_pages_tell_of_every_operation_in_full() -> None:
    files = site(WHOLE)
    rest, graphql = [Seen(files[name]).text for name in ("rest.html", "graphql.html")]
    for operation in LIBRARY.operations:
        assert operation.title.partition(". ")[0] in rest, operation.field
        assert operation.scope("rest") in rest
        assert operation.field in graphql, operation.field
        assert operation.scope("gql") in graphql


def test_a_site_for_some_scopes_has_nothing_of_the_others() -> None:
    for path, content in site(READING).items():
        if not path.startswith("static/"):
            for beyond in ("extensions:read", "setCallForward", "addExtension", "admin:"):
                assert beyond not in content.decode(), (path, beyond)


def test_the_documents_are_what_others_take_them_for() -> None:
    import json

    for shown in VIEWS.values():
        files = site(shown)
        OpenAPIV31SpecValidator(json.loads(files["openapi.json"])).validate()
        schema = build_schema(files["schema.graphql"].decode())
        assert schema.query_type is not None
        assert "callForward" in schema.query_type.fields


def test_the_same_declarations_give_the_same_bytes() -> None:
    one, other = (site_of(gathered(), WHOLE) for _ in range(2))
    assert one == other


def test_a_site_of_scopes_that_open_nothing_says_so() -> None:
    files = site_of(LIBRARY, Shown(("openid",)))
    assert "reach nothing" in Seen(files["index.html"]).text
    assert "PUT" not in Seen(files["rest.html"]).text
