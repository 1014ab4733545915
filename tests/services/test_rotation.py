"""Rotation under whatever a client and a thief may do: a state machine beside a model of what was promised."""

import asyncio
from dataclasses import dataclass
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scopekeeper import scopes
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Family, RefreshToken
from scopekeeper.oauth.secrets import Kind, row_of
from scopekeeper.oauth.token import Answer
from scopekeeper.store import MemoryStore
from tests.rules.granting import SCOPE
from tests.services.counter import Counter, a_counter

GRACE: Final = 10
WIDER: Final = ("rest", "gql", "rest:callforward")
NARROWER: Final = (None, *SCOPE, " ".join(reversed(SCOPE)))


@dataclass
class Used:
    """The last token that was spent: when, with which scope asked, and what it bought."""

    token: str
    at: int
    scope: str | None
    answer: Answer


class Rotation(RuleBasedStateMachine):
    """One family. `tokens` are all refresh tokens that there ever were, the newest last."""

    @initialize()
    def begin(self) -> None:
        self.store = MemoryStore()
        self.counter: Counter = asyncio.run(a_counter(self.store, refresh_grace=GRACE))
        answer = asyncio.run(self.counter.begun())
        self.tokens = [answer.refresh_token]
        self.used: Used | None = None
        self.alive = True

    @rule(back=st.integers(0, 3), scope=st.sampled_from(NARROWER), thief=st.booleans())
    def present(self, back: int, scope: str | None, thief: bool) -> None:
        """Somebody presents the newest token, or one that is some uses old."""
        token = self.tokens[max(0, len(self.tokens) - 1 - back)]
        answer = self.refreshed(token, scope, "other" if thief else "abc")
        now = self.counter.clock.now()
        if thief or not self.alive:
            assert answer is None
        elif token == self.tokens[-1]:
            assert answer is not None
            self.tokens.append(answer.refresh_token)
            self.used = Used(token, now, scope, answer)
            assert answer.scope == (scope or " ".join(SCOPE))
        elif self.used is not None and token == self.used.token and now <= self.used.at + GRACE:
            if scope == self.used.scope:
                assert answer is not None
                assert answer.access_token == self.used.answer.access_token
                assert answer.refresh_token == self.tokens[-1]
                assert answer.expires_in == self.used.answer.expires_in - (now - self.used.at)
            else:
                assert answer is None
        else:
            assert answer is None
            self.alive = False

    @rule(scope=st.sampled_from(WIDER))
    def reach_for_more(self, scope: str) -> None:
        """Nothing is given, and nothing is spent: the same token works afterwards."""
        assert self.refreshed(self.tokens[-1], scope, "abc") is None

    @rule(seconds=st.integers(0, 12))
    def wait(self, seconds: int) -> None:
        self.counter.clock.advance(seconds)

    @rule()
    def erase(self) -> None:
        """The grace ends for what was spent so long ago."""
        asyncio.run(self.store.erase_sealed(self.counter.clock.now() - GRACE, 10))

    @invariant()
    def there_is_one_live_refresh_token_at_most(self) -> None:
        unspent = [each for each, family in self.rows() if each.spent_at is None and family.revoked_at is None]
        assert len(unspent) == self.alive

    @invariant()
    def the_family_is_dead_once_a_token_was_replayed(self) -> None:
        assert all((family.revoked_at is None) is self.alive for _, family in self.rows())

    @invariant()
    def the_scope_never_grows(self) -> None:
        held = asyncio.run(self.store.tokens(now=self.counter.clock.now()))
        assert not any(scopes.missing(SCOPE, token.scope) for token in held)

    @invariant()
    def at_most_one_answer_is_kept(self) -> None:
        assert sum(each.sealed is not None for each, _ in self.rows()) <= 1

    def refreshed(self, token: str, scope: str | None, client: str) -> Answer | None:
        more = {} if scope is None else {"scope": scope}
        try:
            return asyncio.run(self.counter.refresh(token, client=client, **more))
        except OAuthError as refused:
            # Either outcome is sound; what it is to be is the rules' own to say.
            assert refused.error in ("invalid_grant", "invalid_scope")  # noqa: PT017
            return None

    def rows(self) -> list[tuple[RefreshToken, Family]]:
        ids = [row_of(each, Kind.REFRESH_TOKEN) or 0 for each in self.tokens]
        return [found for each in ids if (found := asyncio.run(self.store.refresh_token(each))) is not None]


TestRotation = Rotation.TestCase
TestRotation.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
