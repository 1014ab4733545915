"""Reading who a client says it is: HTTP Basic, the form, or its client_id alone (RFC 6749 §2.3.1)."""

import binascii
from base64 import b64decode
from collections.abc import Mapping

from starlette.types import Scope

from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.wire import MalformedForm
from scopekeeper.wire.form import decode
from scopekeeper.wire.headers import headers


def credentials_of(scope: Scope, form: Mapping[str, str]) -> Credentials:
    """What the request says of its client.

    Raises OAuthError: invalid_request for two ways at once, invalid_client for none.
    """
    sent = headers(scope, b"authorization")
    if len(sent) > 1:
        raise OAuthError.invalid_request("There is more than one Authorization header.")
    if len(sent) + ("client_secret" in form) + ("client_assertion" in form) > 1:
        raise OAuthError.invalid_request("The client authenticates in two ways at once.")
    if sent:
        return _basic(sent[0], form)
    if "client_assertion" in form:
        raise OAuthError.invalid_client("a client_assertion, which is no method here")
    client_id = form.get("client_id")
    if client_id is None:
        raise OAuthError.invalid_client("no credentials were sent")
    secret = form.get("client_secret")
    if secret is None:
        return Credentials("none", client_id)
    return Credentials("client_secret_post", client_id, secret)


def _basic(value: bytes, form: Mapping[str, str]) -> Credentials:
    """HTTP Basic, each half form-encoded before it was put together (RFC 6749 §2.3.1, RFC 7617)."""
    scheme, _, encoded = value.partition(b" ")
    if scheme.lower() != b"basic":
        raise OAuthError.invalid_client("an unknown authentication scheme")
    try:
        raw_id, colon, raw_secret = b64decode(encoded.strip(), validate=True).partition(b":")
        client_id, secret = decode(raw_id), decode(raw_secret)
    except (binascii.Error, MalformedForm):
        raise OAuthError.invalid_client("malformed Basic credentials") from None
    if not colon or not client_id:
        raise OAuthError.invalid_client("malformed Basic credentials")
    if form.get("client_id", client_id) != client_id:
        raise OAuthError.invalid_request("The client_id in the form is not the one that authenticates.")
    if not secret:  # as some clients send it that have none: it proves nothing, and says who asks
        return Credentials("none", client_id)
    return Credentials("client_secret_basic", client_id, secret)
