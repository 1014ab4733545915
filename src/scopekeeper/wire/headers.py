"""Reading a request's head."""

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> bytes | None:
    """The header's value, or None. `name` is in lower case. Where it was sent twice, the first counts."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


def headers(scope: Scope, name: bytes) -> list[bytes]:
    """All values of a header that may come more than once."""
    return [value for key, value in scope["headers"] if key == name]


def media_type(scope: Scope) -> bytes:
    """The media type of the body, in lower case, without its parameters; empty where none is named."""
    return (header(scope, b"content-type") or b"").partition(b";")[0].strip().lower()


def address_of(scope: Scope) -> str | None:
    """Whence the request came, as the server (which alone knows the trusted proxies) says."""
    client = scope.get("client")
    return client[0] if client else None


def query_of(scope: Scope) -> bytes:
    """The query as sent, without its question mark."""
    return bytes(scope.get("query_string", b""))


def is_known(scope: Scope, etag: bytes) -> bool:
    """Does If-None-Match name this tag, weakly or strongly, or any (RFC 9110 §13.1.2)?"""
    named = [tag.strip() for value in headers(scope, b"if-none-match") for tag in value.split(b",")]
    bare = etag.removeprefix(b"W/")
    return named == [b"*"] or any(tag.removeprefix(b"W/") == bare for tag in named)
