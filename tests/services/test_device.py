"""A device waits, a person lets it in: from the first request to the decision, and whoever guesses in between."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from scopekeeper.oauth.applications import Changes, Draft
from scopekeeper.oauth.authentication import MFA, MFA_RUNG, OTP, PASSWORD
from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.device import Question, user_code_from
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Consent, DeviceCode
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import ApplicationType, Client
from scopekeeper.oauth.secrets import Kind, digest_of, row_of
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.services.applications import Applications
from scopekeeper.services.attempts import TooMany
from scopekeeper.services.clients import Authentication
from scopekeeper.services.device import (
    DeviceAuthorization,
    DeviceDecision,
    NoMoreGuesses,
    NotSureEnough,
    WrongUserCode,
)
from scopekeeper.services.guesses import Guesses
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.keys import Signer
from scopekeeper.services.ports import Unavailable
from scopekeeper.services.vault import Vault
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.fixtures import FixedEntropy
from tests.services.desk import ADDRESS, Desk, a_desk

KNOWN = frozenset({"rest", "rest:extensions:read", "rest:callforward", "openid"})
SCOPE = "rest:extensions:read rest:callforward"
WRONG = "ZZZZ-ZZZZ"


@dataclass(frozen=True, slots=True)
class Room:
    """A room with a television in it, and alice before it."""

    desk: Desk
    applications: Applications
    client: Client
    authorize: DeviceAuthorization
    devices: DeviceDecision
    alice: User
    session: Session

    @property
    def credentials(self) -> Credentials:
        return Credentials("none", self.client.client_id)

    async def wait(self, asked: str | None = None) -> str:
        """A device waits; its user code."""
        return (await self.authorize(asked, self.credentials, ADDRESS)).device.user_code

    async def enter(self, typed: str, *, address: str | None = ADDRESS) -> Question:
        return await self.devices.enter(typed, self.alice, self.session, address)

    async def decide(self, typed: str, approved: bool) -> Question:
        question = await self.devices.asked(typed, self.alice, self.session)
        await self.devices.decide(question, approved, self.alice, self.session, ADDRESS)
        return question

    async def stored(self, user_code: str) -> DeviceCode:
        device = await self.desk.store.device_with(user_code)
        assert device is not None
        return device

    async def again(self) -> "Room":
        """Alice in another session."""
        session, _ = await self.desk.sign_in()
        return replace(self, session=session)

    async def bob(self) -> "Room":
        """Bob in her place."""
        bob = await self.desk.add("bob")
        session, _ = await self.desk.sign_in("bob")
        return replace(self, alice=bob, session=session)


async def a_room(
    *,
    entropy: FixedEntropy | None = None,
    burst: int = 30,
    **more: Any,
) -> Room:
    desk = a_desk(burst=burst)
    store, clock, drawn = desk.store, desk.clock, entropy or desk.entropy
    known = KNOWN.__contains__
    issuing = Issuing(
        Signer(store, Vault(bytes(32)), clock, drawn, "https://id.example"),
        clock,
        desk.entropy,
        "https://id.example",
        Lifetimes(3_600),
        known,
        Subjects(bytes(32)),
    )
    applications = Applications(store, store, clock, desk.entropy, known)
    draft = Draft(**{"name": "Television", "type": ApplicationType.NATIVE, "scope": SCOPE, **more})
    made = await applications.add(draft, "cli:test")
    alice = await desk.add()
    session, _ = await desk.sign_in()
    return Room(
        desk,
        applications,
        made.client,
        DeviceAuthorization(store, Authentication(store, clock, desk.uses), issuing, drawn),
        DeviceDecision(store, store, issuing.known, desk.attempts, Guesses(store), clock, desk.entropy, desk.uses),
        alice,
        session,
    )


class Drawn(FixedEntropy):
    """Draws what it is given, and then goes on by itself."""

    def __init__(self, drawn: Iterable[str]) -> None:
        super().__init__(10_000)
        self._given = list(drawn)

    def entropy(self) -> str:
        return self._given.pop(0) if self._given else super().entropy()


async def test_a_device_is_told_a_code_of_which_only_the_digest_is_kept() -> None:
    room = await a_room()
    begun = await room.authorize("rest:callforward", room.credentials, ADDRESS)
    assert row_of(begun.device_code, Kind.DEVICE_CODE) == begun.device.id
    stored = await room.desk.store.device(begun.device.id)
    assert stored == begun.device
    assert stored.digest == digest_of(begun.device_code)
    assert stored.scope == ("rest:callforward",)


async def test_a_user_code_that_is_taken_is_drawn_again() -> None:
    one, other = "1" * 32, "2" * 32
    room = await a_room(entropy=Drawn([one, one, one, other]))
    assert await room.wait() == user_code_from(one)
    assert await room.wait() == user_code_from(other)


async def test_where_every_user_code_is_taken_the_device_is_to_come_again() -> None:
    room = await a_room(entropy=Drawn(["1" * 32] * 20))
    await room.wait()
    with pytest.raises(OAuthError) as refused:
        await room.wait()
    assert (refused.value.error, refused.value.status) == ("temporarily_unavailable", 503)


async def test_row_29_a_confidential_application_proves_itself_first() -> None:
    room = await a_room(type=ApplicationType.WEB, grants=("device_code",), redirect_uris=("https://app.example/cb",))
    with pytest.raises(OAuthError) as refused:
        await room.wait()
    assert refused.value.error == "invalid_client"


async def test_an_application_that_may_not_hears_so_and_nothing_waits() -> None:
    room = await a_room(type=ApplicationType.SPA, redirect_uris=("https://app.example/cb",))
    with pytest.raises(OAuthError) as refused:
        await room.wait()
    assert refused.value.error == "unauthorized_client"


async def test_whoever_enters_the_code_is_asked_and_approves() -> None:
    room = await a_room()
    user_code = await room.wait()
    question = await room.enter(f" {user_code[:4].lower()} {user_code[4:].lower()} ")
    assert question.client == room.client
    assert question.scope == ("rest:extensions:read", "rest:callforward")
    assert (await room.stored(user_code)).approved is None
    await room.decide(user_code, True)
    stored = await room.stored(user_code)
    assert stored.approved is True
    assert stored.grantor is not None
    assert stored.grantor.session_id == room.session.id
    assert stored.grantor.auth_time == room.session.signed_in_at
    consent = await room.desk.store.consent(room.alice.id, room.client.client_id)
    assert consent is not None
    assert consent.scope == question.scope
    assert await room.devices.allowed(question, room.alice) == question.scope
    assert (await room.desk.acts())[0] == ("user:alice", "device.approve", room.client.client_id)


async def test_whoever_denies_leaves_no_consent_behind() -> None:
    room = await a_room()
    user_code = await room.wait()
    question = await room.enter(user_code)
    await room.decide(user_code, False)
    assert (await room.stored(user_code)).approved is False
    assert await room.devices.allowed(question, room.alice) == ()
    assert (await room.desk.acts())[0] == ("user:alice", "device.deny", room.client.client_id)


@pytest.mark.parametrize("first", [True, False])
async def test_row_51_it_is_decided_once_and_saying_the_same_again_changes_nothing(first: bool) -> None:
    room = await a_room()
    user_code = await room.wait()
    await room.enter(user_code)
    await room.decide(user_code, first)
    acts = await room.desk.acts()
    await room.decide(user_code, first)
    with pytest.raises(WrongUserCode):
        await room.decide(user_code, not first)
    with pytest.raises(WrongUserCode):
        await room.enter(user_code)
    assert (await room.stored(user_code)).approved is first
    assert await room.desk.acts() == [("user:alice", "user.refused", "alice"), *acts]


async def test_row_51_of_two_decisions_at_once_one_stands() -> None:
    room = await a_room()
    user_code = await room.wait()
    question = await room.enter(user_code)
    both = await asyncio.gather(
        *(room.devices.decide(question, each, room.alice, room.session, ADDRESS) for each in (True, False)),
        return_exceptions=True,
    )
    assert [type(each) for each in both if each is not None] == [WrongUserCode]


async def test_row_51_only_whoever_claimed_it_decides() -> None:
    room = await a_room()
    user_code = await room.wait()
    with pytest.raises(WrongUserCode):
        await room.decide(user_code, True)
    await room.enter(user_code)
    bob = await room.bob()
    for act in (bob.enter(user_code), bob.decide(user_code, True), bob.decide(user_code, False)):
        with pytest.raises(WrongUserCode):
            await act
    assert (await room.stored(user_code)).approved is None
    await room.decide(user_code, True)


async def test_row_14_another_session_of_the_same_person_enters_the_code_anew_before_it_decides() -> None:
    room = await a_room()
    user_code = await room.wait()
    await room.enter(user_code)
    other = await room.again()
    with pytest.raises(WrongUserCode):
        await other.decide(user_code, True)
    await other.enter(user_code)
    with pytest.raises(WrongUserCode):
        await room.decide(user_code, True)
    await other.decide(user_code, True)
    grantor = (await room.stored(user_code)).grantor
    assert grantor is not None
    assert grantor.session_id == other.session.id


async def test_row_51_what_was_not_meant_for_this_person_looks_like_what_is_not_there() -> None:
    room = await a_room()
    bob = await room.bob()
    theirs, decided, expired = await room.wait(), await room.wait(), await room.wait()
    await bob.enter(theirs)
    await room.enter(decided)
    await room.decide(decided, True)
    answers = []
    for typed in (theirs, decided, WRONG, "nonsense"):
        with pytest.raises(WrongUserCode) as refused:
            await room.enter(typed)
        answers.append(str(refused.value))
    room.desk.clock.advance(600)
    with pytest.raises(WrongUserCode) as refused:
        await room.enter(expired)
    assert {*answers, str(refused.value)} == {""}


async def test_what_is_decided_too_late_is_not_decided() -> None:
    room = await a_room()
    user_code = await room.wait()
    await room.enter(user_code)
    room.desk.clock.advance(600)
    with pytest.raises(WrongUserCode):
        await room.decide(user_code, True)


async def test_row_26_a_disabled_or_compromised_application_has_no_devices_any_more() -> None:
    for disable in (True, False):
        room = await a_room()
        entered, waiting = await room.wait(), await room.wait()
        await room.enter(entered)
        if disable:
            await room.applications.change(room.client.client_id, Changes(enabled=False), "cli:test")
        else:
            await room.applications.compromised(room.client.client_id, 0, "cli:test")
        with pytest.raises(WrongUserCode):
            await room.decide(entered, True)
        with pytest.raises(WrongUserCode):
            await room.enter(waiting)


async def test_row_24_an_application_that_is_narrowed_meanwhile_gets_no_more_than_was_shown() -> None:
    room = await a_room()
    user_code = await room.wait()
    await room.applications.change(room.client.client_id, Changes(scope="rest:callforward"), "cli:test")
    assert (await room.enter(user_code)).scope == ("rest:callforward",)
    await room.decide(user_code, True)
    await room.applications.change(room.client.client_id, Changes(scope=SCOPE), "cli:test")
    assert (await room.stored(user_code)).scope == ("rest:callforward",)
    consent = await room.desk.store.consent(room.alice.id, room.client.client_id)
    assert isinstance(consent, Consent)
    assert consent.scope == ("rest:callforward",)


async def test_row_51_five_wrong_codes_and_the_session_enters_none_any_more() -> None:
    room = await a_room()
    user_code = await room.wait()
    for _ in range(5):
        with pytest.raises(WrongUserCode):
            await room.enter(WRONG)
    for typed in (WRONG, user_code):
        with pytest.raises(NoMoreGuesses):
            await room.enter(typed)
    room.desk.clock.advance(300)
    with pytest.raises(NoMoreGuesses):
        await room.enter(user_code)
    assert (await room.stored(user_code)).user_id is None
    await (await room.again()).enter(user_code)


async def test_row_51_whoever_tries_many_at_once_has_no_more_tries() -> None:
    class Crossroads(MemoryStore):
        """Whoever looks for a device lets the others go first."""

        looked_for: int = 0

        async def device_with(self, user_code: str) -> DeviceCode | None:
            self.looked_for += 1
            await asyncio.sleep(0)
            return await super().device_with(user_code)

    store = Crossroads()
    room = await a_room()
    devices = replace(room.devices, grants=store)
    tries = (devices.enter(WRONG, room.alice, room.session, ADDRESS) for _ in range(50))
    refused = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, WrongUserCode) for each in refused) == store.looked_for == 5
    assert sum(isinstance(each, NoMoreGuesses) for each in refused) == 45


async def test_right_codes_count_nothing_and_nor_does_what_could_not_be_looked_at() -> None:
    room = await a_room(burst=1)
    for _ in range(10):
        await room.enter(await room.wait())

    class Away(MemoryStore):
        async def device_with(self, user_code: str) -> DeviceCode | None:
            raise Unavailable("disk gone")

    away = replace(room.devices, grants=Away())
    for _ in range(10):
        with pytest.raises(Unavailable):
            await away.enter(WRONG, room.alice, room.session, ADDRESS)
    await room.enter(await room.wait())


async def test_row_52_wrong_codes_are_slowed_down_before_they_are_looked_at() -> None:
    room = await a_room(burst=3)
    other, bob, user_code = await room.again(), await room.bob(), await room.wait()
    for _ in range(3):
        with pytest.raises(WrongUserCode):
            await room.enter(WRONG)
    for typed in (WRONG, user_code):
        with pytest.raises(TooMany) as refused:
            await other.enter(typed)
        assert refused.value.retry_after == 6
    assert (await room.stored(user_code)).user_id is None
    with pytest.raises(TooMany):
        await bob.enter(WRONG)
    await other.enter(user_code, address="198.51.100.1")


async def test_wrong_codes_are_noted_and_not_written_down() -> None:
    room = await a_room()
    for _ in range(2):
        with pytest.raises(WrongUserCode):
            await room.enter(WRONG)
    await room.desk.acts()
    act = (await room.desk.store.acts())[0]
    assert (act.actor, act.action, act.address) == ("user:alice", "user.refused", ADDRESS)
    assert dict(act.details) == {"reason": "wrong user code", "times": 2}


async def test_a_device_of_what_takes_a_second_factor_waits_until_whoever_enters_its_code_has_shown_one() -> None:
    room = await a_room(required_acr=MFA_RUNG)
    user_code = await room.wait()
    for _ in range(10):
        with pytest.raises(NotSureEnough) as refused:
            await room.enter(user_code)
        assert refused.value.client == room.client
    assert (await room.stored(user_code)).user_id is None, "nobody has claimed it, and it was no wrong code"
    sure = replace(room, session=replace(room.session, amr=(PASSWORD, OTP, MFA)))
    await sure.enter(user_code)
    await sure.decide(user_code, True)
    decided = await room.stored(user_code)
    assert (decided.approved, decided.amr) == (True, (PASSWORD, OTP, MFA))


async def test_row_52_an_application_that_takes_one_by_now_is_not_let_in_without_and_can_be_turned_away() -> None:
    room = await a_room()
    user_code = await room.wait()
    await room.enter(user_code)
    await room.applications.change(room.client.client_id, Changes(required_acr=MFA_RUNG), "cli:test")
    with pytest.raises(NotSureEnough):
        await room.decide(user_code, True)
    assert (await room.stored(user_code)).approved is None
    await room.decide(user_code, False)
    assert (await room.stored(user_code)).approved is False
