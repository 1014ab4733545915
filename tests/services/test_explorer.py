"""The explorer's token as an act, on every store: made, replaced, refused, and ended by all that ends a session."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from argon2.profiles import CHEAPEST

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.explorer import MOST_LIVE, Denied, Unselectable
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import EXPLORER, Client
from scopekeeper.oauth.secrets import digest_of
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.oauth.token import Issue, Lifetimes
from scopekeeper.scopes import APIS, IDENTITY
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.applications import Applications
from scopekeeper.services.attempts import Attempts
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.connections import Connections
from scopekeeper.services.explorer import Explorer
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.keys import Signer
from scopekeeper.services.lists import EVERY_ACT, SYSTEM, Kind, TokensAsked
from scopekeeper.services.login import Login
from scopekeeper.services.passwords import Passwords
from scopekeeper.services.ports import Act, Gone, Store, Unavailable
from scopekeeper.services.proof import Proof
from scopekeeper.services.tokens import Tokens
from scopekeeper.services.uses import Uses
from scopekeeper.services.vault import Vault
from scopekeeper.store import CachedStore, MemoryStore, open_sqlite
from tests.altered import replace
from tests.fixtures import FixedClock, FixedEntropy
from tests.rules.makers import ISSUER, NOW
from tests.services.desk import a_desk
from tests.stores.people import a_session, an_admin
from tests.stores.records import an_act

ADDRESS: Final = "203.0.113.7"
READ, WRITE = "rest:callforward:read", "rest:callforward:write"
KNOWN: Final = frozenset({*APIS, READ, WRITE, *IDENTITY})
ROOT, CHIEF = an_admin(9, "root"), an_admin(8, "chief")
STAY, HIS = (
    a_session(id, user, name, signed_in_at=NOW, last_seen_at=NOW)
    for id, user, name in ((70, 9, "root"), (71, 8, "chief"))
)

STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _: MemoryStore(),
    "cached sqlite": lambda folder: CachedStore(open_sqlite(folder / "scopekeeper.db"), FixedClock()),
}


@dataclass(frozen=True, slots=True)
class Bench:
    """A store with two administrators who are signed in, and all that is needed to end what they have."""

    store: Store
    clock: FixedClock
    entropy: FixedEntropy
    uses: Uses
    issuing: Issuing
    explorer: Explorer
    bearer: Bearer
    applications: Applications

    async def token(
        self, asked: str = READ, previous: Issue | None = None, user: User = ROOT, session: Session = STAY
    ) -> Issue:
        replaced = None if previous is None else previous.token.id
        return (await self.explorer.token(user, session, asked, previous=replaced, address=ADDRESS))[0]

    async def works(self, issue: Issue) -> bool:
        return await self.bearer.find(issue.access_token, ADDRESS) is not None

    async def live(self) -> list[int]:
        """The row ids of the tokens that are listed, the oldest first."""
        found = await self.store.find_tokens(
            TokensAsked(client_id=EXPLORER), now=self.clock.now(), before=None, limit=500
        )
        return sorted(each.id for each in found)

    async def change(self, **changes: object) -> Client:
        return (await self.applications.change(EXPLORER, Changes(**changes), "cli:test")).client  # type: ignore[arg-type]

    def login(self) -> Login:
        return replace(a_desk(self.store).login, clock=self.clock, entropy=self.entropy, uses=self.uses)

    def accounts(self) -> Accounts:
        passwords = Passwords(parameters=CHEAPEST)
        prove = Proof(self.store, passwords, Attempts(self.store, self.clock, "person"), self.uses)
        return Accounts(self.store, self.store, passwords, prove, self.clock, self.entropy)


def a_bench(store: Store, first: int = 1_000) -> Bench:
    clock, entropy, uses = FixedClock(NOW), FixedEntropy(first), Uses()
    signer = Signer(store, Vault(os.urandom(32)), clock, entropy, ISSUER)
    issuing = Issuing(signer, clock, entropy, ISSUER, Lifetimes(3_600), KNOWN.__contains__, Subjects(bytes(32)))
    return Bench(
        store,
        clock,
        entropy,
        uses,
        issuing,
        Explorer(store, store, issuing, uses),
        Bearer(store, store, store, clock, uses),
        Applications(store, store, clock, entropy, KNOWN.__contains__),
    )


@asynccontextmanager
async def benched(store: Store) -> AsyncIterator[Bench]:
    try:
        for user, session in ((ROOT, STAY), (CHIEF, HIS)):
            await store.add_user(user, an_act())
            await store.begin_session(session, user, None, an_act())
        yield a_bench(store)
    finally:
        await store.close()


Opened = Callable[[], AbstractAsyncContextManager[Bench]]


@pytest.fixture(params=STORES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Opens a bench on a store of the kind under test."""
    return lambda: benched(STORES[request.param](tmp_path))


