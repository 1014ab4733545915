"""Paths and routes: a small tree, in which a request finds its route segment by segment.

The path is taken apart first and percent-decoded after, so `%2f` stays within its segment, `;` is just a character, and
what the guard judges is what the operation gets (CVE-2026-15573 is about the opposite).
"""

from collections.abc import Sequence
from typing import Final, Generic, TypeVar
from urllib.parse import unquote_to_bytes

T = TypeVar("T")

PREFIX: Final = "/api/rest"

_DOTS: Final = frozenset({".", ".."})
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")


def segments_of(path: bytes) -> tuple[str, ...] | None:
    """The decoded segments of a raw path, without a trailing slash; None where the path is none that could be here.

    That is: one with empty or dot segments, escapes that are none, bytes that are no UTF-8, or NUL.
    """
    raw = path.split(b"/")
    if raw[-1] == b"":
        raw.pop()
    try:
        segments = tuple([_decoded(part) if b"%" in part else part.decode() for part in raw])
    except ValueError:
        return None
    if "" in segments or not _DOTS.isdisjoint(segments) or b"\0" in path or b"%00" in path:
        return None
    return segments


def _decoded(part: bytes) -> str:
    for escape in part.split(b"%")[1:]:
        if len(escape) < 2 or escape[0] not in _HEX or escape[1] not in _HEX:
            raise ValueError("a percent sign that escapes nothing")
    return unquote_to_bytes(part).decode()


class Routes(Generic[T]):
    """Which route answers a method at a path. Where a written segment fits as well as a parameter, it wins, whatever
    the method: what is at one path is one thing."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, method: str, path: str, route: T) -> None:
        """Let `route` answer `method` at `path`, such as `/callforward/users/{extension}`."""
        node = self._root
        for segment in path.strip("/").split("/"):
            node = node.below(segment)
        node.routes[method] = route

    def find(self, method: str, segments: Sequence[str]) -> tuple[T, list[str]] | None:
        """The route, and the values of its path's parameters in their order."""
        node, values = self._at(segments)
        route = None if node is None else node.routes.get(method)
        return None if route is None else (route, values)

    def methods(self, segments: Sequence[str]) -> tuple[str, ...]:
        """The methods that are answered at this path; none where nothing is there."""
        node, _ = self._at(segments)
        return () if node is None else tuple(node.routes)

    def _at(self, segments: Sequence[str]) -> "tuple[_Node[T] | None, list[str]]":
        node: _Node[T] | None = self._root
        values: list[str] = []
        for segment in segments:
            if node is None:
                break
            written = node.written.get(segment)
            if written is None:
                values.append(segment)
                node = node.parameter
            else:
                node = written
        return node, values


class _Node(Generic[T]):
    __slots__ = ("parameter", "routes", "written")

    def __init__(self) -> None:
        self.routes: dict[str, T] = {}
        """By method."""
        self.written: dict[str, _Node[T]] = {}
        self.parameter: _Node[T] | None = None

    def below(self, segment: str) -> "_Node[T]":
        if not segment.startswith("{"):
            return self.written.setdefault(segment, _Node())
        if self.parameter is None:
            self.parameter = _Node()
        return self.parameter
