"""Before tokens are revoked: how many they are, whose, and what dies with them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scopekeeper.console.call import Fields
from scopekeeper.console.listing import total_of
from scopekeeper.console.naming import Names
from scopekeeper.console.narrowing import Narrowed
from scopekeeper.oauth.granted import Family
from scopekeeper.oauth.records import Token
from scopekeeper.services.lists import TokensAsked
from scopekeeper.services.tokens import STEP, Tokens

MOST: Final = 50
"""Tokens whose families are looked through one by one: as many as a page shows."""


_SECONDS: Final = 10
"""Digits of a time in seconds."""


def until_then(narrow: Narrowed, fields: Fields, now: int) -> TokensAsked:
    """What matched when it was asked for: a form that is sent again ends nothing that was issued since."""
    text, asked = fields.one("before"), narrow.asked
    then = int(text) if text.isascii() and text.isdigit() and len(text) <= _SECONDS else now + 1
    return replace(asked, until=then if asked.until is None else min(then, asked.until))


def expected_of(narrow: Narrowed) -> str:
    """What is typed before all that match are revoked: whose they are."""
    return narrow.client.name if narrow.client is not None else narrow.asked.user or "all"


@dataclass(frozen=True, slots=True)
class Doomed:
    """What would die."""

    count: int
    """Of those asked for; at most MOST_COUNTED + 1."""
    applications: Sequence[tuple[str, str, int]]
    """Of which applications: client_id, name, how many."""
    people: Sequence[tuple[str, int]]
    """In whose names."""
    sampled: bool
    """Are whose they are, and what dies with them, told of the newest only?"""
    refresh: int
    """Refresh tokens that die with them."""
    others: int
    """Access tokens that die with them, besides those asked for."""

    @property
    def total(self) -> str:
        return total_of(self.count)


async def doomed_tokens(tokens: Tokens, names: Names, found: Sequence[Token], count: int | None = None) -> Doomed:
    """Of these access tokens, of which there are `count` in all."""
    ids = [token.family_id for token in found if token.family_id is not None]
    families = await tokens.those_families(list(dict.fromkeys(ids))[:MOST])
    chosen = {token.id for token in found}
    refresh = others = 0
    for family in families:
        alive, renewing = await tokens.of_family(family)
        refresh += renewing is not None
        others += sum(token.id not in chosen for token in alive)
    return await _told(names, found, count, refresh, others, len(families) < len(set(ids)))


async def doomed_families(tokens: Tokens, names: Names, found: Sequence[Family], count: int | None = None) -> Doomed:
    """Of these families, each of which has a refresh token."""
    others = 0
    for family in found[:MOST]:
        alive, _ = await tokens.of_family(family)
        others += len(alive)
    return await _told(names, found, count, 0, others, len(found) > MOST)


async def newest_tokens(tokens: Tokens, asked: TokensAsked) -> tuple[Sequence[Token], int]:
    """The newest that match, and how many there are."""
    return await tokens.page(asked, limit=STEP), await tokens.count(asked)


async def newest_families(tokens: Tokens, asked: TokensAsked) -> tuple[Sequence[Family], int]:
    """The families of the newest refresh tokens that match, and how many there are."""
    page = await tokens.refresh_page(asked, limit=STEP)
    return [family for _, family in page], await tokens.refresh_count(asked)


async def _told(
    names: Names, found: Sequence[Token | Family], count: int | None, refresh: int, others: int, cut: bool
) -> Doomed:
    by_client = Counter(each.client_id for each in found).most_common()
    return Doomed(
        count=len(found) if count is None else count,
        applications=[(client_id, await names.of(client_id), times) for client_id, times in by_client],
        people=_people(found),
        sampled=cut or (count is not None and count > len(found)),
        refresh=refresh,
        others=others,
    )


def _people(found: Iterable[Token | Family]) -> Sequence[tuple[str, int]]:
    return Counter(each.user for each in found if each.user is not None).most_common()
