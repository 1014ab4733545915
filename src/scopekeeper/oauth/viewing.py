"""A view: what an application, a person, or a person through an application could read, computed without a token. Pure.

An administrator looks with it. It gives what a token of theirs would at this moment, and never more: the application's
ceiling as it is now, the person's own reach, and of both only what was asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.scopes import IDENTITY, cut

_IN_A_NAME: Final = frozenset({
    GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE, GrantType.IMPLICIT, GrantType.PASSWORD,
})  # fmt: skip
"""Grants by which an application acts in a person's name."""


@dataclass(frozen=True, slots=True)
class View:
    """Through whose eyes one looks. One of `client` and `person` is there, or both."""

    client: Client | None
    person: User | None
    scopes: tuple[str, ...]
    """What may be selected: identity scopes are never among them, for they open nothing in the API."""
    nothing: str = ""
    """Why nothing can be read at all, not even the schema, in a sentence; empty where something can."""
    barred: str = ""
    """Why the schema can be read and no data, in a sentence; empty where data can, or nothing at all."""

    @property
    def title(self) -> str:
        """Whose view it is, in a few words."""
        if self.client is None:
            return self.person.name if self.person is not None else ""
        return self.client.name if self.person is None else f"{self.person.name} through {self.client.name}"


def seen_as(
    client: Client | None, person: User | None, asked: Sequence[str] | None, known: Callable[[str], bool]
) -> View:
    """The view of this application, of this person, or of this person through this application.

    `asked` cuts it further and widens nothing; None asks for all. That is all of an application's ceiling; of a person
    alone it is nothing, for people hold no scopes: they choose them. `known`: does this scope exist?
    """
    wanted = None if asked is None else [each for each in asked if each not in IDENTITY and known(each)]
    if client is None:
        return View(None, person, tuple(wanted or ()), nothing=_shut_out(person))
    ceiling = tuple(each for each in client.scope if each not in IDENTITY and known(each))
    scopes = ceiling if wanted is None else cut(wanted, ceiling)
    nothing = _dead(client, person)
    return View(client, person, scopes, nothing=nothing, barred="" if nothing else _barred(client, person))


def acts_for_itself(client: Client) -> bool:
    """May it have a token for itself (RFC 6749 §4.4)?"""
    return GrantType.CLIENT_CREDENTIALS in client.grant_types and client.confidential


def acts_in_a_name(client: Client) -> bool:
    """May it have a token in a person's name? The built-in application has them from the console, by no grant."""
    return client.built_in or not _IN_A_NAME.isdisjoint(client.grant_types)


def _shut_out(person: User | None) -> str:
    if person is None or person.enabled:
        return ""
    return f"The account {person.name} is disabled: nothing is read in its name."


def _dead(client: Client, person: User | None) -> str:
    if not client.enabled:
        return f"{client.name} is disabled: it can read nothing."
    if not (acts_for_itself(client) or acts_in_a_name(client)):
        return f"{client.name} has no grant by which it gets a token: it can read nothing."
    if client.built_in and person is not None and not person.admin:
        return f"{client.name} acts for administrators only, and {person.name} is none: it can read nothing."
    return _shut_out(person)


def _barred(client: Client, person: User | None) -> str:
    if person is None and not acts_for_itself(client):
        return f"{client.name} acts only in a person's name. Choose a person to see what it could read."
    if person is not None and not acts_in_a_name(client):
        return f"{client.name} acts only for itself, never in a person's name. Choose no person to see what it reads."
    return ""
