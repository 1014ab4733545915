"""What hangs on an application just now: what would die with it."""

from dataclasses import dataclass

from scopekeeper.console.desk import Desk
from scopekeeper.oauth.records import Client
from scopekeeper.services.lists import ConsentsAsked, TokensAsked


@dataclass(frozen=True, slots=True)
class Belongings:
    """How many of each; those of lists at most MOST_COUNTED + 1."""

    secrets: int
    tokens: int
    refresh_tokens: int
    consents: int


async def belongings_of(desk: Desk, client: Client) -> Belongings:
    """Counted now."""
    now, its = desk.clock.now(), TokensAsked(client_id=client.client_id)
    return Belongings(
        sum(secret.lives(now) for secret in client.secrets),
        await desk.tokens.count(its),
        await desk.tokens.refresh_count(its),
        await desk.consents.count(ConsentsAsked(client_id=client.client_id)),
    )
