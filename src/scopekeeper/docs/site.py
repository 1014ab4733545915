"""The documentation as a site of files: it works from any folder of any server, from a disk, and without scripts."""

import json
from importlib.resources import files
from typing import Final

from scopekeeper.docs import PACKAGE
from scopekeeper.docs.collections import bruno, postman
from scopekeeper.docs.library import Library
from scopekeeper.docs.place import Place
from scopekeeper.docs.shell import STATIC, Name, Shell
from scopekeeper.docs.shown import Shown
from scopekeeper.pages.shelf import PAGES
from scopekeeper.surface.projection import Projection

PLACE: Final = Place(
    home="index.html",
    graphql="graphql.html",
    rest="rest.html",
    sdl="schema.graphql",
    openapi="openapi.json",
    postman="postman.json",
    bruno="bruno/",
    cuts=False,
)

_PAGES: Final[tuple[tuple[str, Name], ...]] = (
    (PLACE.home, "home"),
    (PLACE.graphql, "graphql"),
    (PLACE.rest, "rest"),
)


def site_of(library: Library, shown: Shown) -> dict[str, bytes]:
    """Every file of the site by its path, `/` between folders. The same library and scopes give the same bytes."""
    held, issuer = shown.held, library.issuer
    document = library.document(held)
    shell = Shell(library, lambda name: f"static/{name}")
    texts = {path: shell.page(name, PLACE, shown) for path, name in _PAGES}
    texts |= {
        PLACE.openapi: _json(document),
        PLACE.sdl: Projection(library.projected(held)).sdl,
        PLACE.postman: _json(postman(document, issuer=issuer, cut=held is not None)),
    }
    requests = bruno(document, issuer=issuer, cut=held is not None)
    texts |= {f"{PLACE.bruno}{path}": text for path, text in requests.items()}
    return {path: text.encode() for path, text in texts.items()} | {f"static/{name}": _static(name) for name in STATIC}


def _static(name: str) -> bytes:
    found = (files(package).joinpath("static", name) for package in (PAGES, PACKAGE))
    return next(file.read_bytes() for file in found if file.is_file())


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
