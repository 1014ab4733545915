"""A logout request as an act: whose it is, and who hears of it."""

from dataclasses import dataclass
from typing import Any, Final

import pytest

from scopekeeper.oauth.logout import Done, End, LogoutRequest, Unsound
from scopekeeper.oauth.people import Session
from scopekeeper.oauth.records import ApplicationType, Client, GrantType
from scopekeeper.oauth.steps import Present
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.services.keys import Signer
from scopekeeper.services.logout import Logout
from scopekeeper.services.vault import Vault
from scopekeeper.store import MemoryStore
from tests.altered import replace
from tests.services.desk import Desk, a_desk
from tests.stores.families import a_family, grant
from tests.stores.records import a_client, an_act

ISSUER: Final = "https://id.example.com"
BYE: Final = "https://app.example/bye"
SUBJECTS: Final = Subjects(bytes(32))


@dataclass(frozen=True, slots=True)
class Way:
    """The way out, and what is needed to come to it."""

    desk: Desk
    store: MemoryStore
    signer: Signer
    logout: Logout

    async def application(self, client_id: str = "book", **facts: Any) -> Client:
        told: dict[str, Any] = {
            "type": ApplicationType.WEB,
            "scope": ("openid",),
            "grant_types": (GrantType.AUTHORIZATION_CODE,),
            "post_logout_redirect_uris": (BYE,),
        }
        client = a_client(client_id, **told | facts)
        await self.store.add_client(client, an_act())
        return client

    async def used(self, session: Session, client: Client, **facts: Any) -> str:
        """The person signs in to this application; the id_token that it is given."""
        told: dict[str, Any] = {"session_id": session.id, "scope": ("openid",)}
        family = a_family(self.desk.entropy.row_id(), client.client_id, **told | facts)
        await grant(self.store, replace(family, user_id=session.user_id, user=session.user))
        claims = {
            "iss": ISSUER,
            "aud": client.client_id,
            "sub": SUBJECTS.of(client, session.user_id),
            "sid": SUBJECTS.sid(client, session.id),
        }
        return await self.signer.sign(claims, "RS256", "JWT")


def a_way(store: MemoryStore | None = None) -> Way:
    store = store or MemoryStore()
    desk = a_desk(store)
    signer = Signer(store, Vault(bytes(32)), desk.clock, desk.entropy, ISSUER)
    return Way(desk, store, signer, Logout(store, store, signer, desk.login, SUBJECTS, ISSUER))


async def test_an_id_token_is_known_as_a_hint_long_after_it_expired() -> None:
    """OpenID Connect RP-Initiated Logout §2: accept ID Tokens when the session is current, even after they expired."""
    way = a_way()
    user, client = await way.desk.add(), await way.application()
    session, _ = await way.desk.sign_in()
    hint = await way.used(session, client)
    way.desk.clock.advance(7 * 86_400)
    leave = await way.logout.asked(LogoutRequest({"id_token_hint": hint, "post_logout_redirect_uri": BYE}))
    assert (leave.client, leave.onward) == (client, BYE)
    assert way.logout.step(leave, Present(user, session)) == End()
    assert way.logout.step(leave, None) == Done()


async def test_row_33_no_token_but_an_id_token_of_ours_is_a_hint() -> None:
    """RFC 8725 §3.11: an access token, signed userinfo and a logout token have another head."""
    way = a_way()
    await way.desk.add()
    session, _ = await way.desk.sign_in()
    client = await way.application()
    sound = await way.used(session, client)
    claims = await way.signer.verified(sound)
    assert claims is not None
    stranger = Signer(MemoryStore(), Vault(bytes(32)), way.desk.clock, way.desk.entropy, ISSUER)
    head, body, signature = sound.split(".")
    for token in (
        await way.signer.sign(claims, "RS256", "at+jwt"),
        await way.signer.sign(claims, "RS256", "userinfo+jwt"),
        await way.signer.sign(claims, "RS256", "logout+jwt"),
        await way.signer.sign({**claims, "iss": "https://evil.example"}, "RS256", "JWT"),
        await stranger.sign(claims, "RS256", "JWT"),
        f"eyJhbGciOiJub25lIn0.{body}.",
        f"{head}.{body}.",
        f"{head}.{body[:-4]}.{signature}",
        "x",
        "x" * 40_000,
    ):
        with pytest.raises(Unsound) as unsound:
            await way.logout.asked(LogoutRequest({"id_token_hint": token}))
        assert unsound.value.fault == "hint"


class Behind(MemoryStore):
    """Does not know yet what another process has written."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._later = client

    async def catch_up(self) -> bool:
        if await super().client(self._later.client_id) is None:
            await self.add_client(self._later, an_act())
            return True
        return False


async def test_what_another_process_has_just_registered_is_known() -> None:
    client = await a_way().application()
    way = a_way(Behind(client))
    assert (await way.logout.asked(LogoutRequest({"client_id": client.client_id}))).client == client
    with pytest.raises(Unsound):
        await way.logout.asked(LogoutRequest({"client_id": "nobody"}))


async def test_the_audit_log_says_which_application_asked_if_one_did() -> None:
    way = a_way()
    user = await way.desk.add()
    for application in ("book", None):
        session, _ = await way.desk.sign_in()
        assert await way.logout.leave(session, "203.0.113.7", application) == []
        [act, *_] = await way.store.acts()
        told = {} if application is None else {"client_id": application}
        assert (act.actor, act.action, act.target, act.address) == (
            f"user:{user.name}", "session.end", user.name, "203.0.113.7",
        )  # fmt: skip
        assert act.details == told
        assert await way.store.session(session.id) is None


async def test_frames_are_of_the_applications_that_this_session_was_used_for() -> None:
    """OpenID Connect Front-Channel Logout §2; those that were given no id_token know of no session."""
    way = a_way()
    await way.desk.add()
    session, _ = await way.desk.sign_in()
    elsewhere, _ = await way.desk.sign_in()
    front = {"frontchannel_logout_uri": "https://app.example/out"}
    for client_id, of, scope, facts in (
        ("here", session, ("openid", "rest"), front),
        ("elsewhere", elsewhere, ("openid",), front),
        ("no-id-token", session, ("rest",), front),
        ("back-alone", session, ("openid",), {"backchannel_logout_uri": "https://app.example/back"}),
        ("disabled", session, ("openid",), {**front, "enabled": False}),
    ):
        await way.used(of, await way.application(client_id, **facts), scope=scope)
    await way.used(session, gone := await way.application("gone", **front))
    await way.store.remove_client(gone.client_id, an_act())
    here = await way.store.client("here")
    assert here is not None
    [frame] = await way.logout.leave(session, None)
    assert frame.endswith(f"&sid={SUBJECTS.sid(here, session.id)}")
    assert [each.client_id for each in await way.store.farewells(way.desk.clock.now(), [10], 9)] == ["back-alone"]
