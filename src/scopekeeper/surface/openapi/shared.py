"""What every operation of the document shares: how it refuses, and the headers and parameters of the protocol."""

from typing import Any, Final

from scopekeeper.sdk.paging import DEFAULT_LIMIT, LARGEST_LIMIT

Part = dict[str, Any]

SCHEME: Final = "oauth2"

_REFUSALS: Final = {
    "400": ("Malformed", "The request cannot be read: its body, its query, a header."),
    "401": ("Unauthorized", "No token was sent, or one that does not hold (RFC 6750 §3.1)."),
    "403": ("Forbidden", "The token lacks a scope, which `WWW-Authenticate` names, or the data is no person's."),
    "404": ("NotFound", "It is not there, or not for this caller."),
    "409": ("Conflict", "It cannot be done as things stand: it exists already, is in use, or keeps changing."),
    "412": ("PreconditionFailed", "The record is not, or no more, what `If-Match` names. Nothing was done."),
    "413": ("TooLarge", "The body is larger than 256 KB."),
    "415": ("UnsupportedMediaType", "The body is not JSON."),
    "422": ("Invalid", "A value cannot stand: `errors` names the field."),
    "503": ("Unavailable", "The server cannot answer just now. Nothing was done; try again."),
}

_HEADERS: Final = {
    "ETag": "The entity tag of this very representation, for `If-Match` and `If-None-Match` (RFC 9110 §8.8.3).",
    "Link": "The next page, where there is one (RFC 8288).",
    "Location": "Where the new record is read.",
    "Scopekeeper-Removed": "What else went along: modules, and how many of their records (RFC 9651).",
    "WWW-Authenticate": "The Bearer challenge, with the error and the scope that is missing (RFC 6750 §3).",
}

# `*`, or entity tags, a comma between them.
_TAGS: Final[Part] = {
    "type": "string",
    "pattern": r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$',
    "examples": ['"5d41402abc4b2a76b9719d911017c592"'],
}

_PARAMETERS: Final[dict[str, Part]] = {
    "limit": {
        "in": "query",
        "description": "How many items at most.",
        "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
    },
    "after": {
        "in": "query",
        "description": "Where the page begins: the `next` of the page before.",
        "schema": {"type": "string"},
    },
    "If-Match": {
        "in": "header",
        "description": "Do it only if the record is still the one with this entity tag (RFC 9110 §13.1.1).",
        "schema": _TAGS,
    },
    "If-None-Match": {
        "in": "header",
        "description": "Answer 304 if the record is still the one with this entity tag (RFC 9110 §13.1.2).",
        "schema": _TAGS,
    },
}


def parameters() -> Part:
    """The parameters that the protocol gives to many operations."""
    return {name: {"name": name, **part} for name, part in _PARAMETERS.items()}


def headers() -> Part:
    """The headers of answers."""
    return {name: {"description": words, "schema": {"type": "string"}} for name, words in _HEADERS.items()}


def responses() -> Part:
    """The refusals, each a problem (RFC 9457)."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    found: Part = {name: {"description": words, "content": content} for name, words in _REFUSALS.values()}
    for name in ("Malformed", "Unauthorized", "Forbidden"):
        found[name] = {**found[name], "headers": {"WWW-Authenticate": header_ref("WWW-Authenticate")}}
    return found


def problem_schema() -> Part:
    """The schema of a problem (RFC 9457 §3.1)."""
    error = {
        "type": "object",
        "properties": {"path": {"type": "string"}, "detail": {"type": "string"}},
        "required": ["path", "detail"],
    }
    return {
        "title": "Problem",
        "description": "What went wrong (RFC 9457).",
        "type": "object",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "description": "The fields that cannot stand (with 422).", "items": error},
        },
        "required": ["type", "title", "status", "detail"],
    }


def parameter_ref(name: str) -> Part:
    """A reference to the shared parameter of this name."""
    return {"$ref": f"#/components/parameters/{name}"}


def header_ref(name: str) -> Part:
    """A reference to the shared header of this name."""
    return {"$ref": f"#/components/headers/{name}"}


def response_ref(status: str) -> Part:
    """A reference to the refusal with this status."""
    return {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"}
