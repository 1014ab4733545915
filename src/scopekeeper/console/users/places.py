"""Where accounts are in the console, and what is said of them by name."""

from typing import Final
from urllib.parse import quote

PATH: Final = "/console/users"
NEW: Final = "/console/new-user"
"""Not below PATH, where somebody may be called anything."""


def place_of(name: str, below: str = "") -> str:
    """The page of this person, or an act below it."""
    return f"{PATH}/{quote(name, safe='')}{below}"
