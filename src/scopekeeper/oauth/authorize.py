"""The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1), checked in two tuples of stages.

What fails before client and redirect_uri are proven is told to the person, and nobody is sent anywhere; what fails
after that is told to the client (RFC 6749 §4.1.2.1).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NoReturn

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.pkce import CHALLENGE_METHODS, is_challenge
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.redirects import matches
from scopekeeper.oauth.responses import MODES, Destination
from scopekeeper.oauth.token import scope_of

LONGEST: Final = 16 * 1024
"""Bytes of a whole request."""

LONGEST_STATE: Final = 4_096
LONGEST_NONCE: Final = 1_024

RESPONSE_TYPES: Final[Mapping[str, GrantType]] = {
    "code": GrantType.AUTHORIZATION_CODE,
    "token": GrantType.IMPLICIT,
}
"""What may be asked for, and the grant that an application needs for it."""

DEFAULT_MODES: Final[Mapping[str, str]] = {"code": "query", "token": "fragment"}
"""How it is answered where the client does not say (OAuth 2.0 Multiple Response Type Encoding Practices §2.1)."""

PROMPTS: Final = ("none", "login", "consent", "select_account")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_decode: Final = json.JSONDecoder(parse_constant=_no_constant).decode

_JWS: Final = re.compile(r"[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+){2}")
_SECONDS: Final = re.compile(r"[0-9]{1,10}")
_ABSOLUTE_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")
_BEFORE: Final = frozenset({"client_id", "redirect_uri"})

Fault = Literal["unreadable", "repeated", "application", "redirect_missing", "redirect_foreign"]
"""What is wrong: it cannot be read; it says twice who asks or where to answer; the application is not known here, or
the address to answer to is not named, or not the application's.
"""


class Unproven(Exception):
    """Client or redirect_uri are not proven: nobody is sent anywhere (RFC 6749 §4.1.2.1)."""

    def __init__(self, fault: Fault, client: Client | None = None) -> None:
        super().__init__(fault)
        self.fault: Final[Fault] = fault
        self.client: Final = client


class Refused(Exception):
    """The client is told why, at an address that is proven to be its own."""

    def __init__(self, destination: Destination, error: OAuthError) -> None:
        super().__init__(error.reason)
        self.destination: Final = destination
        self.error: Final = error


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What was sent to the authorization endpoint: the parameters, and the names of those sent more than once."""

    parameters: Mapping[str, str]
    repeated: frozenset[str] = frozenset()

    def get(self, name: str) -> str | None:
        """The parameter of this name; None where it was not sent, or sent empty."""
        return self.parameters.get(name)

    @property
    def response_type(self) -> str:
        return self.parameters.get("response_type", "")

    @property
    def response_mode(self) -> str:
        """As asked for, or the default of the response_type."""
        return self.parameters.get("response_mode") or DEFAULT_MODES.get(self.response_type, "query")

    @property
    def prompt(self) -> frozenset[str]:
        return frozenset(self.parameters.get("prompt", "").split())


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request that is sound: who asks for what, and how it wants to be answered."""

    client: Client
    destination: Destination
    response_type: str
    scope: tuple[str, ...]
    code_challenge: str | None
    nonce: str | None
    prompt: frozenset[str]
    max_age: int | None
    """Seconds since the person last proved who they are, at most."""
    id_token_hint: str | None
    login_hint: str
    ui_locales: tuple[str, ...]

    @property
    def redirect_uri(self) -> str:
        return self.destination.redirect_uri

    def __repr__(self) -> str:
        return f"Asked(client_id={self.client.client_id!r}, response_type={self.response_type!r})"


Known = Callable[[str], bool]
"""Does this scope exist?"""


def once(request: AuthorizationRequest, client: Client | None) -> None:
    """Which of two is meant, nobody knows (RFC 6749 §3.1)."""
    if "client_id" in request.repeated:
        raise Unproven("repeated")
    if "redirect_uri" in request.repeated:
        raise Unproven("repeated", client)


def known_client(request: AuthorizationRequest, client: Client | None) -> None:
    """Whoever asks is registered here, and not switched off. Both hear the same."""
    _require(client)


def own_redirect(request: AuthorizationRequest, client: Client | None) -> None:
    """The address is always named, and is one of the application's own (RFC 9700 §2.1)."""
    uri = request.get("redirect_uri")
    if uri is None:
        raise Unproven("redirect_missing", client)
    if not matches(uri, _require(client)):
        raise Unproven("redirect_foreign", client)


BEFORE_REDIRECT: Final[tuple[Callable[[AuthorizationRequest, Client | None], None], ...]] = (
    once,
    known_client,
    own_redirect,
)
"""Each raises Unproven."""


