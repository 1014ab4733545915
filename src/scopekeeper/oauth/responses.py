"""The authorization response: how the browser carries an answer to the client (RFC 6749 §4.1.2, §4.2.2)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

from scopekeeper.oauth.errors import OAuthError


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an answer goes, and how: an address that is proven to be the client's own."""

    redirect_uri: str
    mode: str
    state: str | None = field(repr=False)
    """Whatever the client sent, to be given back exactly."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """The browser is sent to this address."""

    location: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FormPost:
    """The browser posts these fields to this address (OAuth 2.0 Form Post Response Mode §2)."""

    action: str
    fields: Mapping[str, str] = field(repr=False)


def query(uri: str, answer: Mapping[str, str]) -> Redirect:
    """Behind the `?`, after whatever the client has there itself (RFC 6749 §3.1.2)."""
    joint = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return Redirect(uri + joint + encoded(answer))


def fragment(uri: str, answer: Mapping[str, str]) -> Redirect:
    """Behind the `#`, which no server ever sees (RFC 6749 §4.2.2)."""
    return Redirect(f"{uri}#{encoded(answer)}")


MODES: Final[Mapping[str, Callable[[str, Mapping[str, str]], Redirect | FormPost]]] = {
    "query": query,
    "fragment": fragment,
    "form_post": FormPost,
}
"""The response modes, by name."""


def response_of(destination: Destination, answer: Mapping[str, str], issuer: str) -> Redirect | FormPost:
    """The answer on its way, with the client's `state`, and with who gives it (RFC 9207 §2)."""
    state = {} if destination.state is None else {"state": destination.state}
    return MODES[destination.mode](destination.redirect_uri, {**answer, **state, "iss": issuer})


def error_of(error: OAuthError) -> dict[str, str]:
    """What a client is told that gets nothing (RFC 6749 §4.1.2.1, §4.2.2.1)."""
    return {"error": error.error, "error_description": error.description}


def encoded(parameters: Mapping[str, str]) -> str:
    """As `application/x-www-form-urlencoded`, with %20 for a space, which every way of decoding understands."""
    return urlencode(parameters, quote_via=quote, safe="")
