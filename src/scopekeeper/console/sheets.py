"""How a page of the console is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scopekeeper.console.call import Call
from scopekeeper.console.door import FORM
from scopekeeper.pages.csrf import FIELD, token_of
from scopekeeper.pages.page import TOOL, Pages
from scopekeeper.pages.selection import along
from scopekeeper.wire import Reply
from scopekeeper.wire.reply import Headers

RESULTS = "results"
"""The block that a list's filters and paging replace."""

CARRYING: Final = ("/console/scopes", "/console/graphql", "/console/docs/")
"""The pages of the API: the selected scopes go along from each to the others."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """Writes the console's pages, from `console/templates/console/`."""

    pages: Pages

    def __call__(
        self, call: Call, template: str, facts: Mapping[str, object], status: int = 200, headers: Headers = ()
    ) -> Reply:
        """The page; or, where a page of ours asks for a part of itself, its block `results` alone."""
        given = {
            "user": call.stay.user,
            "here": call.visit.scope["path"],
            "now": call.now,
            "along": _along(call),
            "proof": {"name": FIELD, "value": token_of(call.visit.key, FORM)},
            **facts,
        }
        block = RESULTS if call.part == RESULTS else None
        return self.pages(call.visit, f"console/{template}", given, status, headers, guards=TOOL, block=block)


def _along(call: Call) -> str:
    """The selection, as the address of this page has it, for the addresses of the others."""
    scope, here = " ".join(call.query.all("scope")).strip(), call.visit.scope["path"]
    return along(scope) if here.startswith(CARRYING) else ""
