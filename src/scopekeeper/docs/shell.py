"""The documentation outside of the console: a page around each of its parts, whether served or written to a file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

from scopekeeper.docs import PACKAGE
from scopekeeper.docs.graphql import GraphqlDocs
from scopekeeper.docs.home import HomeDocs
from scopekeeper.docs.library import Library
from scopekeeper.docs.place import Place
from scopekeeper.docs.rest import RestDocs
from scopekeeper.docs.shown import Shown
from scopekeeper.pages.page import environment_of
from scopekeeper.pages.shelf import PAGES

Name = Literal["home", "graphql", "rest"]
Notice = Literal["busy", "closed"]

STATIC: Final = ("mark.svg", "pages.css", "docs.css", "docs-rest.css", "public.css", "docs.js")
"""The files that these pages are drawn with."""


class Shell:
    """Writes the three pages. Of the request it knows nothing but what is shown: it may be asked from any thread, one
    page at a time."""

    def __init__(self, library: Library, static: Callable[[str], str]) -> None:
        self._models: Mapping[Name, Callable[[Shown], object]] = {
            "home": HomeDocs(library).of,
            "graphql": GraphqlDocs(library).of,
            "rest": RestDocs(library).of,
        }
        environment = environment_of(PAGES, PACKAGE)
        environment.globals |= {"static": static, "issuer": library.issuer}
        self._template = environment.get_template

    def page(self, name: Name, place: Place, shown: Shown, unknown: Sequence[str] = ()) -> str:
        """The page, as HTML. `unknown` are the words of the selection that are no scopes."""
        facts = {"here": name, "page": self._models[name](shown), "place": place, "shown": shown, "unknown": unknown}
        return self._template(f"docs/public_{name}.html").render(facts)

    def notice(self, notice: Notice) -> str:
        """The page that says, in words, why there is no other."""
        return self._template("docs/public_notice.html").render({"notice": notice})
