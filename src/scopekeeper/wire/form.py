"""`application/x-www-form-urlencoded`, read strictly (RFC 6749 §3.1, §3.2, appendix B)."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

MOST_FIELDS: Final = 100
LONGEST_VALUE: Final = 65_536

_BAD_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class MalformedForm(ValueError):
    """The text is no form that may be acted on. The message is safe to show."""


def parse_form(body: bytes) -> dict[str, str]:
    """Each parameter's name and value. One sent without a value counts as not sent (RFC 6749 §3.1).

    Raises MalformedForm for a parameter sent twice, a bad escape, bytes that are no UTF-8, NUL and other control
    characters, and for more fields than anyone needs.
    """
    fields, repeated = parse_lenient(body)
    if repeated:
        raise MalformedForm("A parameter is there more than once.")
    return fields


def parse_lenient(body: bytes) -> tuple[dict[str, str], frozenset[str]]:
    """The same, where whoever reads it tells of repeated parameters: what each was first, and which those are.

    Raises MalformedForm.
    """
    fields: dict[str, str] = {}
    seen: set[str] = set()
    repeated: set[str] = set()
    if not body:
        return fields, frozenset()
    text = _text_of(body)
    plain = len(body) <= LONGEST_VALUE and text.isprintable()
    parts = text.split("&", MOST_FIELDS + 1)
    if len(parts) > MOST_FIELDS:
        raise MalformedForm(f"There are more than {MOST_FIELDS} parameters.")
    for part in parts:
        if not part:
            continue
        name, _, value = part.partition("=")
        if not plain or "%" in part or "+" in part:  # most parameters of most forms stand for themselves
            name, value = decode(name.encode()), decode(value.encode())
        if name in seen:
            repeated.add(name)
            continue
        seen.add(name)
        if value:
            fields[name] = value
    return fields, frozenset(repeated)


def parse_all(body: bytes, most: int = MOST_FIELDS) -> dict[str, tuple[str, ...]]:
    """The same for forms of ours, in which a field may be there many times: each name's values, none of them empty.

    Raises MalformedForm.
    """
    fields: dict[str, list[str]] = {}
    parts = body.split(b"&", most + 1) if body else []
    if len(parts) > most:
        raise MalformedForm(f"There are more than {most} parameters.")
    for part in parts:
        raw_name, _, raw_value = part.partition(b"=")
        name, value = decode(raw_name), decode(raw_value)
        if value:
            fields.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in fields.items()}


def decode(raw: bytes) -> str:
    """One name or value, decoded. Raises MalformedForm."""
    if len(raw) > LONGEST_VALUE:
        raise MalformedForm("A parameter is too long.")
    if b"%" in raw:
        if _BAD_ESCAPE.search(raw):
            raise MalformedForm("A parameter has a malformed percent-escape.")
        raw = unquote_to_bytes(raw.replace(b"+", b" "))
    elif b"+" in raw:
        raw = raw.replace(b"+", b" ")
    text = _text_of(raw)
    if not text.isprintable() and any(ord(character) < 32 and character not in "\t\r\n" for character in text):
        raise MalformedForm("A parameter has control characters.")
    return text


def _text_of(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise MalformedForm("A parameter is not UTF-8.") from None
