"""refresh_token as an act: rotation, and the grace in which a retry hears the same (RFC 6749 §6, RFC 9700 §4.14.2)."""

from dataclasses import dataclass

from scopekeeper.oauth.errors import OAuthError, Replayed
from scopekeeper.oauth.granted import RefreshToken
from scopekeeper.oauth.grants.refresh_token import Source, asked, decide, graced
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.token import Answer, Issue, Mint, TokenRequest
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.ports import Gone, Grants, Spent, Users
from scopekeeper.services.presented import refresh_token_with
from scopekeeper.services.replays import Replays
from scopekeeper.services.sealing import ToldAgain, opened, parameters_of, sealed
from scopekeeper.services.uses import Uses


@dataclass(frozen=True, slots=True)
class Refresh:
    """Spends a refresh token and puts another in its place: of any number who try at once, one does.

    The others, and whoever lost the answer, hear the same answer again within the grace; after it they end the family.
    """

    grants: Grants
    records: Grants
    """Where a refresh token is read that was used already: never a cache, which may not know how it was left."""
    users: Users
    issuing: Issuing
    replays: Replays
    uses: Uses

    async def __call__(self, request: TokenRequest, client: Client) -> Answer:
        presented = asked(request, client)
        source, mint = await self._source(presented, self.grants), self.issuing.mint_for_person()
        try:
            return await self._rotated(presented, request, client, source, mint)
        except Replayed:
            return await self._again(presented, request, client, source, mint)
        except Spent:
            # Somebody was faster: how they left it is not how it was loaded.
            return await self._again(presented, request, client, await self._source(presented, self.records), mint)

    async def _source(self, presented: str, grants: Grants) -> Source:
        found = await refresh_token_with(presented, grants)
        if found is None:
            raise OAuthError.invalid_grant("unknown, or no refresh_token")
        stored, family = found
        return stored, family, await self.users.user(family.user)

    async def _rotated(
        self, presented: str, request: TokenRequest, client: Client, source: Source, mint: Mint
    ) -> Issue:
        issue = await self.issuing.signed(decide(request, client, source, mint), client)
        assert issue.refresh is not None, "one refresh token follows the other"
        seal = sealed(issue, request, presented) if mint.lifetimes.refresh_grace else None
        try:
            await self.grants.rotate(source[0], mint.now, issue.refresh, seal, issue.token)
        except Gone:
            raise OAuthError.invalid_grant("the grant was revoked meanwhile") from None
        self.uses.family(source[1], mint.now)
        return issue

    async def _successor(self, source: Source) -> RefreshToken | None:
        row = source[0].successor
        found = None if row is None else await self.records.refresh_token(row)
        return None if found is None else found[0]

    async def _again(
        self, presented: str, request: TokenRequest, client: Client, source: Source, mint: Mint
    ) -> ToldAgain:
        """The answer that was given before. Raises invalid_grant, and ends the family where the grace is over."""
        try:
            answer = opened(graced(client, source, await self._successor(source), mint), presented, mint.now)
        except Replayed:
            answer = None
        if answer is None:
            raise await self.replays("refresh", source[1].id, request)
        if answer.asked != parameters_of(request):
            raise OAuthError.invalid_grant("used already, and now presented with other parameters")
        return answer
