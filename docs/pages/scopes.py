"""The page of the scopes: what each one of the installed modules is, and what it opens."""

from collections.abc import Iterator
from typing import Final

from docs.pages.markdown import table
from scopekeeper.api.modules import Modules, installed
from scopekeeper.scopes import Entry
from scopekeeper.sdk import Operation

_TITLES: Final = {"rest": "REST", "gql": "GraphQL", "openid": "Identity"}


def scopes() -> str:
    """Every scope of the modules in the box."""
    modules = installed()
    return _HEAD + "\n".join(_section(modules, api) for api in _TITLES)


def _section(modules: Modules, api: str) -> str:
    rows = (
        (f"`{entry.scope}`", entry.module or "", entry.description, "<br>".join(_opens(modules, entry)))
        for entry in modules.catalogue
        if entry.api == api
    )
    if api == "openid":
        return f"## {_TITLES[api]}\n\n" + table(("scope", "meaning"), ((scope, words) for scope, _, words, _ in rows))
    return f"## {_TITLES[api]}\n\n" + table(("scope", "module", "meaning", "opens"), rows)


def _opens(modules: Modules, entry: Entry) -> Iterator[str]:
    """What an application with this scope can call: what demands it, and what is below it."""
    if modules.catalogue.children(entry.scope):
        yield "all below"
    for operation in modules.operations:
        if entry.scope == operation.scope("rest"):
            yield f"`{operation.method} /api/rest/{operation.module}{operation.path}`"
        elif entry.scope == operation.scope("gql"):
            yield f"`{_kind(operation)} {operation.field}`"


def _kind(operation: Operation) -> str:
    return "query" if operation.access == "read" else "mutation"


_HEAD: Final = """\
# Scopes

A scope is `api[:module[:access[:resource]]]`. It covers itself and all below it; `write` does not cover `read`, and
`rest` and `gql` know nothing of each other. They are made from the operations that the modules declare: nobody types
them. `scopekeeper scopes` lists those of the modules that your server has; here are those in the box.

A write shows no more than its scopes allow: without the read scope beside it, it answers with the key alone. Everything
is written `rest gql`. Identity scopes are given only when they are asked for.

"""