async def test_the_first_token_makes_the_application_and_the_audit_log_says_so(opened: Opened) -> None:
    async with opened() as bench:
        assert await bench.store.client(EXPLORER) is None
        issue = await bench.token()
        client = await bench.store.client(EXPLORER)
        assert client is not None
        assert (client.name, client.scope, client.grant_types, client.redirect_uris) == ("API Explorer", APIS, (), ())
        [act] = [each for each in await bench.store.acts(EVERY_ACT) if each.target == EXPLORER]
        assert (act.actor, act.action, act.address) == ("system", "application.add", ADDRESS)
        assert issue.access_token not in repr(await bench.store.acts(EVERY_ACT))
        await bench.token()
        assert len([each for each in await bench.store.acts(EVERY_ACT) if each.target == EXPLORER]) == 1


async def test_what_is_issued_is_remembered_as_a_digest_and_found_by_what_was_presented(opened: Opened) -> None:
    async with opened() as bench:
        issue = await bench.token(f"{WRITE} {READ}")
        found = await bench.bearer.find(issue.access_token, ADDRESS)
        assert found is not None
        token, client, person = found
        assert (token.scope, token.digest) == ((WRITE, READ), digest_of(issue.access_token))
        assert (client.client_id, person) == (EXPLORER, ROOT)
        assert await bench.live() == [token.id]


async def test_it_ends_after_ten_minutes(opened: Opened) -> None:
    async with opened() as bench:
        issue = await bench.token()
        bench.clock.advance(599)
        assert await bench.works(issue)
        bench.clock.advance(1)
        assert not await bench.works(issue)


async def test_it_is_counted_and_as_none_of_any_grant(opened: Opened) -> None:
    async with opened() as bench:
        await bench.token()
        counted = {(each.client_id, each.kind, each.what): each.times for each in bench.uses.tally.taken(NOW)}
        assert counted == {(SYSTEM, Kind.TOKENS, "session"): 1, (EXPLORER, Kind.TOKENS, "session"): 1}


async def test_a_new_token_takes_the_place_of_the_one_before(opened: Opened) -> None:
    async with opened() as bench:
        first = await bench.token()
        assert await bench.works(first)
        second = await bench.token(WRITE, first)
        assert (await bench.works(first), await bench.works(second)) == (False, True)
        assert await bench.live() == [second.token.id]
        assert len(await bench.store.families(ROOT.id, bench.clock.now())) == 1


async def test_row_55_nobody_ends_the_token_of_another_person_or_application(opened: Opened) -> None:
    async with opened() as bench:
        his = await bench.token(user=CHIEF, session=HIS)
        night = replace(await bench.applications.get(EXPLORER), client_id="night", name="Night shift")
        await bench.store.add_client(night, an_act())
        family = replace(his.grant, id=5, client_id="night", user_id=ROOT.id, user="root", session_id=70)
        theirs = replace(his.token, id=6, client_id="night", user_id=ROOT.id, user="root", family_id=5)
        await bench.store.begin_family(family, theirs, None, None, None)
        mine = await bench.token(previous=his)
        await bench.explorer.token(ROOT, STAY, READ, previous=6)
        await bench.explorer.token(ROOT, STAY, READ, previous=12_345)
        assert await bench.works(his)
        assert await bench.works(mine)
        untouched = await bench.store.token(6)
        assert untouched is not None
        assert untouched.revoked_at is None


