"""Which application a page of the visualizer is about: named by its client_id, or looked for by its name."""

from collections.abc import Sequence
from typing import Final

from scopekeeper.console.desk import Desk
from scopekeeper.oauth.records import Client
from scopekeeper.services.lists import ClientsAsked

MOST_FOUND: Final = 12


async def chosen_or_found(desk: Desk, client_id: str, name: str) -> tuple[Client | None, Sequence[Client]]:
    """The application; or those of which this is (part of) the name. A single one of that very name is the one.

    Raises Gone.
    """
    if not name:
        return (await desk.applications.get(client_id) if client_id else None), ()
    found = await desk.applications.find(ClientsAsked(text=name[:200]), limit=MOST_FOUND)
    same = [client for client in found if client.name == name] or found
    return (same[0], ()) if len(same) == 1 else (None, found)
