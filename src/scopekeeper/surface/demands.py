"""What an operation demands of the sign-in behind a person's token, and how that is told (RFC 9470 §3)."""

import re
from collections.abc import Iterable, Mapping

from scopekeeper.oauth.authentication import Demand
from scopekeeper.sdk import Operation


def demand_of(operation: Operation) -> Demand | None:
    """What it demands; None where it takes any."""
    if operation.max_age is None and not operation.acr:
        return None
    return Demand(operation.max_age, operation.acr)


def readers_of(operations: Iterable[Operation]) -> Mapping[str, Operation]:
    """Those that read one record, by their place."""
    return {place_of(each): each for each in operations if _reads_one(each)}


def demand_to_see(write: Operation, readers: Mapping[str, Operation]) -> Demand | None:
    """What reading the record demands that this write answers with: else whoever may write would see it without."""
    place = place_of(write)
    reader = readers.get(place) or (readers.get(f"{place}/{{}}") if write.method == "POST" else None)
    return None if reader is None else demand_of(reader)


def place_of(operation: Operation) -> str:
    """The path, whatever its parameters are called."""
    return re.sub(r"\{[a-z_]+\}", "{}", f"/{operation.module}{operation.path}").rstrip("/")


def _reads_one(operation: Operation) -> bool:
    asks_more = any(each.required for each in operation.query_arguments)
    return operation.method == "GET" and not operation.paged and not asks_more


def told_of(operation: Operation) -> str:
    """The operation in the words of its author, and what it demands."""
    demand = demand_of(operation)
    return operation.description if demand is None else f"{operation.description}\n\n{_words(demand)}"


def _words(demand: Demand) -> str:
    age = [] if demand.max_age is None else [f"at most {demand.max_age} seconds ago"]
    way = [f"by {' or '.join(f'`{acr}`' for acr in demand.acr)}"] if demand.acr else []
    return (
        f"In a person's name: only if they signed in {', '.join((*age, *way))}. Otherwise the answer is 401 with "
        "`insufficient_user_authentication`, and says what to ask for at the authorization endpoint (RFC 9470)."
    )
