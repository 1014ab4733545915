"""A database that is at several hosts, of which one at a time takes writes: each is asked, none of them for long.

Such a URL is libpq's: `postgresql://HOST1:5432,HOST2:5432/NAME?target_session_attrs=read-write`. Where it does not say
which host will do, one that takes writes is meant: what a standby says may be old.
"""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from itertools import zip_longest
from typing import Final, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from scopekeeper.store.postgres.errors import DRIVER

T = TypeVar("T")

_ATTRIBUTE: Final = "target_session_attrs"

_served: dict[str, str] = {}
"""For a URL of several hosts that of the one that served last: it is asked first."""


async def at_one_of(url: str, patience: float, reach: Callable[[str, float], Awaitable[T]]) -> T:
    """What is reached at the first host that will do, within so many seconds altogether. Raises what the last raised.

    A machine that is gone answers nobody, not even by a refusal: so each host has its part of the time.
    """
    urls = each_of(url)
    if len(urls) == 1:
        return await reach(url, patience)
    last = _served.get(url, urls[0])
    failed: list[Exception] = []
    for each in (last, *(each for each in urls if each != last)):
        try:
            reached = await reach(each, patience / len(urls))
        except DRIVER as error:
            failed.append(error)
        else:
            _served[url] = each
            return reached
    raise failed[-1]


@lru_cache(16)
def each_of(url: str) -> tuple[str, ...]:
    """The URL of each host."""
    split = urlsplit(url)
    user, at, place = split.netloc.rpartition("@")
    options = parse_qsl(split.query, keep_blank_values=True)
    named = dict(options)
    if "," in place:
        places = [(f"{user}{at}{each}", options) for each in place.split(",")]
    elif "," in named.get("host", ""):
        hosts, ports = named["host"].split(","), named.get("port", "").split(",")
        places = [
            (split.netloc, _with(options, host=host, port=port or ports[0]))
            for host, port in zip_longest(hosts, ports[: len(hosts)], fillvalue="")
        ]
    else:
        return (url,)
    return tuple(
        split._replace(netloc=netloc, query=urlencode(_writable(said), safe="/:,")).geturl() for netloc, said in places
    )


def _with(options: list[tuple[str, str]], *, host: str, port: str) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in options if name not in ("host", "port")]
    return [*kept, ("host", host), *([("port", port)] if port else [])]


def _writable(options: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return options if _ATTRIBUTE in dict(options) else [*options, (_ATTRIBUTE, "read-write")]
