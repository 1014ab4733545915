"""What every grant needs to be issued: the mint that rules are given, and the signatures that they cannot make."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from scopekeeper.oauth.claims import ACCESS_TOKEN_TYPE
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.identity import ID_TOKEN_TYPE, at_hash_of
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.secrets import digest_of
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.oauth.token import Issue, Lifetimes, Mint, Seed
from scopekeeper.services.bearer import LONGEST
from scopekeeper.services.keys import Signer
from scopekeeper.services.ports import Clock, Entropy


@dataclass(frozen=True, slots=True)
class Issuing:
    """Makes mints, and signs what a rule decided to issue."""

    signer: Signer
    clock: Clock
    entropy: Entropy
    issuer: str
    lifetimes: Lifetimes
    known: Callable[[str], bool]
    """Does this scope exist?"""
    subjects: Subjects

    def mint(self) -> Mint:
        """For a token that an application gets for itself."""
        return Mint(
            self.clock.now(),
            self.entropy.row_id(),
            self.entropy.entropy(),
            self.issuer,
            self.lifetimes,
            self.known,
            self.subjects,
        )

    def mint_for_person(self) -> Mint:
        """For what a person grants: there may be a refresh token, and a family may begin."""
        draw, entropy = self.entropy.row_id, self.entropy.entropy
        family = draw()  # first: what refers to it has the greater id
        return Mint(
            self.clock.now(),
            draw(),
            entropy(),
            self.issuer,
            self.lifetimes,
            self.known,
            self.subjects,
            Seed(draw(), entropy()),
            family,
        )

    async def signed(self, issue: Issue, client: Client) -> Issue:
        """The same issue with its JWTs signed. Raises OAuthError where the scope is too long for one."""
        if issue.claims is not None:
            jwt = await self.signer.sign(issue.claims, client.signing_alg, ACCESS_TOKEN_TYPE)
            if len(jwt) > LONGEST:
                raise OAuthError.invalid_scope("The scope is too long for a JWT.")
            issue = replace(issue, access_token=jwt, token=replace(issue.token, digest=digest_of(jwt)))
        if issue.identity is not None:
            alg = client.id_token_signed_response_alg
            claims = {**issue.identity, "at_hash": at_hash_of(issue.access_token, alg)}
            issue = replace(issue, id_token=await self.signer.sign(claims, alg, ID_TOKEN_TYPE))
        return issue
