"""Who is yet to hear that a session has ended, in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from scopekeeper.oauth.granted import Family
from scopekeeper.oauth.records import Client
from scopekeeper.services.ports import Farewell
from scopekeeper.store.farewells import wait
from scopekeeper.store.memory_grants import MemoryGrants


class MemoryFarewells:
    """The port `Farewells`, in a dictionary."""

    def __init__(self, clients: Mapping[str, Client], grants: MemoryGrants, require_open: Callable[[], None]) -> None:
        self._clients = clients
        self._grants = grants
        self._require_open = require_open
        self._waiting: dict[tuple[int, str], tuple[int, Farewell]] = {}
        """When each is due."""

    def of_session(self, session_id: int, now: int) -> None:
        """The session has ended: those who are to hear of it are due now."""
        for family in self._grants.of_session(session_id):
            self.of_family(family, session_id, now)

    def of_family(self, family: Family, session_id: int, now: int) -> None:
        """The session in which this was granted is over: its application is to hear of it, if it wants to."""
        client = self._clients.get(family.client_id)
        if client is not None and client.backchannel_logout_uri is not None and "openid" in family.scope:
            farewell = Farewell(family.client_id, family.user_id, session_id, now, 0)
            self._waiting.setdefault((session_id, family.client_id), (now, farewell))

    async def farewells(self, now: int, waits: Sequence[int], limit: int) -> Sequence[Farewell]:
        self._require_open()
        due = sorted((due_at, key) for key, (due_at, _) in self._waiting.items() if due_at <= now)
        taken = [(key, self._waiting[key][1]) for _, key in due[:limit]]
        told = {key: replace(each, tries=each.tries + 1) for key, each in taken}
        self._waiting |= {key: (now + wait(waits, each.tries), each) for key, each in told.items()}
        return tuple(told.values())

    async def farewell_told(self, told: Sequence[tuple[int, str]]) -> None:
        self._require_open()
        for key in told:
            self._waiting.pop(key, None)

    async def session_clients(self, session_id: int) -> Sequence[str]:
        self._require_open()
        return tuple(sorted({each.client_id for each in self._grants.of_session(session_id) if "openid" in each.scope}))

    def forget_application(self, client_id: str) -> int:
        """Nobody is there any more who could hear it; how many they were."""
        theirs = [key for key in self._waiting if key[1] == client_id]
        for key in theirs:
            del self._waiting[key]
        return len(theirs)
