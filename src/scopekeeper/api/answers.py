"""What an operation's result looks like over REST: one function for each kind of answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from scopekeeper.api.preconditions import Condition, PreconditionFailed, etag_of
from scopekeeper.sdk import Operation, Page
from scopekeeper.sdk.data import Report
from scopekeeper.surface.cursor import cursor_of
from scopekeeper.wire import Reply
from scopekeeper.wire.paths import PREFIX
from scopekeeper.wire.reply import Headers

encode: Final = msgspec.json.Encoder().encode

# An answer is for whoever holds the token, and may be kept only to be asked about again.
_JSON: Final[Headers] = ((b"content-type", b"application/json"), (b"cache-control", b"private, no-cache"))
# Of a list there are other representations (RFC 9110 §12.5.5).
_LIST: Final[Headers] = (*_JSON, (b"vary", b"accept"))
# What a write gives may be a secret: nobody keeps it (RFC 6749 §5.1 says so of the like).
_ONCE: Final[Headers] = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))


def record_reply(record: Any, match: Condition | None, unless: Condition | None) -> Reply:
    """One record with its entity tag. Raises PreconditionFailed unless it is what `match` names (RFC 9110 §13.1.1)."""
    body = encode(record)
    if match is not None and not match.matches(etag_of(body)):
        raise PreconditionFailed("The record is not, or no more, what If-Match names.")
    return representation_reply(body, unless)


def representation_reply(body: bytes, unless: Condition | None) -> Reply:
    """These bytes of JSON with their entity tag; 304 where the request knows them already (RFC 9110 §13.1.2)."""
    etag = etag_of(body)
    if unless is not None and unless.matches_weakly(etag):
        return Reply(304, headers=((b"etag", etag), _JSON[1]))
    return Reply(200, body, (*_JSON, (b"etag", etag)))


def page_reply(page: Page[Any], path: bytes, query: Mapping[str, str]) -> Reply:
    """A page of records, and the way to the next (RFC 8288)."""
    if page.next is None:
        return Reply(200, encode({"items": page.items, "next": None}), _LIST)
    cursor = cursor_of(page.next)
    link = b'<%b?%b>; rel="next"' % (path, urlencode({**query, "after": cursor}).encode())
    return Reply(200, encode({"items": page.items, "next": cursor}), (*_LIST, (b"link", link)))


def changed_reply(
    record: Any, operation: Operation, *, shown: bool, tagged: bool, report: Report, put: bytes | None = None
) -> Reply:
    """What PUT and PATCH answer: the record as it now is; for whoever may not read it 204, or what the write gave.

    `put` is what a PUT sent: only where that was kept to the letter has the answer a tag (RFC 9110 §9.3.4).
    """
    given = _gave(record, operation)
    if not shown and not given:
        return Reply(204, headers=_removed(report))
    body = encode(record if shown else _part(record, operation))
    tagged = shown and tagged and not given and put in (None, body)
    return Reply(200, body, (*_kept(given), *_tag(body, tagged), *_removed(report)))


def created_reply(
    record: Any, operation: Operation, location: bytes | None, *, shown: bool, tagged: bool, report: Report
) -> Reply:
    """What POST answers: where the new record is, and the record, or its key and what the write gave for whoever may
    not read it."""
    body, given = encode(record if shown else _part(record, operation)), _gave(record, operation)
    where = () if location is None else ((b"location", location),)
    return Reply(201, body, (*_kept(given), *where, *_tag(body, shown and tagged and not given), *_removed(report)))


def removed_reply(report: Report) -> Reply:
    """What DELETE answers: nothing, and in a header how much of other modules' data went along."""
    return Reply(204, headers=_removed(report))


@dataclass(frozen=True, slots=True)
class Location:
    """Where a new record is read: the path of its GET, and the parameter in it that the record's key fills."""

    path: str
    key: str

    def of(self, arguments: Mapping[str, Any], record: Any) -> bytes:
        """The absolute path of this record (RFC 9110 §10.2.2)."""
        return path_of(self.path, {**arguments, self.key: getattr(record, self.key)})


def path_of(path: str, arguments: Mapping[str, Any]) -> bytes:
    """The absolute path, with its parameters filled in: `/callforward/users/{extension}`."""
    return (PREFIX + path.format_map({name: quote(str(value), safe="") for name, value in arguments.items()})).encode()


def _part(record: Any, operation: Operation) -> dict[str, Any]:
    """What of a write's answer is shown to whoever may not read the record."""
    return {name: getattr(record, name) for name in operation.shown}


def _gave(record: Any, operation: Operation) -> bool:
    """Is something in the answer that stands there this once? Then it is not what GET would answer."""
    return any(getattr(record, name) is not None for name in operation.gives if name not in operation.key)


def _kept(given: bool) -> Headers:
    return _ONCE if given else _JSON


def _tag(body: bytes, tagged: bool) -> Headers:
    return ((b"etag", etag_of(body)),) if tagged else ()


def _removed(report: Report) -> Headers:
    """`Scopekeeper-Removed: callforward;count=1`: a list (RFC 9651 §3.1) of modules, and how many of their records."""
    if not report.taken:
        return ()
    counts: dict[str, int] = {}
    for taken in report.taken:
        counts[taken.module] = counts.get(taken.module, 0) + len(taken.keys)
    return ((b"scopekeeper-removed", ", ".join(f"{module};count={n}" for module, n in counts.items()).encode()),)
