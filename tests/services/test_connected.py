"""People hear of each application that begins to act in their name: once, and of no other."""

from dataclasses import dataclass, field

from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import Client
from tests.altered import replace
from tests.rules.asking import READ
from tests.services.desk import ADDRESS
from tests.services.test_authorize import Office, an_office
from tests.services.test_device import Room, a_room
from tests.stores.records import an_act


@dataclass(slots=True)
class Heard:
    """Keeps what was told of applications."""

    of: list[tuple[str, str, str | None]] = field(default_factory=list)

    async def signed_in(self, user: User, session: Session) -> None:
        raise AssertionError("nobody signs in here")

    async def connected(self, user: User, client: Client, address: str | None) -> None:
        self.of.append((user.name, client.client_id, address))

    async def changed(self, user: User, what: str, address: str | None) -> None:
        raise AssertionError("nothing changes here")


async def an_office_that_tells() -> tuple[Office, Heard]:
    heard, office = Heard(), await an_office()
    return replace(office, authorize=replace(office.authorize, notices=heard)), heard


async def a_room_that_tells() -> tuple[Room, Heard]:
    heard, room = Heard(), await a_room()
    return replace(room, devices=replace(room.devices, notices=heard)), heard


async def test_an_application_is_told_of_when_it_is_first_allowed_anything() -> None:
    office, heard = await an_office_that_tells()
    await office.approve(await office.asked())
    assert heard.of == [("alice", "abc", "203.0.113.7")]
    await office.approve(await office.asked(), given=False)
    await office.approve(await office.asked(scope=f"{READ} openid"))
    assert len(heard.of) == 1


async def test_it_is_told_of_again_when_it_comes_back() -> None:
    office, heard = await an_office_that_tells()
    await office.approve(await office.asked())
    await office.store.withdraw(7, "abc", office.clock.now(), replace(an_act("consent.withdraw"), id=50))
    await office.approve(await office.asked())
    assert len(heard.of) == 2


async def test_a_device_is_told_of_when_it_is_approved_and_not_when_it_is_denied() -> None:
    room, heard = await a_room_that_tells()
    user_code = await room.wait()
    await room.enter(user_code)
    await room.decide(user_code, False)
    assert heard.of == []
    for _ in range(2):
        user_code = await room.wait()
        await room.enter(user_code)
        await room.decide(user_code, True)
    assert heard.of == [("alice", room.client.client_id, ADDRESS)]
