"""What the processes that `forked` makes have in common: all that the program imports, and its statements."""

from scopekeeper import app, cli, modules
from scopekeeper.app import rooms, serving
from scopekeeper.store.connection import DIALECT
from scopekeeper.store.statements import statements_in

__all__ = ["app", "cli", "modules", "rooms", "serving"]

statements_in(DIALECT)
