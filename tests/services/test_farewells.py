"""Applications hear that a session has ended: who, what, how often, and what becomes of those who do not listen."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from structlog.testing import capture_logs

from scopekeeper.oauth.records import ApplicationType, GrantType
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.services.farewells import AT_ONCE, EACH, IN_HAND, WAITS, Messenger
from scopekeeper.services.keys import Signer
from scopekeeper.services.outbound import Fetched, NotFetched
from scopekeeper.services.ports import Act, Unavailable
from scopekeeper.services.vault import Vault
from scopekeeper.store import MemoryStore
from scopekeeper.wire.outbound import Outbound
from tests.altered import replace
from tests.fixtures import NOON, FixedClock, FixedEntropy
from tests.outside import Answering, Served, answered, serving
from tests.stores.families import a_family, grant
from tests.stores.people import a_session, a_user
from tests.stores.records import a_client, an_act
from tests.waiting import PATIENCE

ISSUER: Final = "https://id.example.com"
SUBJECTS: Final = Subjects(bytes(32))


@dataclass(slots=True)
class Posts:
    """A way out on which each address answers as it is told to: a status, or None for no answer at all."""

    answers: dict[str, int | None] = field(default_factory=dict)
    sent: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    """Addresses that do not answer before this happens."""
    at_once: int = 0
    most: int = 0

    async def get(self, url: str, *, accept: str, authorization: str | None = None) -> Fetched:
        raise AssertionError("nothing is asked for")

    async def post(self, url: str, form: Mapping[str, str], *, authorization: str | None = None) -> Fetched:
        self.sent.append((url, form))
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            if url in self.held:
                await self.held[url].wait()
        finally:
            self.at_once -= 1
        status = self.answers.get(url, 200)
        if status is None:
            raise NotFetched
        return Fetched(status, "", b"")

    def to(self, url: str) -> int:
        """How often something was sent there."""
        return [address for address, _ in self.sent].count(url)


@dataclass(slots=True)
class Bench:
    """A messenger, and those whom it tells."""

    store: MemoryStore
    posts: Posts
    clock: FixedClock
    signer: Signer
    messenger: Messenger

    async def application(self, client_id: str, **facts: Any) -> str:
        """One that wants to be told, and where."""
        uri = f"https://{client_id}.example/out"
        told: dict[str, Any] = {
            "type": ApplicationType.WEB,
            "scope": ("openid",),
            "grant_types": (GrantType.AUTHORIZATION_CODE,),
            "backchannel_logout_uri": uri,
        }
        await self.store.add_client(a_client(client_id, **told | facts), an_act())
        return uri

    async def leave(self, session_id: int, *client_ids: str) -> None:
        """Somebody signs in to these applications, and out again."""
        await self.store.begin_session(a_session(session_id), a_user(), None, an_act())
        for number, client_id in enumerate(client_ids):
            family = a_family(session_id * 100 + number, client_id, session_id=session_id, scope=("openid",))
            await grant(self.store, family)
        await self.store.end_session(session_id, replace(an_act("session.end"), at=self.clock.now()))

    async def go(self) -> None:
        """What is due is told, or is not."""
        await self.messenger.take_up()
        async with asyncio.timeout(PATIENCE):
            await self.messenger.told()

    async def waiting(self) -> int:
        """How many are still to be told, once they are due."""
        self.clock.advance(max(WAITS))
        found = await self.store.farewells(self.clock.now(), WAITS, 10_000)
        return len(found)

    async def undelivered(self) -> list[Act]:
        return [act for act in await self.store.acts() if act.action == "logout.undelivered"]

    def tokens(self) -> list[str]:
        return [form["logout_token"] for _, form in self.posts.sent]

    async def read(self, token: str, alg: str = "RS256") -> jwt.Token:
        return jwt.decode(token, KeySet.import_key_set(await self.signer.jwks()), algorithms=[alg])  # type: ignore[arg-type]


async def a_bench(store: MemoryStore | None = None) -> Bench:
    store, posts, clock, entropy = store or MemoryStore(), Posts(), FixedClock(), FixedEntropy()
    signer = Signer(store, Vault(bytes(32)), clock, entropy, ISSUER)
    await store.add_user(a_user(), an_act())
    return Bench(store, posts, clock, signer, Messenger(store, signer, posts, SUBJECTS, clock, entropy, ISSUER))


@pytest.mark.parametrize("alg", ["RS256", "ES256", "Ed25519"])
async def test_a_logout_token_is_signed_as_the_application_chose_and_says_so(alg: str) -> None:
    """OpenID Connect Back-Channel Logout §2.4, §2.6."""
    bench = await a_bench()
    uri = await bench.application("book", id_token_signed_response_alg=alg)
    await bench.leave(1, "book")
    bench.clock.advance(3)
    await bench.go()
    [(url, form)] = bench.posts.sent
    assert (url, list(form)) == (uri, ["logout_token"])
    token = await bench.read(form["logout_token"], alg)
    assert (token.header["alg"], token.header["typ"]) == (alg, "logout+jwt")
    client = await bench.store.client("book")
    assert client is not None
    claims = dict(token.claims)
    assert len(str(claims.pop("jti"))) == 32
    assert claims == {
        "iss": ISSUER,
        "aud": "book",
        "sub": SUBJECTS.of(client, 1),
        "sid": SUBJECTS.sid(client, 1),
        "iat": NOON + 3,
        "exp": NOON + 123,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }


@pytest.mark.parametrize("status", [200, 204])
async def test_who_has_heard_is_told_once(status: int) -> None:
    """OpenID Connect Back-Channel Logout §2.8."""
    bench = await a_bench()
    bench.posts.answers[await bench.application("book")] = status
    await bench.leave(1, "book")
    await bench.go()
    await bench.go()
    assert len(bench.posts.sent) == 1
    assert await bench.waiting() == 0


@pytest.mark.parametrize("status", [None, 201, 302, 400, 404, 500, 503])
async def test_who_has_not_is_told_again_each_time_after_a_longer_while_and_with_another_token(
    status: int | None,
) -> None:
    """OpenID Connect Back-Channel Logout §2.4, jti; §2.8: anything but success is no success."""
    bench = await a_bench()
    bench.posts.answers[await bench.application("book")] = status
    await bench.leave(1, "book")
    await bench.go()
    for number, wait in enumerate(WAITS, 1):
        bench.clock.advance(wait - 1)
        await bench.go()
        assert len(bench.posts.sent) == number, "too early"
        bench.clock.advance(1)
        await bench.go()
        assert len(bench.posts.sent) == number + 1
    assert len({dict((await bench.read(token)).claims)["jti"] for token in bench.tokens()}) == len(WAITS) + 1


async def test_who_never_hears_is_given_up_and_the_audit_log_says_so() -> None:
    bench = await a_bench()
    bench.posts.answers[await bench.application("book")] = 500
    await bench.leave(1, "book")
    with capture_logs() as logged:
        for wait in (*WAITS, max(WAITS)):
            assert await bench.undelivered() == []
            await bench.go()
            bench.clock.advance(wait)
        [act] = await bench.undelivered()
    assert (act.actor, act.target) == ("system", "book")
    assert act.details == {"tries": len(WAITS) + 1, "seconds": sum(WAITS)}
    assert [line["log_level"] for line in logged] == ["info"] * (len(WAITS) + 1) + ["warning"]
    await bench.go()
    assert len(bench.posts.sent) == len(WAITS) + 1
    assert await bench.waiting() == 0


async def test_what_was_heard_late_is_not_given_up() -> None:
    bench = await a_bench()
    uri = await bench.application("book")
    bench.posts.answers[uri] = None
    await bench.leave(1, "book")
    for wait in WAITS:
        await bench.go()
        bench.clock.advance(wait)
    bench.posts.answers[uri] = 200
    await bench.go()
    assert (await bench.undelivered(), await bench.waiting()) == ([], 0)


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"backchannel_logout_uri": None},
        None,
    ],
)
async def test_an_application_that_does_not_listen_any_more_is_forgotten_in_silence(
    change: dict[str, Any] | None,
) -> None:
    bench = await a_bench()
    await bench.application("book")
    await bench.leave(1, "book")
    client = await bench.store.client("book")
    assert client is not None
    if change is None:
        await bench.store.remove_client("book", an_act())
    else:
        await bench.store.save_client(replace(client, revision=1, **change), an_act())
    await bench.go()
    assert (bench.posts.sent, await bench.undelivered(), await bench.waiting()) == ([], [], 0)


async def test_it_is_told_where_it_listens_now_and_signed_as_it_wants_it_now() -> None:
    bench = await a_bench()
    bench.posts.answers[await bench.application("book")] = 500
    await bench.leave(1, "book")
    await bench.go()
    client = await bench.store.client("book")
    assert client is not None
    moved = replace(
        client, revision=1, backchannel_logout_uri="https://new.example/", id_token_signed_response_alg="ES256"
    )
    await bench.store.save_client(moved, an_act())
    bench.clock.advance(WAITS[0])
    await bench.go()
    assert bench.posts.sent[-1][0] == "https://new.example/"
    assert await bench.read(bench.tokens()[-1], "ES256")


async def test_each_application_hears_of_each_session_under_names_of_its_own() -> None:
    bench = await a_bench()
    await bench.application("book")
    await bench.application("calendar")
    await bench.leave(1, "book", "calendar")
    await bench.leave(2, "book", "calendar")
    await bench.go()
    heard = [dict((await bench.read(token)).claims) for token in bench.tokens()]
    assert sorted(str(each["aud"]) for each in heard) == ["book", "book", "calendar", "calendar"]
    assert len({each["sid"] for each in heard}) == 4


async def test_an_application_that_takes_its_time_holds_up_no_other() -> None:
    bench = await a_bench()
    slow, quick = await bench.application("slow"), await bench.application("quick")
    bench.posts.held[slow] = asyncio.Event()
    for session in range(1, 41):
        await bench.leave(session, "slow")
    for session in range(41, 51):
        await bench.leave(session, "quick")
    await bench.messenger.take_up()
    await until(lambda: bench.posts.to(quick) == 10)
    assert bench.posts.to(slow) == EACH
    # What is in hand is not begun twice, though it is due again.
    bench.clock.advance(WAITS[0])
    await bench.messenger.take_up()
    bench.posts.held[slow].set()
    async with asyncio.timeout(PATIENCE):
        await bench.messenger.told()
    assert bench.posts.to(slow) == 40
    assert await bench.waiting() == 0


async def test_no_more_than_a_few_are_told_at_once() -> None:
    bench = await a_bench()
    held = asyncio.Event()
    for number in range(30):
        bench.posts.held[await bench.application(f"app{number}")] = held
    await bench.leave(1, *(f"app{number}" for number in range(30)))
    await bench.leave(2, *(f"app{number}" for number in range(30)))
    await bench.messenger.take_up()
    await until(lambda: bench.posts.at_once == AT_ONCE)
    held.set()
    async with asyncio.timeout(PATIENCE):
        await bench.messenger.told()
    assert (bench.posts.most, len(bench.posts.sent)) == (AT_ONCE, 60)


async def test_one_that_is_not_there_is_not_asked_for_everything_there_is() -> None:
    """What is left comes again by itself, or is given up with the rest when that was the last time."""
    bench = await a_bench()
    uri = await bench.application("gone")
    bench.posts.answers[uri] = None
    for session in range(1, 11):
        await bench.leave(session, "gone")
    await bench.go()
    assert bench.posts.to(uri) == EACH
    for wait in WAITS:
        assert await bench.undelivered() == []
        bench.clock.advance(wait)
        await bench.go()
    assert len(await bench.undelivered()) == 10
    assert await bench.waiting() == 0


async def test_of_one_application_only_so_many_are_in_hand() -> None:
    bench = await a_bench()
    uri = await bench.application("book")
    for session in range(1, IN_HAND + 11):
        await bench.leave(session, "book")
    await bench.go()
    assert bench.posts.to(uri) == IN_HAND
    bench.clock.advance(WAITS[0])
    await bench.go()
    assert bench.posts.to(uri) == IN_HAND + 10
    assert await bench.waiting() == 0


async def test_what_never_had_room_in_hand_is_not_given_up_untried() -> None:
    """Whoever signs out again and again would else see to it that others' farewells are never told."""
    bench = await a_bench()
    uri = await bench.application("book")
    many = IN_HAND * (len(WAITS) + 2)
    for session in range(1, many + 1):
        await bench.leave(session, "book")
    for wait in (*WAITS, max(WAITS), max(WAITS)):
        await bench.go()
        bench.clock.advance(wait)
    assert (bench.posts.to(uri), await bench.undelivered(), await bench.waiting()) == (many, [], 0)


