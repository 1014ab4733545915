"""The reading room: the documentation of the API, made of the modules' declarations alone, wherever it is shown."""

from scopekeeper.docs.library import Library
from scopekeeper.docs.place import Place
from scopekeeper.docs.shown import Shown

__all__ = ["PACKAGE", "Library", "Place", "Shown"]

PACKAGE = "scopekeeper.docs"
"""Where its templates and static files are."""
