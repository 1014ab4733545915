"""Who is yet to hear that a session has ended, as decisions in a transaction."""

from collections.abc import Sequence

from scopekeeper.services.ports import Farewell
from scopekeeper.store.transaction import Transaction


def take(t: Transaction, now: int, waits: Sequence[int], limit: int) -> Sequence[Farewell]:
    """Up to `limit` that are due, put off until this try may be taken to have failed."""
    taken = [Farewell(*row) for row in t.rows(t.sql.farewells.due, now=now, limit=limit)]
    t.run_each(
        t.sql.farewells.put_off,
        [
            {
                "of_client": each.client_id,
                "of_session": each.session_id,
                "tries": each.tries,
                "due_at": now + wait(waits, each.tries),
            }
            for each in taken
        ],
    )
    return taken


def wait(waits: Sequence[int], tries: int) -> int:
    """The seconds after so many tries; after more than there are waits, the last of them."""
    return waits[min(tries, len(waits)) - 1]


def told(t: Transaction, told: Sequence[tuple[int, str]]) -> None:
    """These are forgotten, in the order of their keys."""
    ordered = sorted((client_id, session_id) for session_id, client_id in told)
    t.run_each(t.sql.farewells.told, [{"of_client": client, "of_session": session} for client, session in ordered])
