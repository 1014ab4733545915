"""What a provider says of itself (OpenID Connect Discovery §3), as far as we need it to sign people in there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.outbound import Unreachable, url_of
from scopekeeper.oauth.relying import Mistrusted
from scopekeeper.oauth.relying.id_token import ALGS
from scopekeeper.oauth.upstreams import Upstream

BASIC: Final = "client_secret_basic"
POST: Final = "client_secret_post"
PUBLIC: Final = "none"

_WELL_KNOWN: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider, in its own words."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    algs: frozenset[str]
    """By what it signs id_tokens, of those that we believe."""
    auth_methods: frozenset[str]
    """How clients prove who they are at its token endpoint."""
    names_itself: bool
    """Does it say in each answer who gives it (RFC 9207 §3)?"""


def metadata_url_of(issuer: str) -> str:
    """Where an issuer says what it is (OpenID Connect Discovery §4.1)."""
    return issuer.rstrip("/") + _WELL_KNOWN


def provider_of(document: object, issuer: str) -> Provider:
    """The provider that this document describes. Raises Mistrusted.

    Its issuer is the one that was asked for, letter by letter (§4.3): else one provider could speak for another. http
    is for a provider whose own issuer is such, which whoever runs this server has to allow besides.
    """
    if not isinstance(document, Mapping):
        raise Mistrusted("its metadata are no object")
    if document.get("issuer") != issuer:
        raise Mistrusted("its metadata are of another issuer")
    secure = issuer.startswith("https:")
    if "code" not in _words(document, "response_types_supported", ("code",)):
        raise Mistrusted("it has no authorization code flow")
    algs = ALGS.keys() & _words(document, "id_token_signing_alg_values_supported", ("RS256",))
    if not algs:
        raise Mistrusted("it signs id_tokens by no algorithm that is believed")
    userinfo = document.get("userinfo_endpoint")
    return Provider(
        issuer,
        _url(document, "authorization_endpoint", secure),
        _url(document, "token_endpoint", secure),
        _url(document, "jwks_uri", secure),
        None if userinfo is None else _url(document, "userinfo_endpoint", secure),
        frozenset(algs),
        _words(document, "token_endpoint_auth_methods_supported", (BASIC,)),
        document.get("authorization_response_iss_parameter_supported") is True,
    )


def auth_method_of(provider: Provider, upstream: Upstream) -> str:
    """How we prove who we are at its token endpoint (RFC 6749 §2.3.1). Raises Mistrusted where there is no way.

    A provider that knows us as a public client need not list `none`: many do not.
    """
    if upstream.sealed is None:
        return PUBLIC
    method = next((each for each in (BASIC, POST) if each in provider.auth_methods), None)
    if method is None:
        raise Mistrusted("it takes a client secret in no way that is known here")
    return method


def _words(document: Mapping[object, object], name: str, otherwise: Iterable[str]) -> frozenset[str]:
    found = document.get(name)
    if found is None:
        return frozenset(otherwise)
    if not isinstance(found, list):
        raise Mistrusted(f"{name} is no list")
    return frozenset(each for each in found if isinstance(each, str))


def _url(document: Mapping[object, object], name: str, secure: bool) -> str:
    found = document.get(name)
    try:
        if not isinstance(found, str) or (url_of(found).scheme != "https" and secure):
            raise Mistrusted(f"{name} is no https address")
    except Unreachable as unreachable:
        raise Mistrusted(f"{name}: {unreachable}") from None
    return found
