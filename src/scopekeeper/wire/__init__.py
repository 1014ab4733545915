"""The wire: how a request is read and how an answer is written, the same for the protocol and the API."""

from scopekeeper.wire.body import TooLarge, read_body
from scopekeeper.wire.form import MalformedForm, parse_all, parse_form, parse_lenient
from scopekeeper.wire.headers import address_of, header, media_type, query_of
from scopekeeper.wire.reply import NO_STORE, Reply, json_reply, problem

__all__ = [
    "NO_STORE",
    "MalformedForm",
    "Reply",
    "TooLarge",
    "address_of",
    "header",
    "json_reply",
    "media_type",
    "parse_all",
    "parse_form",
    "parse_lenient",
    "problem",
    "query_of",
    "read_body",
]
