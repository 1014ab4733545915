"""Where documentation is shown: in the console, to the public, or as files; and how it leads on from there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One place. Addresses are such as a page of it may link to; an empty one is not to be had there."""

    graphql: str
    """The page of the GraphQL API."""
    rest: str
    """The page of the REST API."""
    sdl: str
    """The schema as text; cut by `?scope=` where `cuts`."""
    openapi: str
    """The OpenAPI document; the same."""
    cuts: bool = True
    """May a reader choose scopes? A site of files shows what it was written for."""
    widens: bool = True
    """May a reader see what lies outside of them? Whoever is shown what a token holds is shown nothing beyond."""
    visualizer: str = ""
    """Where scopes are chosen, and (`…/SCOPE`) what one of them opens."""
    explorer: str = ""
    """Where a document can be run."""
    tries: bool = False
    """Can an operation be tried in place, with a token that the console makes?"""
    home: str = ""
    """The page that leads to both, outside of the console."""
    postman: str = ""
    """The REST API as a Postman collection."""
    bruno: str = ""
    """The folder with the same for Bruno."""
