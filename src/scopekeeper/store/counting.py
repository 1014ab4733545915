"""What each change to what is counted is, as a decision in a transaction."""

from collections.abc import Mapping, Sequence
from operator import attrgetter

from scopekeeper.services.lists import Count
from scopekeeper.store.rows import count_row
from scopekeeper.store.transaction import Transaction


def count(t: Transaction, counts: Sequence[Count], used: Mapping[str, int]) -> None:
    """These are added, in the order of the rows, and those applications were used."""
    t.run_each(
        t.sql.lists.add_count, map(count_row, sorted(counts, key=attrgetter("client_id", "hour", "kind", "what")))
    )
    t.run_each(t.sql.lists.client_used, [{"of_client": each, "at": used[each]} for each in sorted(used)])


def sweep_counts(t: Transaction, before: int, limit: int) -> int:
    """Up to `limit` rows of hours long ago, then of applications that were removed."""
    swept = t.run(t.sql.lists.sweep_counts, before=before, limit=limit)
    return swept + t.run(t.sql.lists.sweep_forgotten_counts, limit=limit - swept)
