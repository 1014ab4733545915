"""Looks: whoever reads through others' eyes is in the audit log, and the person who was looked at is shown it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.claims import subject_of
from scopekeeper.oauth.people import User
from scopekeeper.oauth.viewing import View
from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.ports import Act, Clock, Entropy, Store

AS_APPLICATION: Final = "view.application"
AS_PERSON: Final = "view.user"

MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at what one person can read, in that person's name."""

    at: int
    by: str
    """The name of the administrator."""
    fields: tuple[str, ...]
    """The root fields that were read, by their GraphQL names."""
    through: str
    """The application as which they looked, by the name that it had then; empty where it was none."""


@dataclass(frozen=True, slots=True)
class Looks:
    """Notes looks, and finds those of a person."""

    store: Store
    clock: Clock
    entropy: Entropy

    async def note(self, view: View, fields: Sequence[str], actor: str, address: str | None) -> None:
        """Remember who looked through whose eyes, and at which root fields. It is committed when this returns.

        Arguments and variables are not among it: they may name others. Raises Unavailable.
        """
        action, target, details = _told(view)
        details |= {"fields": list(fields), "scope": " ".join(view.scopes)}
        act = Act(self.entropy.row_id(), self.clock.now(), actor, action, target, address, details)
        await self.store.used([], [], [act])

    async def of(self, person: User) -> Sequence[Look]:
        """The newest looks in this person's name, at most MOST_SHOWN. None of an earlier account of the same name."""
        asked = ActsAsked(looked_at=person.name, since=person.created_at)
        acts = await self.store.acts(asked, limit=MOST_SHOWN)
        subject = subject_of(person.id)
        return [_look_of(act) for act in acts if act.details.get("sub") == subject]


def _told(view: View) -> tuple[str, str, dict[str, object]]:
    """The action, its target, and who else was concerned."""
    client, person = view.client, view.person
    if person is not None:
        through = {} if client is None else {"client_id": client.client_id, "name": client.name}
        return AS_PERSON, person.name, {"sub": subject_of(person.id), **through}
    assert client is not None, "a view is of an application, a person, or both"
    return AS_APPLICATION, client.client_id, {"name": client.name}


def _look_of(act: Act) -> Look:
    fields = act.details.get("fields")
    return Look(
        at=act.at,
        by=act.actor.removeprefix("user:"),
        fields=tuple(map(str, fields)) if isinstance(fields, Sequence) and not isinstance(fields, str) else (),
        through=str(act.details.get("name", "")),
    )
