"""The address of a single-use link, as it is given to a person."""

from typing import Final

PATH: Final = "/link"


def link_of(issuer: str, secret: str) -> str:
    """The address to give to a person. Whoever opens it first has it."""
    return f"{issuer}{PATH}?key={secret}"
