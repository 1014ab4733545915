"""What is asked about very many calls: each kind of list in several places, days, and all of a range at once."""

import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Final
from urllib.parse import urlencode

import msgspec

from bench.asking import Silent, ask
from bench.called import BUSY_EXTENSION, BUSY_NUMBER, BUSY_PERSON, DAY, DAYS, PERSON, Many
from bench.ours import JSON
from bench.process import Server
from scopekeeper.store.places import Ordering
from scopekeeper.surface.cursor import cursor_of

EXPORTED: Final = 100_000

_NEWEST: Final = Ordering("id", descending=True, key="id", type=str)
_LONGEST: Final = Ordering("duration", descending=True, key="id", type=int)
_SPREAD: Final = 104_729
"""A prime: places that are asked for one after the other lie nowhere near one another."""

Seconds = tuple[str, list[float]]
Paths = Iterator[str]


class Questions:
    """Asked of a server one after the other, with an application's token, and with those of people."""

    def __init__(self, server: Server, many: Many, token: str, people: dict[str, str]) -> None:
        self._many = many
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=600)
        self._as = {"": token, **people}

    def pages(self, times: int) -> Iterator[Seconds]:
        """Each kind of page: so many of them, each at another place; one call; and one that is new."""
        lists = {
            "all calls": {},
            "a busy number": {"number": BUSY_NUMBER},
            "a busy extension": {"extension": BUSY_EXTENSION},
            "an extension": {"extension": "1234"},
            "a busy extension, busy": {"extension": BUSY_EXTENSION, "disposition": "busy"},
            "one direction": {"direction": "internal"},
            "one disposition": {"disposition": "failed"},
            "direction and disposition": {"direction": "outbound", "disposition": "failed"},
        }
        for name, query in lists.items():
            yield from self._three(name, query, times)
        yield from self._three("a person", {}, times, PERSON)
        yield from self._three("a busy person", {}, times, BUSY_PERSON)
        yield self._timed("a rare number", (f"calls?{_q(number=self._rare(n))}" for n in range(times)))
        yield self._timed("a range of a day", (f"calls?{_q(**self._day(n))}" for n in range(times)))
        yield self._timed(
            "a range of a day, a busy number", (f"calls?{_q(number=BUSY_NUMBER, **self._day(n))}" for n in range(times))
        )
        yield self._timed("the longest", (f"calls?{_q(sort='duration', limit=50 + n % 2)}" for n in range(times)))
        yield self._timed(
            "the longest, middle", (f"calls?{_q(sort='duration', after=self._long(n))}" for n in range(times))
        )
        yield self._timed("one call", (f"calls/{each}" for each in self._some_ids(times)))
        yield self._posted(times)

    def days(self, times: int) -> Iterator[Seconds]:
        """Days of a month, each time another."""
        kinds = {
            "days of a month": {},
            "days of a month in Berlin": {"zone": "Europe/Berlin"},
            "days of a month, an extension": {"extension": "1234"},
            "days of a month, a busy number": {"number": BUSY_NUMBER},
        }
        for name, query in kinds.items():
            paths = (f"days?{_q(**query, **self._days(n % 20 * 31 + 10, 30))}" for n in range(times))
            yield self._timed(name, paths)
        paths = (f"days?{_q(**self._days(n % 20 * 31 + 10, 30))}" for n in range(times))
        yield self._timed("days of a month, a person", paths, PERSON)

    def exports(self) -> Iterator[tuple[str, float]]:
        """A hundred thousand calls in one answer, in either form: how many in a second."""
        first = min(self._many.calls // 3, self._many.calls - EXPORTED)
        number = EXPORTED if first > 0 else self._many.calls
        first = max(first, 0)
        query = _q(since=self._moment(first), until=self._moment(first + number))
        for name, accept, head in (("export, CSV", "text/csv", 1), ("export, NDJSON", "application/x-ndjson", 0)):
            began = time.perf_counter()
            headers = {"Authorization": f"Bearer {self._as['']}", "Accept": accept}
            lines = ask(self._connection, "GET", f"/api/rest/cdr/calls?{query}", headers).count(b"\n") - head
            if lines < number * 0.99:
                raise Silent(f"bench: {lines} calls were exported, not {number}")
            yield name, round(lines / (time.perf_counter() - began))

    def _three(self, name: str, query: dict[str, str], times: int, who: str = "") -> Iterator[Seconds]:
        """The first page, pages in the middle, and the last ones."""
        some = (dict(query, limit=str(50 + n % 2)) for n in range(times))
        yield self._timed(f"{name}: first page", (f"calls?{_q(**each)}" for each in some), who)
        middle = (self._behind(self._many.calls // 4 + n * _SPREAD % (self._many.calls // 2)) for n in range(times))
        yield self._timed(f"{name}: middle", (f"calls?{_q(**query, after=each)}" for each in middle), who)
        last = (self._behind(n * _SPREAD % max(self._many.calls // 1_000, 1)) for n in range(times))
        yield self._timed(f"{name}: last pages", (f"calls?{_q(**query, after=each)}" for each in last), who)

    def _timed(self, name: str, paths: Paths, who: str = "") -> Seconds:
        return name, [self._seconds("GET", f"/api/rest/cdr/{each}", who) for each in paths]

    def _posted(self, times: int) -> Seconds:
        bodies = (_call(f"posted{n}", _iso(self._many.until * 1_000 + n)) for n in range(times))
        return "a new call", [self._seconds("POST", "/api/rest/cdr/calls", "", body) for body in bodies]

    def _seconds(self, method: str, path: str, who: str, body: str = "") -> float:
        headers = {"Authorization": f"Bearer {self._as[who]}", **(JSON if body else {})}
        began = time.perf_counter()
        ask(self._connection, method, path, headers, body)
        return time.perf_counter() - began

    def _some_ids(self, times: int) -> Iterator[str]:
        """Ids of calls from all over it."""
        for n in range(times):
            path = f"/api/rest/cdr/calls?{_q(after=self._behind(n * _SPREAD % self._many.calls + 1), limit=1)}"
            answer = ask(self._connection, "GET", path, {"Authorization": f"Bearer {self._as['']}"})
            yield msgspec.json.decode(answer)["items"][0]["id"]

    def _rare(self, n: int) -> str:
        return self._many.number_of(n * _SPREAD % self._many.calls // 20 * 20)

    def _behind(self, n: int) -> str:
        """A cursor that stands where the nth call is."""
        stamp = self._moment(n).translate({ord(each): None for each in "-:.Z"})
        return cursor_of(_NEWEST.place_of(stamp, None))

    def _long(self, n: int) -> str:
        return cursor_of(_LONGEST.place_of("2025", n % 300))

    def _moment(self, n: int) -> str:
        return _iso(self._many.milliseconds(n))

    def _days(self, first: int, number: int) -> dict[str, str]:
        begin = (self._many.until - DAYS * DAY + first * DAY) * 1_000
        return {"since": _iso(begin), "until": _iso(begin + number * DAY * 1_000)}

    def _day(self, n: int) -> dict[str, str]:
        return self._days(n * 7 % (DAYS - 2), 1)


def _call(uid: str, moment: str) -> str:
    told = {"uid": uid, "started": moment, "ended": moment, "direction": "inbound", "disposition": "busy"}
    return msgspec.json.encode(told | {"caller": BUSY_NUMBER, "callee_extension": "1001"}).decode()


def _iso(milliseconds: int) -> str:
    seconds, left = divmod(milliseconds, 1_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{left:03}Z"


def _q(**query: object) -> str:
    return urlencode(query)