class Away(MemoryStore):
    """Cannot be asked now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self._noted = self.farewell_told
        self.farewell_told = self._told_unless_away

    async def _told_unless_away(self, told: Sequence[tuple[int, str]]) -> None:
        if self.away:
            raise Unavailable("disk gone")
        await self._noted(told)


async def test_what_could_not_be_noted_is_told_again() -> None:
    """Twice is better than never: a token more ends nothing that lives."""
    store = Away()
    bench = await a_bench(store)
    uri = await bench.application("book")
    await bench.leave(1, "book")
    store.away = True
    await bench.go()
    store.away = False
    bench.clock.advance(WAITS[0])
    await bench.go()
    assert bench.posts.to(uri) == 2
    assert await bench.waiting() == 0


@asynccontextmanager
async def told_by(answer: Answering, quick: Answering | None = None) -> AsyncIterator[tuple[Bench, Served, Served]]:
    """A messenger that goes over sockets to two applications, of which one is quick."""
    bench = await a_bench()
    async with serving(answer) as one, serving(quick or answered(b"")) as other:
        bench.messenger.fetching = Outbound(one.allowed | other.allowed, longest=PATIENCE)
        await bench.application("one", backchannel_logout_uri=one.url)
        await bench.application("other", backchannel_logout_uri=other.url)
        yield bench, one, other


async def test_it_is_posted_as_a_form_over_a_socket(logbook: pytest.CaptureFixture[str]) -> None:
    """OpenID Connect Back-Channel Logout §2.5; row 31: the log never has the token."""
    async with told_by(answered(b"no", "400 Bad Request")) as (bench, one, other):
        await bench.leave(1, "one", "other")
        await bench.go()
        tokens: list[str] = []
        for served in (one, other):
            [request] = served.asked
            head, _, body = request.partition(b"\r\n\r\n")
            assert head.startswith(b"POST /document HTTP/1.1\r\n")
            assert b"content-type: application/x-www-form-urlencoded" in head.lower()
            tokens += parse_qs(body.decode(), strict_parsing=True)["logout_token"]
    said = logbook.readouterr().err
    assert "application not told of a logout" in said
    for token in tokens:
        assert not any(part in said for part in token.split("."))


async def test_row_39_nobody_follows_where_the_other_end_leads() -> None:
    async with told_by(answered(b"")) as (bench, _, other):
        async with serving(answered(b"", "307 Temporary Redirect", f"location: {other.url}")) as leading:
            bench.messenger.fetching = Outbound(leading.allowed | other.allowed)
            await bench.application("leading", backchannel_logout_uri=leading.url)
            await bench.leave(1, "leading")
            await bench.go()
            assert (len(leading.asked), len(other.asked)) == (1, 0)
        assert await bench.waiting() == 1


async def test_one_that_never_answers_holds_up_no_other_over_sockets() -> None:
    never = asyncio.Event()

    async def silence(request: bytes, writer: asyncio.StreamWriter) -> None:
        await never.wait()

    async with told_by(silence) as (bench, one, other):
        turning = asyncio.create_task(bench.messenger.keep_telling(_always))
        await bench.leave(1, "one", "other")
        await until(lambda: len(one.asked) == 1 and len(other.asked) == 1)
        await bench.leave(2, "one", "other")
        await until(lambda: len(other.asked) == 2)
        never.set()
        turning.cancel()
        await asyncio.gather(turning, return_exceptions=True)


async def test_nobody_tells_whose_turn_it_is_not() -> None:
    bench, asked = await a_bench(), 0

    async def never() -> bool:
        nonlocal asked
        asked += 1
        return False

    uri = await bench.application("book")
    await bench.leave(1, "book")
    turning = asyncio.create_task(bench.messenger.keep_telling(never))
    await until(lambda: asked > 0)
    turning.cancel()
    await asyncio.gather(turning, return_exceptions=True)
    assert bench.posts.to(uri) == 0


async def _always() -> bool:
    return True


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not so():  # noqa: ASYNC110 - what is waited for happens on sockets, too
            await asyncio.sleep(0.01)