def nothing_repeated(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """RFC 6749 §3.1."""
    if request.repeated:
        raise OAuthError.invalid_request("A parameter is there more than once.")


def state_fits(request: AuthorizationRequest, client: Client, known: Known) -> None:
    if len(request.get("state") or "") > LONGEST_STATE:
        raise OAuthError.invalid_request(f"The state has more than {LONGEST_STATE} characters.")


def no_request_object(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """OpenID Connect Core §3.1.2.6: each has an error of its own while it is not supported."""
    for name in ("request", "request_uri", "registration"):
        if request.get(name) is not None:
            raise OAuthError(f"{name}_not_supported", f"The parameter {name} is not supported.")


def response_type(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """RFC 6749 §3.1.1: one that there is, and that this application may use."""
    if not request.response_type:
        raise OAuthError.invalid_request("The response_type is missing.")
    grant_type = RESPONSE_TYPES.get(request.response_type)
    if grant_type is None:
        raise OAuthError("unsupported_response_type", "This response_type is not supported.")
    if grant_type not in client.grant_types:
        raise OAuthError("unauthorized_client", "This application is not registered for this response_type.")


def response_mode(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """A token never stands in a query, where logs would keep it (OAuth 2.0 Multiple Response Types §5)."""
    if request.response_mode not in MODES:
        raise OAuthError.invalid_request("This response_mode is not supported.")
    if request.response_type == "token" and request.response_mode == "query":
        raise OAuthError.invalid_request("A token is never sent in a query.")


def scope(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """RFC 6749 §3.3."""
    scope_of(request.get("scope"), client, known, person=True)


def challenge(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """RFC 7636 §4.3, §4.4.1: by S256. Where no method is named it would be `plain`, which proves nothing."""
    if request.response_type != "code":
        return
    sent, method = request.get("code_challenge"), request.get("code_challenge_method")
    if sent is None:
        if client.pkce_required or method is not None:
            raise OAuthError.invalid_request("The code_challenge is missing.")
        return
    if method not in CHALLENGE_METHODS:
        raise OAuthError.invalid_request("The code_challenge_method has to be S256.")
    if not is_challenge(sent):
        raise OAuthError.invalid_request("The code_challenge is malformed: it has 43 characters of base64url.")


def nonce_fits(request: AuthorizationRequest, client: Client, known: Known) -> None:
    if len(request.get("nonce") or "") > LONGEST_NONCE:
        raise OAuthError.invalid_request(f"The nonce has more than {LONGEST_NONCE} characters.")


def prompt(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """OpenID Connect Core §3.1.2.1: `none` stands alone."""
    if not request.prompt.issubset(PROMPTS):
        raise OAuthError.invalid_request("The prompt names something that there is not.")
    if "none" in request.prompt and len(request.prompt) > 1:
        raise OAuthError.invalid_request("The prompt none excludes every other.")


def max_age(request: AuthorizationRequest, client: Client, known: Known) -> None:
    sent = request.get("max_age")
    if sent is not None and _SECONDS.fullmatch(sent) is None:
        raise OAuthError.invalid_request("The max_age is to be a number of seconds.")


def claims(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """OpenID Connect Core §5.5: a JSON object, though it is not acted on yet."""
    sent = request.get("claims")
    if sent is None:
        return
    try:
        there = isinstance(_decode(sent), dict)
    except (ValueError, RecursionError):
        there = False
    if not there:
        raise OAuthError.invalid_request("The claims are to be a JSON object.")


def resource(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """RFC 8707 §2: an absolute URI without a fragment, though it is not acted on yet."""
    sent = request.get("resource")
    if sent is not None and _ABSOLUTE_URI.fullmatch(sent) is None:
        raise OAuthError.invalid_target("The resource is to be an absolute URI without a fragment.")


def id_token_hint(request: AuthorizationRequest, client: Client, known: Known) -> None:
    sent = request.get("id_token_hint")
    if sent is not None and _JWS.fullmatch(sent) is None:
        raise OAuthError.invalid_request("The id_token_hint is malformed.")


AFTER_REDIRECT: Final[tuple[Callable[[AuthorizationRequest, Client, Known], None], ...]] = (
    nothing_repeated,
    state_fits,
    no_request_object,
    response_type,
    response_mode,
    scope,
    challenge,
    nonce_fits,
    prompt,
    max_age,
    claims,
    resource,
    id_token_hint,
)
"""Each raises OAuthError."""


def asked_of(request: AuthorizationRequest, client: Client | None, known: Known) -> Asked:
    """What is asked, once every stage is passed. Raises Unproven, then Refused."""
    for stage in BEFORE_REDIRECT:
        stage(request, client)
    asker, destination = _require(client), _destination_of(request)
    try:
        for check in AFTER_REDIRECT:
            check(request, asker, known)
    except OAuthError as error:
        raise Refused(destination, error) from error
    max_age = request.get("max_age")
    return Asked(
        client=asker,
        destination=destination,
        response_type=request.response_type,
        scope=scope_of(request.get("scope"), asker, known, person=True),
        code_challenge=request.get("code_challenge"),
        nonce=request.get("nonce"),
        prompt=request.prompt,
        max_age=None if max_age is None else int(max_age),
        id_token_hint=request.get("id_token_hint"),
        login_hint=request.get("login_hint") or "",
        ui_locales=tuple((request.get("ui_locales") or "").split()),
    )


def _require(client: Client | None) -> Client:
    if client is None or not client.enabled:
        raise Unproven("application")
    return client


def _destination_of(request: AuthorizationRequest) -> Destination:
    """Where and how to answer, whatever else is wrong with the request.

    What was sent twice, or is out of all measure, is answered as if it had not been sent.
    """
    mode = request.response_mode
    if mode not in MODES or "response_mode" in request.repeated or (request.response_type, mode) == ("token", "query"):
        mode = DEFAULT_MODES.get(request.response_type, "query")
    state = request.get("state")
    if state is not None and ("state" in request.repeated or len(state) > LONGEST_STATE):
        state = None
    return Destination(request.parameters["redirect_uri"], mode, state)
