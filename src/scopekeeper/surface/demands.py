"""What an operation demands of the sign-in behind a person's token, and how that is told (RFC 9470 §3)."""

from scopekeeper.oauth.authentication import Demand
from scopekeeper.sdk import Operation


def demand_of(operation: Operation) -> Demand | None:
    """What it demands; None where it takes any."""
    if operation.max_age is None and not operation.acr:
        return None
    return Demand(operation.max_age, operation.acr)


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