async def test_one_session_has_so_many_at_a_time_and_the_oldest_gives_way(opened: Opened) -> None:
    async with opened() as bench:
        his = await bench.token(user=CHIEF, session=HIS)
        made = [await bench.token() for _ in range(MOST_LIVE + 3)]
        assert await bench.live() == [his.token.id, *(each.token.id for each in made[3:])]
        assert [await bench.works(each) for each in made] == [False] * 3 + [True] * MOST_LIVE


async def test_a_page_that_renews_for_a_day_leaves_one_alive_and_no_refusal_ends_it(opened: Opened) -> None:
    async with opened() as bench:
        issue = await bench.token()
        for _ in range(72):
            bench.clock.advance(60)
            issue = await bench.token(previous=issue)
        for asked in ("rest:nonsense", "", "openid"):
            with pytest.raises(Unselectable):
                await bench.token(asked, issue)
        assert await bench.live() == [issue.token.id]
        assert await bench.works(issue)


async def test_while_it_is_disabled_nobody_gets_one_and_those_there_are_open_nothing(opened: Opened) -> None:
    async with opened() as bench:
        issue = await bench.token()
        await bench.change(enabled=False)
        assert not await bench.works(issue)
        with pytest.raises(Denied, match="disabled"):
            await bench.token(previous=issue)
        await bench.change(enabled=True)
        assert await bench.works(issue)


async def test_a_narrowed_ceiling_holds_for_the_next_token_and_asking_for_more_is_refused(opened: Opened) -> None:
    async with opened() as bench:
        await bench.token()
        await bench.change(scope=READ)
        assert (await bench.token()).token.scope == (READ,)
        with pytest.raises(Denied) as refused:
            await bench.token(f"{READ} {WRITE}")
        assert refused.value.lacking == (WRITE,)


async def test_declared_compromised_all_of_them_die_and_the_next_one_holds(opened: Opened) -> None:
    async with opened() as bench:
        made = [await bench.token(), await bench.token(user=CHIEF, session=HIS)]
        done = await bench.applications.compromised(EXPLORER, NOW - 60, "user:root")
        assert done.credential.client_secret is None
        assert [await bench.works(each) for each in made] == [False, False]
        assert await bench.works(await bench.token())


async def test_removed_its_tokens_die_and_it_comes_back_when_it_is_needed(opened: Opened) -> None:
    async with opened() as bench:
        issue = await bench.token()
        await bench.change(scope=READ)
        await bench.applications.remove(EXPLORER, "user:root")
        assert not await bench.works(issue)
        anew = await bench.token(f"{READ} {WRITE}")
        assert await bench.works(anew)
        assert not await bench.works(issue)
        assert await bench.live() == [anew.token.id]
        assert (await bench.applications.get(EXPLORER)).scope == APIS


class NeverSwept(MemoryStore):
    """A removed application of which so much is left that it is not swept within a request."""

    async def sweep(self, before: int, limit: int) -> int:
        return limit


async def test_while_much_is_left_of_the_removed_one_it_is_told_to_try_again() -> None:
    async with benched(NeverSwept()) as bench:
        await bench.token()
        await bench.applications.remove(EXPLORER, "user:root")
        with pytest.raises(OAuthError) as refused:
            await bench.token()
        assert (refused.value.status, refused.value.error) == (503, "temporarily_unavailable")


Ending = Callable[[Bench], Awaitable[object]]


async def _password(bench: Bench) -> None:
    user = await bench.accounts().get("root")
    edited = replace(user, password="$argon2id$other", revision=user.revision + 1)
    await bench.store.save_user(edited, an_act(), end_sessions=True)


