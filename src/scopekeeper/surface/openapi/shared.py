"""What every operation of the document shares: how it refuses, and the headers and parameters of the protocol."""

from typing import Any, Final

from scopekeeper.sdk.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from scopekeeper.surface.openapi.refusals import REFUSALS, SAMPLE_SCOPE, Refusal
from scopekeeper.wire.bearer import Refused

Part = dict[str, Any]

SCHEME: Final = "oauth2"

_NAMES: Final = {str(refusal.status): refusal.name for refusal in REFUSALS}

_HEADERS: Final = {
    "Accept": ("The media types that would be taken (RFC 9110 §12.5.1).", "application/json"),
    "Content-Disposition": ("By which name a stream is kept (RFC 6266).", 'attachment; filename="examples.csv"'),
    "ETag": (
        "The entity tag of this very representation, for `If-Match` and `If-None-Match` (RFC 9110 §8.8.3).",
        '"5d41402abc4b2a76b9719d911017c592"',
    ),
    "Link": ("The next page, where there is one (RFC 8288).", '</api/rest/example/?after=MTA1MA>; rel="next"'),
    "Location": ("Where the new record is read.", "/api/rest/example/1001"),
    "Retry-After": ("Seconds after which to try again (RFC 9110 §10.2.3).", "1"),
    "Scopekeeper-Removed": (
        "What else went along: modules, and how many of their records (RFC 9651).",
        "example;count=1",
    ),
    "Vary": ("What the answer depends on besides its address (RFC 9110 §12.5.5).", "accept"),
    "WWW-Authenticate": (
        "The Bearer challenge: the error, and the scope (RFC 6750 §3) or the sign-in (RFC 9470 §3) that is missing.",
        Refused.insufficient_scope((SAMPLE_SCOPE,)).challenge.decode(),
    ),
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
        "description": "How many items at most. A stream of CSV or NDJSON has no limit unless this says one.",
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
    return {
        name: {"description": words, "schema": {"type": "string"}, "example": example}
        for name, (words, example) in _HEADERS.items()
    }


def responses() -> Part:
    """The refusals, each a problem (RFC 9457), with samples of it as they are sent."""
    return {refusal.name: _response(refusal) for refusal in REFUSALS}


def _response(refusal: Refusal) -> Part:
    samples = {each.name: {"summary": each.summary, "value": each.problem} for each in refusal.samples}
    media = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": samples}
    told = {"headers": {name: header_ref(name) for name in refusal.headers}} if refusal.headers else {}
    return {"description": refusal.words, **told, "content": {"application/problem+json": media}}


def problem_schema() -> Part:
    """The schema of a problem (RFC 9457 §3.1)."""
    error = {
        "type": "object",
        "properties": {"path": {"type": "string"}, "detail": {"type": "string"}},
        "required": ["path", "detail"],
    }
    holder = {
        "type": "object",
        "properties": {
            "module": {"type": "string"},
            "count": {"type": "integer", "minimum": 1, "description": "How many of its records."},
            "keys": {"type": "array", "description": "Those that may be named.", "items": {"type": "string"}},
        },
        "required": ["module", "count", "keys"],
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
            "holders": {"type": "array", "description": "Who holds on to it (with 409).", "items": holder},
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
    return {"$ref": f"#/components/responses/{_NAMES[status]}"}
