"""The steward's room: the console, in which administrators keep applications, scopes, tokens, people and the log."""

from scopekeeper.console.applications import rooms as applications
from scopekeeper.console.audit import rooms as audit
from scopekeeper.console.consents import rooms as consents
from scopekeeper.console.desk import Desk
from scopekeeper.console.documentation import rooms as documentation
from scopekeeper.console.door import Console, Room
from scopekeeper.console.explorer import rooms as explorer
from scopekeeper.console.keys import rooms as keys
from scopekeeper.console.overview import rooms as overview
from scopekeeper.console.providers import rooms as providers
from scopekeeper.console.refresh_tokens import rooms as refresh_tokens
from scopekeeper.console.scopes import rooms as scopes
from scopekeeper.console.tokens import rooms as tokens
from scopekeeper.console.users import rooms as users

__all__ = ["PACKAGE", "Console", "Desk", "console", "rooms_of"]

PACKAGE = "scopekeeper.console"
"""Where its templates and static files are."""


def console(desk: Desk) -> Console:
    """The console, with every page that it has."""
    return Console(desk.reception, desk.pages, rooms_of(desk))


def rooms_of(desk: Desk) -> list[Room]:
    """Every page, and every form."""
    return [
        *overview(desk),
        *applications(desk),
        *scopes(desk),
        *explorer(desk),
        *documentation(desk),
        *tokens(desk),
        *refresh_tokens(desk),
        *consents(desk),
        *users(desk),
        *providers(desk),
        *audit(desk),
        *keys(desk),
    ]
