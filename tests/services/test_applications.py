"""What is done to applications: a secret shown once, an act for everything, and nothing lost among several hands."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from scopekeeper.oauth.applications import Changes, Draft, Unfit
from scopekeeper.oauth.giving import Exceeds, Holding
from scopekeeper.oauth.records import ApplicationType, Client, GrantType
from scopekeeper.oauth.secrets import digest_of
from scopekeeper.services.applications import Applications
from scopekeeper.services.lists import HOUR, Count, Kind
from scopekeeper.services.ports import Act, Activity, Gone, Stale
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.fixtures import NOON, FixedClock, FixedEntropy
from tests.stores.records import a_client, a_token, an_act

KNOWN = frozenset({"rest", "rest:callforward", "gql"})
A_DAY = 86_400
MIDDAY = "2026-01-01T12:00:00Z"
ACTOR, ADDRESS = "user:alice", "203.0.113.7"


class Crowded(MemoryStore):
    """Somebody else's edit comes in between, as often as `others` says."""

    def __init__(self, others: int = 0) -> None:
        super().__init__()
        self.others = others

    async def save_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        if self.others:
            self.others -= 1
            raise Stale("somebody else")
        await super().save_client(client, act, owner=owner)


class Remembering(MemoryStore):
    """Where an application is read as it was."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._was = client

    async def client(self, client_id: str) -> Client | None:
        return self._was


def office(store: MemoryStore, clock: FixedClock | None = None) -> Applications:
    return Applications(store, store, clock or FixedClock(), FixedEntropy(), KNOWN.__contains__)


def a_draft(**told: Any) -> Draft:
    return Draft(**{"name": "Night shift", "type": ApplicationType.M2M, "scope": "rest", **told})


async def last_act(store: MemoryStore) -> Act:
    act: Act = (await store.acts())[0]
    return act


async def test_a_secret_is_answered_once_and_its_digest_kept() -> None:
    store = MemoryStore()
    made = await office(store).add(a_draft(), ACTOR, ADDRESS)
    assert made.client_secret is not None
    (secret,) = (await office(store).get(made.client.client_id)).secrets
    assert secret.digest == digest_of(made.client_secret)
    assert (secret.last_four, secret.created_by, secret.created_at) == (made.client_secret[-4:], ACTOR, NOON)
    assert made.client_secret not in repr(made) + repr(secret) + repr(await store.acts())


async def test_a_public_client_has_none_to_answer_or_to_rotate() -> None:
    store = MemoryStore()
    made = await office(store).add(a_draft(type=ApplicationType.SPA), ACTOR)
    assert (made.client_secret, made.client.secrets) == (None, ())
    with pytest.raises(Gone, match="public"):
        await office(store).rotate(made.client.client_id, 0, ACTOR)


async def test_what_cannot_stand_is_refused_and_leaves_nothing_behind() -> None:
    store = MemoryStore()
    with pytest.raises(Unfit):
        await office(store).add(a_draft(scope="rest:unheardof"), ACTOR)
    assert (list(await store.clients()), list(await store.acts())) == ([], [])


async def test_registering_is_an_act_that_says_what_was_registered() -> None:
    store = MemoryStore()
    made = await office(store).add(a_draft(), ACTOR, ADDRESS)
    act = await last_act(store)
    assert (act.actor, act.action, act.target, act.address, act.at) == (
        ACTOR, "application.add", made.client.client_id, ADDRESS, NOON,
    )  # fmt: skip
    assert act.details == {"name": "Night shift", "type": "m2m", "scope": "rest"}


async def test_an_edit_is_an_act_that_says_what_was_before_and_after_and_nothing_else() -> None:
    store = MemoryStore()
    desk = office(store)
    made = await desk.add(a_draft(), ACTOR)
    await desk.change(made.client.client_id, Changes(scope="gql", enabled=False, name="Night shift"), ACTOR, ADDRESS)
    act = await last_act(store)
    assert (act.actor, act.action, act.address) == (ACTOR, "application.change", ADDRESS)
    assert act.details == {
        "scope": {"before": ["rest"], "after": ["gql"]},
        "enabled": {"before": True, "after": False},
    }


Acting = Callable[[Applications, str], Awaitable[object]]
ACTS: dict[str, tuple[Acting, dict[str, object]]] = {
    "application.rotate": (lambda desk, of: desk.rotate(of, 60, ACTOR, ADDRESS), {"overlap": 60}),
    "application.compromised": (lambda desk, of: desk.compromised(of, 0, ACTOR, ADDRESS), {"secrets": 1}),
    "application.remove": (lambda desk, of: desk.remove(of, ACTOR, ADDRESS), {"name": "Night shift"}),
}


@pytest.mark.parametrize("action", ACTS)
async def test_everything_that_is_done_is_an_act(action: str) -> None:
    store = MemoryStore()
    desk = office(store)
    made = await desk.add(a_draft(), ACTOR)
    do, details = ACTS[action]
    await do(desk, made.client.client_id)
    act = await last_act(store)
    assert (act.actor, act.action, act.target, act.address) == (ACTOR, action, made.client.client_id, ADDRESS)
    assert details.items() <= act.details.items()
    assert (made.client_secret or "?") not in repr(act)


async def test_an_edit_that_somebody_else_overtook_is_made_again_on_what_is_now() -> None:
    store = Crowded(others=4)
    desk = office(store)
    made = await desk.add(a_draft(), ACTOR)
    done = await desk.change(made.client.client_id, Changes(name="Day shift"), ACTOR)
    assert done.client.name == "Day shift"
    store.others = 5
    with pytest.raises(Stale):
        await desk.change(made.client.client_id, Changes(name="No shift"), ACTOR)
    assert (await desk.get(made.client.client_id)).name == "Day shift"


async def test_edits_at_once_are_all_there_afterwards() -> None:
    store = MemoryStore()
    desk = office(store)
    client_id = (await desk.add(a_draft(), ACTOR)).client.client_id
    changes = [Changes(name="Day shift"), Changes(scope="gql"), Changes(description="By day"), Changes(trusted=True)]
    await asyncio.gather(*(desk.change(client_id, each, ACTOR) for each in changes))
    client = await desk.get(client_id)
    assert (client.name, client.scope, client.description, client.trusted) == ("Day shift", ("gql",), "By day", True)
    assert len(await store.acts()) == 5


async def test_a_native_application_gets_its_secret_when_password_is_switched_on_and_never_again() -> None:
    store = MemoryStore()
    desk = office(store)
    made = await desk.add(a_draft(type=ApplicationType.NATIVE), ACTOR)
    assert made.client_secret is None
    switched = await desk.change(made.client.client_id, Changes(grants=("password",)), ACTOR)
    assert switched.client_secret is not None
    assert GrantType.PASSWORD in switched.client.grant_types
    assert [secret.digest for secret in switched.client.secrets] == [digest_of(switched.client_secret)]
    assert (await last_act(store)).action == "application.secret"
    assert (await desk.change(made.client.client_id, Changes(name="Day shift"), ACTOR)).client_secret is None


async def test_one_that_has_password_from_the_start_gets_its_secret_at_once() -> None:
    made = await office(MemoryStore()).add(a_draft(type=ApplicationType.NATIVE, grants=("password",)), ACTOR)
    assert made.client_secret is not None


async def test_after_a_rotation_old_secrets_have_their_end() -> None:
    store, clock = MemoryStore(), FixedClock()
    desk = office(store, clock)
    made = await desk.add(a_draft(), ACTOR)
    turned = await desk.rotate(made.client.client_id, A_DAY, ACTOR)
    old, new = turned.client.secrets
    assert (old.expires_at, new.expires_at) == (NOON + A_DAY, None)
    assert (old.lives(NOON + A_DAY - 1), old.lives(NOON + A_DAY)) == (True, False)
    assert turned.client_secret is not None
    assert new.digest == digest_of(turned.client_secret) != old.digest


async def test_a_rotation_never_lets_an_older_secret_live_longer() -> None:
    desk = office(MemoryStore())
    made = await desk.add(a_draft(), ACTOR)
    await desk.rotate(made.client.client_id, 60, ACTOR)
    third = await desk.rotate(made.client.client_id, 3_600, ACTOR)
    assert [secret.expires_at for secret in third.client.secrets] == [NOON + 60, NOON + 3_600, None]


async def test_a_compromise_ends_all_secrets_and_tokens_and_reports_what_they_did() -> None:
    store = MemoryStore()
    desk = office(store)
    made = await desk.add(a_draft(), ACTOR)
    client_id = made.client.client_id
    await desk.rotate(client_id, 60, ACTOR)
    await store.issue(a_token(100, client_id, address=ADDRESS))
    done = await desk.compromised(client_id, NOON - 60, ACTOR)
    assert (done.secrets_ended, done.activity.tokens_issued, done.activity.tokens_live) == (2, 1, 1)
    assert done.activity.addresses == (ADDRESS,)
    assert done.credential.client_secret is not None
    client = await desk.get(client_id)
    assert [secret.digest for secret in client.secrets] == [digest_of(done.credential.client_secret)]
    assert await store.tokens(client_id=client_id, now=NOON) == ()
    assert client.generation == made.client.generation + 1


class Slow(MemoryStore):
    """What an application did is never read to the end."""

    async def activity(self, client_id: str, since: int, now: int) -> Activity:
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_leak_is_stopped_though_what_was_done_with_it_cannot_be_read_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("scopekeeper.services.applications.PATIENCE", 0.01)
    desk = office(Slow())
    made = await desk.add(a_draft(), ACTOR)
    done = await desk.compromised(made.client.client_id, 0, ACTOR)
    assert (done.activity.known, done.report["tokens_known"], done.secrets_ended) == (False, False, 1)
    client = await desk.get(made.client.client_id)
    assert client.generation == made.client.generation + 1
    assert done.credential.client_secret is not None


@pytest.mark.parametrize(("since", "told"), [(-1, "1970-01-01T00:00:00Z"), (NOON + 1, MIDDAY), (2**40, MIDDAY)])
async def test_row_32_a_report_reaches_back_to_no_moment_that_cannot_be(since: int, told: str) -> None:
    """Nothing was done in the future, and the last year that can be asked for is one that cannot be written."""
    desk = office(MemoryStore())
    client_id = (await desk.add(a_draft(), ACTOR)).client.client_id
    done = await desk.compromised(client_id, since, ACTOR)
    assert (done.report["since"], done.report["until"]) == (told, MIDDAY)


async def test_a_secret_that_had_ended_before_is_not_counted_among_those_that_a_compromise_ends() -> None:
    desk = office(MemoryStore())
    client_id = (await desk.add(a_draft(), ACTOR)).client.client_id
    await desk.rotate(client_id, 0, ACTOR)
    done = await desk.compromised(client_id, NOON - 60, ACTOR)
    assert (done.secrets_ended, done.report["secrets_ended"], done.act.details["secrets"]) == (1, 1, 1)


async def test_the_report_names_the_most_frequent_first_and_addresses_whence_nobody_called_last() -> None:
    store = MemoryStore()
    desk = office(store)
    client_id = (await desk.add(a_draft(), ACTOR)).client.client_id
    await store.issue(a_token(100, client_id, address=ADDRESS))
    whence = [("2001:db8::1", 2, 0), ("203.0.113.9", 1, 1), ("203.0.113.9", 4, 0)]
    await store.count(
        [Count(client_id, NOON - ago * HOUR, Kind.ADDRESSES, what, times) for what, times, ago in whence], {}
    )
    report = (await desk.compromised(client_id, NOON - HOUR, ACTOR)).report
    assert json.dumps(report["addresses"]) == f'{{"203.0.113.9": 5, "2001:db8::1": 2, "{ADDRESS}": 0}}'


async def test_all_applications_are_listed_page_by_page() -> None:
    store = MemoryStore()
    desk = office(store)
    made = [(await desk.add(a_draft(), ACTOR)).client.client_id for _ in range(3)]
    assert [client.client_id for client in await desk.all()] == sorted(made)


@pytest.mark.parametrize("action", ACTS)
async def test_what_is_not_there_is_gone(action: str) -> None:
    store = MemoryStore()
    with pytest.raises(Gone):
        await ACTS[action][0](office(store), "nobody")
    with pytest.raises(Gone):
        await office(store).change("nobody", Changes(name="x"), ACTOR)
    assert list(await store.acts()) == []


async def test_an_old_secret_is_ended_once_and_the_log_says_which() -> None:
    store, clock = MemoryStore(), FixedClock()
    applications = office(store, clock)
    client_id = (await applications.add(a_draft(), ACTOR)).client.client_id
    old = (await applications.rotate(client_id, A_DAY, ACTOR)).client.secrets[0]
    assert await applications.end_secret(client_id, old.id, ACTOR, ADDRESS)
    act = await last_act(store)
    assert (act.action, act.target, act.address) == ("application.end_secret", client_id, ADDRESS)
    assert act.details == {"label": "first", "last_four": old.last_four}
    assert [each.lives(clock.now()) for each in (await applications.get(client_id)).secrets] == [False, True]
    assert not await applications.end_secret(client_id, old.id, ACTOR)


async def test_the_only_secret_that_works_is_not_ended() -> None:
    store = MemoryStore()
    applications = office(store)
    made = await applications.add(a_draft(), ACTOR)
    client_id, only = made.client.client_id, made.client.secrets[0]
    with pytest.raises(Unfit, match="only secret"):
        await applications.end_secret(client_id, only.id, ACTOR)
    with pytest.raises(Gone):
        await applications.end_secret(client_id, only.id + 100, ACTOR)
    assert (await applications.get(client_id)).secrets == (only,)


async def test_of_two_who_end_the_last_two_at_once_one_is_told_that_it_is_the_only_one() -> None:
    store = MemoryStore()
    applications = office(store)
    client_id = (await applications.add(a_draft(), ACTOR)).client.client_id
    first, second = (await applications.rotate(client_id, A_DAY, ACTOR)).client.secrets
    seen = await applications.get(client_id)
    await applications.end_secret(client_id, first.id, ACTOR)
    late = replace(applications, records=Remembering(seen))
    with pytest.raises(Unfit, match="only secret"):
        await late.end_secret(client_id, second.id, ACTOR)


async def test_a_report_tells_what_was_counted_and_stays_in_the_record() -> None:
    store = MemoryStore()
    applications = office(store)
    made = await applications.add(a_draft(), ACTOR)
    client_id = made.client.client_id
    told = {
        Kind.CALLS: "rest", Kind.SCOPES: "rest:callforward:read", Kind.DENIALS: "gql", Kind.ADDRESSES: ADDRESS,
        Kind.WRITES: "callforward/1001",
    }  # fmt: skip
    await store.count([Count(client_id, NOON, kind, what, 3) for kind, what in told.items()], {})
    await store.count([Count(client_id, NOON - 40 * A_DAY, Kind.CALLS, "rest", 99)], {})
    done = await applications.compromised(client_id, NOON - A_DAY, ACTOR)
    report = done.report
    assert (report["calls"], report["scopes_used"]) == ({"rest": 3}, {"rest:callforward:read": 3})
    assert (report["objects_written"], report["denials"]) == ({"callforward/1001": 3}, {"gql": 3})
    assert report["addresses"] == {ADDRESS: 3}
    assert (await last_act(store)).details["report"] == report
    assert str(made.client_secret) not in repr(report)


async def test_no_edit_gives_a_first_secret_to_who_holds_less_than_the_application() -> None:
    store = MemoryStore()
    await store.add_client(a_client(), an_act())  # its registration broke off before it had a secret
    less, applications = Holding(frozenset({"rest:admin"}), frozenset(GrantType)), office(store)
    with pytest.raises(Exceeds):
        await applications.change("night-shift", Changes(enabled=False), ACTOR, holding=less)
    client = await store.client("night-shift")
    assert client is not None
    assert (client.enabled, client.secrets) == (True, ())
    assert (await applications.change("night-shift", Changes(enabled=False), ACTOR)).client_secret is not None
