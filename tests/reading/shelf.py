"""The library of the modules in the box, and what it is at most asked for here."""

from typing import Final

from scopekeeper.api.modules import installed
from scopekeeper.docs import Library
from scopekeeper.docs.shown import Shown, selected

ISSUER: Final = "https://id.example.com"
MODULES: Final = installed()


def gathered() -> Library:
    """The library, gathered anew."""
    return Library.of(MODULES.modules, MODULES.operations, MODULES.catalogue, issuer=ISSUER)


LIBRARY: Final = gathered()
WHOLE: Final = Shown()
READING: Final = selected(("rest:callforward:read", "gql:callforward:read"))
