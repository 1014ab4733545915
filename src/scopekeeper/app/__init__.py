"""The architect: the only room that imports everything. It builds the house, gives it its faces, and serves it.

Whoever needs the house alone (the command line) imports it alone: `faces` and `serving` cost the start of a server.
"""

from scopekeeper.app.house import CannotOpen, House, WrongDatabase, modules_of, open_house

__all__ = ["CannotOpen", "House", "WrongDatabase", "modules_of", "open_house"]