ENDINGS: dict[str, Ending] = {
    "signed out": lambda bench: bench.login().sign_out(STAY),
    "session ended": lambda bench: bench.login().end(ROOT, STAY.id, actor="user:chief"),
    "another password": _password,
    "disabled": lambda bench: bench.accounts().edit("root", enabled=False, actor="user:chief"),
    "no administrator any more": lambda bench: bench.accounts().edit("root", admin=False, actor="user:chief"),
    "removed": lambda bench: bench.accounts().remove("root", "user:chief"),
    "revoked": lambda bench: _revoke(bench),
    "access taken back": lambda bench: Connections(bench.store, bench.clock, bench.entropy).withdraw(ROOT, EXPLORER),
}


async def _revoke(bench: Bench) -> None:
    assert await Tokens(bench.store, bench.clock, bench.entropy).revoke(await bench.live(), "user:chief") == 2


@pytest.mark.parametrize("ending", [each for each in ENDINGS if each != "revoked"])
async def test_row_55_it_ends_with_all_that_it_stands_on(opened: Opened, ending: str) -> None:
    async with opened() as bench:
        mine, his = await bench.token(), await bench.token(user=CHIEF, session=HIS)
        await ENDINGS[ending](bench)
        assert (await bench.works(mine), await bench.works(his)) == (False, True)


async def test_one_that_is_revoked_ends(opened: Opened) -> None:
    async with opened() as bench:
        made = [await bench.token(), await bench.token()]
        await _revoke(bench)
        assert [await bench.works(each) for each in made] == [False, False]


async def test_row_55_who_is_no_administrator_any_more_gets_none_even_in_a_session_that_goes_on(opened: Opened) -> None:
    async with opened() as bench:
        user = await bench.accounts().edit("root", admin=False, actor="user:chief")
        with pytest.raises(Denied):
            await bench.token(user=user)


async def test_a_session_that_was_ended_in_that_moment_gets_none_and_nothing_is_revoked(opened: Opened) -> None:
    async with opened() as bench:
        his = await bench.token(user=CHIEF, session=HIS)
        await bench.login().sign_out(STAY)
        with pytest.raises(Gone):
            await bench.token(previous=his)
        assert await bench.live() == [his.token.id]


async def test_whoever_signs_in_again_in_the_same_browser_goes_on_with_it_and_replaces_it(opened: Opened) -> None:
    async with opened() as bench:
        first = await bench.token()
        later = replace(STAY, digest=b"l" * 32, signed_in_at=NOW + 1)
        await bench.store.begin_session(later, ROOT, STAY.id, an_act())
        assert await bench.works(first)
        second = await bench.token(previous=first, session=later)
        assert (await bench.works(first), await bench.works(second)) == (False, True)


async def test_it_is_shown_to_the_person_as_a_connected_application(opened: Opened) -> None:
    async with opened() as bench:
        await bench.token(f"{READ} {WRITE}")
        [shown] = await Connections(bench.store, bench.clock, bench.entropy).of(ROOT)
        assert (shown.client.name, shown.scope, shown.live) == ("API Explorer", (READ, WRITE), True)


async def test_two_processes_that_race_make_one_application(tmp_path: Path) -> None:
    """Each has its own connection and its own memory of the database."""
    path = tmp_path / "scopekeeper.db"
    async with benched(CachedStore(open_sqlite(path), FixedClock(NOW))) as one:
        other = a_bench(CachedStore(open_sqlite(path), FixedClock(NOW)), first=500_000)
        try:
            tried = [each.token() for _ in range(5) for each in (one, other)]
            made = await asyncio.gather(*tried)
            added = [each for each in await one.store.acts(EVERY_ACT) if each.action == "application.add"]
            assert len(added) == 1
            assert await one.live() == sorted(each.token.id for each in made)
        finally:
            await other.store.close()


class Away(MemoryStore):
    """A database that is gone when the token is to be remembered."""

    async def add_client(self, client: Client, act: Act, *, owner: int | None = None) -> None:
        raise Unavailable("gone")


async def test_nothing_is_answered_that_was_not_remembered() -> None:
    async with benched(Away()) as bench:
        with pytest.raises(Unavailable):
            await bench.token()
