"""Who holds on to what was to be removed, as far as the caller may know: by keys what they may read, else by number."""

from collections.abc import AsyncIterator
from itertools import islice
from typing import Final

from scopekeeper.sdk import Caller, InUse
from scopekeeper.sdk.data import Data
from scopekeeper.sdk.errors import Holder

MOST_NAMED: Final = 20
"""Keys of one module that a refusal names."""

_MOST_LOOKED_AT: Final = 100
"""Records of one table of which it is looked whether they are this person's."""


async def told(held: InUse, caller: Caller, data: Data) -> InUse:
    """The refusal in words for this caller, with its holders by module."""
    counts: dict[str, int] = {}
    keys: dict[str, list[str]] = {}
    for holder in held.holders:
        counts[holder.module] = counts.get(holder.module, 0) + holder.count
        named = keys.setdefault(holder.module, [])
        async for key in _shown(holder, caller, data):
            if len(named) == MOST_NAMED:
                break
            named.append(key)
    if not counts:
        return held
    return InUse.by(held.key, [Holder(module, count, tuple(keys[module])) for module, count in counts.items()])


async def _shown(holder: Holder, caller: Caller, data: Data) -> AsyncIterator[str]:
    """The keys that the caller may read: a person their own."""
    if not caller.may("read", holder.module):
        return
    for key in islice(holder.keys, None if caller.system else _MOST_LOOKED_AT):
        if caller.system or await data.exists(holder.table, key, caller.user) is not None:
            yield key
