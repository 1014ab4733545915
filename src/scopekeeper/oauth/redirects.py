"""Which redirect URIs an application may register (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1)."""

import re
from typing import Final
from urllib.parse import unquote_plus

from scopekeeper.oauth.records import ApplicationType, Client

LONGEST: Final = 2_000

_LOOPBACK: Final = ("127.0.0.1", "[::1]", "localhost")

# Only what RFC 3986 allows to stand in a URI at all; no control character, space, backslash or quote gets past this.
_URI_CHARACTERS: Final = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")
_URI: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(?://([^/?]*))?([^?]*)(?:\?(.*))?")
_HOST: Final = re.compile(
    r"(?=.{1,253}(?::|$))[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?)*(?::[0-9]{1,5})?"
)
_LOOPBACK_URI: Final = re.compile(
    r"http://(?P<host>127\.0\.0\.1|\[::1\]|localhost)(?::(?P<port>[0-9]{1,5}))?(?P<rest>(?:[/?][A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]*)?)"
)
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})|%(?:2[eEfF]|5[cC]|0[0-9A-Fa-f]|25)")
_DOT_SEGMENT: Final = re.compile(r"(?:^|/)\.{1,2}(?:;[^/]*)?(?:/|$)")

# What the server itself will put into the redirect must not stand there already.
_RESPONSE_PARAMETERS: Final = frozenset(
    {"code", "state", "iss", "error", "error_description", "error_uri", "access_token", "id_token", "response"}
)


class UnfitRedirect(ValueError):
    """The URI cannot be registered. The message says why, and is safe to show."""


def fit(uri: str, type: ApplicationType) -> str:
    """The URI, unchanged, if an application of this type may register it. Raises UnfitRedirect.

    https anywhere; http only on loopback; a private-use scheme with a dot for native applications alone.
    """
    if not uri or len(uri) > LONGEST:
        raise UnfitRedirect(f"a redirect URI has 1 to {LONGEST} characters")
    if "#" in uri:
        raise UnfitRedirect("a redirect URI has no fragment, not even an empty one")
    if _URI_CHARACTERS.fullmatch(uri) is None:
        raise UnfitRedirect("a redirect URI has only the characters of RFC 3986, and no wildcard")
    match = _URI.fullmatch(uri)
    if match is None:
        raise UnfitRedirect("a redirect URI is absolute: https://example.com/callback")
    scheme, authority, path, query = match.groups()
    if "*" in uri:
        raise UnfitRedirect("a redirect URI has no wildcard")
    if _BAD_ESCAPE.search(path) or _DOT_SEGMENT.search(path) or "//" in path:
        raise UnfitRedirect(
            "the path of a redirect URI has no dot segments, doubled slashes or escaped dots, slashes and controls"
        )
    if query is not None and not _RESPONSE_PARAMETERS.isdisjoint(map(_name_of, re.split("[&;]", query))):
        raise UnfitRedirect("the query of a redirect URI has no parameter that the answer itself will carry")
    if scheme == "https":
        _require_host(authority)
    elif scheme == "http":
        if authority is None or re.sub(r":[0-9]{1,5}$", "", authority) not in _LOOPBACK or not _port_fits(authority):
            raise UnfitRedirect("http is for 127.0.0.1, [::1] and localhost only; everywhere else use https")
    elif "." in scheme and scheme == scheme.lower():
        if type is not ApplicationType.NATIVE:
            raise UnfitRedirect("a private-use scheme is for native applications only")
        if authority and "@" in authority:
            raise UnfitRedirect("a redirect URI has no user information")
    else:
        raise UnfitRedirect(
            "use https, http on loopback, or (native applications) a private-use scheme such as com.example.app"
        )
    return uri


def matches(uri: str, client: Client) -> bool:
    """Is this one of the application's redirect URIs (RFC 6749 §3.1.2.3, RFC 9700 §2.1)?

    As exact strings; for native applications the port of a loopback URI is free (RFC 8252 §7.3).
    """
    if uri in client.redirect_uris:
        return True
    if client.type is not ApplicationType.NATIVE:
        return False
    portless = _portless(uri)
    return portless is not None and portless in map(_portless, client.redirect_uris)


def _portless(uri: str) -> tuple[str, str] | None:
    """Host and what follows the port of an http URI on loopback; None for any other."""
    match = _LOOPBACK_URI.fullmatch(uri)
    if match is None or (match["port"] and not 1 <= int(match["port"]) <= 65_535):
        return None
    return match["host"], match["rest"]


def place_of(uri: str) -> str:
    """The host of a URI, or the scheme of one that belongs to an application on a device: for people."""
    origin = origin_of(uri)
    return uri.partition(":")[0] if origin is None else origin.partition("://")[2]


def origin_of(uri: str) -> str | None:
    """The web origin of a redirect URI (RFC 6454 §4, §6.2); None where its scheme has none.

    As browsers write it: the host in lower case, without the scheme's own port.
    """
    match = _URI.fullmatch(uri)
    if match is None or match[1] not in ("http", "https") or not match[2]:
        return None
    scheme, authority = match[1], match[2].lower()
    return f"{scheme}://{authority.removesuffix(':443' if scheme == 'https' else ':80')}"


def _name_of(parameter: str) -> str:
    """Its name, as whoever reads the redirect will understand it."""
    return unquote_plus(parameter.partition("=")[0])


def _require_host(authority: str | None) -> None:
    if not authority:
        raise UnfitRedirect("a redirect URI names its host")
    if "@" in authority:
        raise UnfitRedirect("a redirect URI has no user information")
    if authority.startswith("["):
        if re.fullmatch(r"\[[0-9A-Fa-f:]{2,45}\](?::[0-9]{1,5})?", authority) is None:
            raise UnfitRedirect("the host of a redirect URI is malformed")
    elif _HOST.fullmatch(authority) is None:
        raise UnfitRedirect("the host of a redirect URI is malformed")
    if not _port_fits(authority):
        raise UnfitRedirect("the port of a redirect URI is 1 to 65535")


def _port_fits(authority: str) -> bool:
    port = re.search(r":([0-9]{1,5})$", authority)
    return port is None or 1 <= int(port.group(1)) <= 65_535
