"""OpenID Connect Back-Channel Logout 1.0, clause by clause: what an application hears over a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc.jwt import Token

from scopekeeper.oauth.applications import Changes, Unfit
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import Client, SubjectType
from scopekeeper.services.farewells import WAITS
from scopekeeper.wire.outbound import Outbound
from tests.asking import ask
from tests.building import Built, built
from tests.outside import Answering, Served, answered, serving
from tests.pages.browsing import Browser
from tests.persons import granted
from tests.spec.connecting import HOUSE, ISSUER, a_code, a_web_application, read, redeemed
from tests.web.departing import a_relying_party, shown, stayed, url

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class Heard:
    """An application that listens, in a house in which somebody is signed in."""

    h: Built
    served: Served
    client: Client
    browser: Browser
    user: User
    session: Session

    async def sign_in(self) -> str:
        """The person uses the application; the id_token that it is given."""
        return await shown(self.h, self.user, self.client, self.session)

    async def sign_out(self) -> None:
        """And leaves, in their account; who is to hear of it does."""
        await self.h.house.login.sign_out(self.session)
        await self.tell()

    async def tell(self) -> None:
        await self.h.house.messenger.take_up()
        await self.h.house.messenger.told()

    def tokens(self) -> list[str]:
        """What was posted."""
        bodies = [request.partition(b"\r\n\r\n")[2].decode() for request in self.served.asked]
        return [parse_qs(body, strict_parsing=True)["logout_token"][0] for body in bodies]

    async def token(self) -> Token:
        """The one logout token, verified with the keys that we publish."""
        [found] = self.tokens()
        return await read(self.h, found)


@asynccontextmanager
async def listening(folder: Path, answer: Answering | None = None, **more: Any) -> AsyncIterator[Heard]:
    """A person, an application that hears of it when they leave, and the way there."""
    async with serving(answer or answered(b"")) as served, built(folder, HOUSE) as h:
        h.house.messenger.fetching = Outbound(served.allowed)
        client = await a_relying_party(h, backchannel_logout_uri=served.url, **more)
        browser, user, session = await stayed(h)
        browser.cookies["__Host-scopekeeper"] = browser.cookies.pop("scopekeeper")
        yield Heard(h, served, client, browser, user, session)


async def test_discovery_says_that_there_is_such_a_thing(tmp_path: Path) -> None:
    """§2.1: backchannel_logout_supported, backchannel_logout_session_supported; the claim sid."""
    async with built(tmp_path) as h:
        found = (await ask(h.front, "GET", "/.well-known/openid-configuration")).json()
        assert found["backchannel_logout_supported"] is True
        assert found["backchannel_logout_session_supported"] is True
        assert "sid" in found["claims_supported"]


async def test_an_id_token_says_of_which_session_it_is_if_there_is_one(tmp_path: Path) -> None:
    """§2.1: sid identifies a session; it is opaque, and unique within the scope of an issuer."""
    async with built(tmp_path, HOUSE) as h:
        made, other = await a_web_application(h, "openid"), await a_web_application(h, "openid")
        _, user, session = await stayed(h)
        _, _, elsewhere = await stayed(h)

        async def sid(application: Any, session_id: int | None) -> object:
            code = await a_code(h, application.client, user, "openid", session_id=session_id)
            return (await read(h, (await redeemed(h, application, code))["id_token"])).claims.get("sid")

        here = await sid(made, session.id)
        assert isinstance(here, str)
        assert await sid(made, session.id) == here
        assert await sid(made, None) is None
        assert len({here, await sid(made, elsewhere.id), await sid(other, session.id)}) == 3


async def test_which_addresses_can_be_registered(tmp_path: Path) -> None:
    """§2.2: an absolute URI, with a query if one likes; it MUST NOT include a fragment component."""
    async with built(tmp_path) as h:
        client = await a_relying_party(h, backchannel_logout_uri="https://app.example/out?a=b")
        assert client.backchannel_logout_uri == "https://app.example/out?a=b"
        for uri in ("https://app.example/out#x", "/out", "app.example/out", "http://app.example/out"):
            with pytest.raises(Unfit):
                await h.house.applications.change(client.client_id, Changes(backchannel_logout_uri=uri), "cli:test")


async def test_those_hear_of_it_to_whom_the_person_had_signed_in_in_this_session(tmp_path: Path) -> None:
    """§2.3: OPs need to keep track of the set of logged-in RPs."""
    async with listening(tmp_path) as heard:
        other = await a_relying_party(heard.h, "Other", backchannel_logout_uri=f"{heard.served.url}/other")
        silent = await a_relying_party(
            heard.h, "No id_token", scope="rest", backchannel_logout_uri=f"{heard.served.url}/silent"
        )
        await heard.sign_in()
        await granted(heard.h, heard.user, silent, session_id=heard.session.id)
        _, _, elsewhere = await stayed(heard.h)
        await shown(heard.h, heard.user, other, elsewhere)
        await heard.sign_out()
        assert (await heard.token()).claims["aud"] == heard.client.client_id


@pytest.mark.parametrize("subject_type", list(SubjectType))
async def test_a_logout_token_says_all_that_it_must(tmp_path: Path, subject_type: SubjectType) -> None:
    """§2.4: iss, aud, iat, exp, jti, events REQUIRED; sub, sid; nonce PROHIBITED; typ logout+jwt RECOMMENDED."""
    async with listening(tmp_path, subject_type=subject_type) as heard:
        identity = (await read(heard.h, await heard.sign_in())).claims
        await heard.sign_out()
        token = await heard.token()
        assert token.header["typ"] == "logout+jwt"
        claims = dict(token.claims)
        jti, iat, exp = claims.pop("jti"), claims.pop("iat"), claims.pop("exp")
        assert isinstance(jti, str)
        assert (iat, exp - iat) == (heard.h.clock.now(), 120)
        assert claims == {
            "iss": ISSUER,
            "aud": heard.client.client_id,
            "sub": identity["sub"],
            "sid": identity["sid"],
            "events": {EVENT: {}},
        }


@pytest.mark.parametrize("alg", ["RS256", "ES256", "Ed25519"])
async def test_it_is_signed_like_the_id_token(tmp_path: Path, alg: str) -> None:
    """§2.4, §2.6: signed in the same manner as ID Tokens, by the algorithm that was registered."""
    async with listening(tmp_path, id_token_signed_response_alg=alg) as heard:
        await heard.sign_in()
        await heard.sign_out()
        assert (await read(heard.h, heard.tokens()[0], alg)).header["alg"] == alg


async def test_it_is_posted_as_a_form(tmp_path: Path) -> None:
    """§2.5: HTTP POST of application/x-www-form-urlencoded with logout_token, to the registered address."""
    async with listening(tmp_path) as heard:
        await heard.sign_in()
        await heard.sign_out()
        [request] = heard.served.asked
        head = request.partition(b"\r\n\r\n")[0].lower()
        assert head.startswith(b"post /document http/1.1\r\n")
        assert b"content-type: application/x-www-form-urlencoded" in head
        assert b"cookie" not in head


async def test_one_that_does_not_answer_holds_up_no_other(tmp_path: Path) -> None:
    """§2.5, §3: the OP should tell RPs in parallel, and not hold up the others for one that is slow."""
    never = asyncio.Event()

    async def silence(request: bytes, writer: asyncio.StreamWriter) -> None:
        await never.wait()

    async with listening(tmp_path, silence) as heard, serving(answered(b"")) as quick:
        heard.h.house.messenger.fetching = Outbound(heard.served.allowed | quick.allowed, longest=20)
        other = await a_relying_party(heard.h, "Other", backchannel_logout_uri=quick.url)
        await heard.sign_in()
        await shown(heard.h, heard.user, other, heard.session)
        await heard.h.house.login.sign_out(heard.session)
        await heard.h.house.messenger.take_up()
        async with asyncio.timeout(15):
            await quick.left.wait()
        assert len(quick.asked) == 1
        never.set()
        await heard.h.house.messenger.told()


async def test_what_was_granted_for_the_session_ends_with_it_and_what_was_to_last_does_not(tmp_path: Path) -> None:
    """§2.7: refresh tokens without offline_access SHOULD be revoked; those with it SHOULD NOT be."""
    async with listening(tmp_path, scope="openid offline_access rest") as heard:
        lasting = await granted(heard.h, heard.user, heard.client, session_id=heard.session.id)
        brief = await granted(heard.h, heard.user, await a_relying_party(heard.h, "Brief"), session_id=heard.session.id)
        await heard.sign_out()
        for issue, alive in ((lasting, True), (brief, False)):
            family = await heard.h.house.store.family(issue.grant.id)
            assert family is not None
            assert (family.revoked_at is None) is alive


@pytest.mark.parametrize(
    ("status", "again"), [("200 OK", 0), ("204 No Content", 0), ("400 Bad Request", 1), ("500 X", 1)]
)
async def test_who_says_that_it_is_done_is_not_told_again(tmp_path: Path, status: str, again: int) -> None:
    """§2.8: 200; frameworks substitute 204; 400 when something failed."""
    async with listening(tmp_path, answered(b"", status)) as heard:
        await heard.sign_in()
        await heard.sign_out()
        heard.h.clock.advance(WAITS[0])
        await heard.tell()
        tokens = heard.tokens()
        assert len(tokens) == len(set(tokens)) == 1 + again


async def test_whoever_ends_the_session_the_application_hears_of_it(tmp_path: Path) -> None:
    """§2: the End-User's session is ended at the OP, by whatever means: an RP, the person, an administrator."""
    async with listening(tmp_path) as heard:
        hint = await heard.sign_in()
        await heard.browser.get(url(id_token_hint=hint))
        await heard.tell()
        assert len(heard.tokens()) == 1
        for end in ("own page", "administrator", "password", "disabled"):
            _, user, session = await stayed(heard.h, end.replace(" ", "-"))
            await shown(heard.h, user, heard.client, session)
            match end:
                case "own page":
                    await heard.h.house.login.end(user, session.id)
                case "administrator":
                    await heard.h.house.login.end_all(user, actor="user:root")
                case "password":
                    await heard.h.house.accounts.set_password(user.name, "a wholly new passphrase", "cli:test")
                case _:
                    await heard.h.house.accounts.enable(user.name, False, "cli:test")
            await heard.tell()
            last = (await read(heard.h, heard.tokens()[-1])).claims
            assert last["sid"] == heard.h.house.issuing.subjects.sid(heard.client, session.id), end


async def test_no_logout_token_passes_for_an_id_token(tmp_path: Path) -> None:
    """§4: cross-JWT confusion; as a hint it is worth nothing."""
    async with listening(tmp_path) as heard:
        await heard.sign_in()
        await heard.sign_out()
        browser, _, _ = await stayed(heard.h, "bob")
        assert (await browser.get(url(id_token_hint=heard.tokens()[0]))).status == 400
