"""Looks: noted with the fields that were read, and found by the person who was looked at, who is nobody else."""

import pytest

from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client
from scopekeeper.oauth.viewing import View
from scopekeeper.services.looks import MOST_SHOWN, Look, Looks
from scopekeeper.services.ports import Act
from scopekeeper.store import MemoryStore
from tests.fixtures import FixedClock, FixedEntropy

APP = Client("app", ApplicationType.WEB, "Phone book", ("gql",), (), 0)


def looks() -> Looks:
    return Looks(MemoryStore(), FixedClock(), FixedEntropy())


def as_person(person: User, client: Client | None = None) -> View:
    return View(client, person, ("gql",))


async def test_a_person_finds_who_looked_when_at_what_and_through_which_application() -> None:
    kept, alice = looks(), User(7, "alice", None, 0)
    await kept.note(as_person(alice), ("extensions", "callForward"), "user:root", None)
    await kept.note(as_person(alice, APP), ("extension",), "user:chief", "192.0.2.1")
    now = kept.clock.now()
    assert await kept.of(alice) == [
        Look(now, "chief", ("extension",), "Phone book"),
        Look(now, "root", ("extensions", "callForward"), ""),
    ]


async def test_a_look_at_what_an_application_reads_for_itself_is_in_nobodys_name() -> None:
    kept = looks()
    await kept.note(View(APP, None, ("gql",)), ("extensions",), "user:root", None)
    assert await kept.of(User(7, "app", None, 0)) == []


async def test_the_newest_are_shown_and_no_more() -> None:
    kept, alice = looks(), User(7, "alice", None, 0)
    for number in range(MOST_SHOWN + 5):
        await kept.note(as_person(alice), (f"field{number}",), "user:root", None)
    shown = await kept.of(alice)
    assert [each.fields[0] for each in shown] == [f"field{number}" for number in range(MOST_SHOWN + 4, 4, -1)]


@pytest.mark.parametrize("made_later", [0, 1, 3_600])
async def test_row_26_a_later_account_of_the_same_name_does_not_see_what_was_read_of_the_earlier(
    made_later: int,
) -> None:
    """Names are given again, subjects never."""
    kept, clock = looks(), FixedClock()
    earlier = User(7, "alice", None, clock.now() - 60)
    await kept.note(as_person(earlier), ("extensions",), "user:root", None)
    later = User(8, "alice", None, clock.now() + made_later)
    assert await kept.of(later) == []
    assert len(await kept.of(earlier)) == 1
    await kept.note(as_person(User(8, "alice", None, clock.now())), ("extension",), "user:root", None)
    assert [each.fields for each in await kept.of(User(8, "alice", None, clock.now()))] == [("extension",)]


async def test_an_act_of_another_version_is_shown_as_far_as_it_goes() -> None:
    kept, alice = looks(), User(7, "alice", None, 0)
    await kept.note(as_person(alice), (), "user:root", None)
    [act] = await kept.store.acts()
    strange = Act(act.id + 1, act.at, "cli:ops", act.action, act.target, None, {"sub": act.details["sub"], "fields": 5})
    await kept.store.used([], [], [strange])
    assert await kept.of(alice) == [Look(act.at, "cli:ops", (), ""), Look(act.at, "root", (), "")]
