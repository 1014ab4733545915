"""Least privilege: what an application was seen to do, and the least scopes that it could have done it with. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.records import Client
from scopekeeper.scopes import APIS, IDENTITY, cut, least_cover

ENOUGH: Final = 7 * 86_400
"""Seconds that an application is to be watched before it is advised to be content with less."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that happened, how often, and when last."""

    what: str
    times: int
    last: int
    """The first second of the hour in which it last happened."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What an application was seen to do between two moments, counted by the hour. The most frequent comes first."""

    since: int
    until: int
    first: int | None
    """The first second of the hour in which something was first counted of it."""
    tokens: tuple[Seen, ...] = ()
    """Tokens that were issued to it, by grant type."""
    calls: tuple[Seen, ...] = ()
    """Its calls that were let in, by API."""
    scopes: tuple[Seen, ...] = ()
    """What those calls needed."""
    denials: tuple[Seen, ...] = ()
    """Its calls that were refused, by the scope that was missing, or by the error."""
    addresses: tuple[Seen, ...] = ()
    """Whence the calls came."""
    written: tuple[Seen, ...] = ()
    """What they wrote: `callforward/1001`."""
    unused: tuple[str, ...] = ()
    """Of the ceiling, what no call needed; identity scopes aside, which no call needs."""

    @property
    def calls_in_all(self) -> int:
        return times_of(self.calls)

    @property
    def tokens_in_all(self) -> int:
        return times_of(self.tokens)

    @property
    def denials_in_all(self) -> int:
        return times_of(self.denials)


@dataclass(frozen=True, slots=True)
class Advice:
    """The least scopes that cover what was used, and what this is founded on.

    Only calls to this server are seen. A token that other servers look up here is used where nobody counts.
    """

    scope: tuple[str, ...]
    """The ceiling to have: never below what was used."""
    unused: tuple[str, ...]
    """What of the present ceiling was not used at all."""
    since: int | None
    """Since when it has been watched; None where nothing was seen of it."""
    calls: int
    """On how many calls this is founded."""
    enough: bool
    """Has it been watched for long enough to rely on this?"""
    changes: Changes | None
    """The edit that carries it out; None where there is nothing to gain, or nothing was seen."""


def advice(client: Client, observed: Observed) -> Advice:
    """What this application could be content with (RFC 9700 §2.3). Each token of the built-in one is chosen anew."""
    used = least_scope(client.scope, observed)
    enough = observed.first is not None and observed.until - observed.first >= ENOUGH
    gains = bool(observed.calls) and set(used) != set(client.scope) and set(used) - set(IDENTITY) != set()
    gains = gains and not client.built_in
    return Advice(
        scope=used if gains else client.scope,
        unused=observed.unused,
        since=observed.first,
        calls=observed.calls_in_all,
        enough=enough,
        changes=Changes(scope=" ".join(used)) if gains else None,
    )


def least_scope(ceiling: tuple[str, ...], observed: Observed) -> tuple[str, ...]:
    """The least of this ceiling that covers what was used. Identity scopes stay: no call shows whether they are used.

    Whoever called an API without needing a scope (it asked for the schema) keeps all that it has there.
    """
    kept = {each for each in ceiling if each in IDENTITY}
    kept.update(cut(least_cover(each.what for each in observed.scopes), ceiling))
    for api in _unnamed(observed):
        kept.update(each for each in ceiling if _api_of(each) == api)
    ordered = [each for each in ceiling if each in kept]
    return (*ordered, *(each for each in least_cover(kept) if each not in ordered))


def unused(ceiling: Iterable[str], used: Collection[str]) -> tuple[str, ...]:
    """The scopes of the ceiling under which nothing was used."""
    return tuple(each for each in ceiling if each not in IDENTITY and not cut([each], used))


def times_of(seen: Iterable[Seen]) -> int:
    """How often in all."""
    return sum(each.times for each in seen)


def _unnamed(observed: Observed) -> set[str]:
    """The APIs that were called, though no scope of theirs was needed."""
    needed = {_api_of(each.what) for each in observed.scopes}
    called = {each.what for each in observed.calls}
    return called.intersection(APIS) - needed


def _api_of(scope: str) -> str:
    return scope.partition(":")[0]
