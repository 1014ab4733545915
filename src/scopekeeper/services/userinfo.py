"""Userinfo as an act: what a token tells of the person who granted it (OpenID Connect Core §5.3)."""

from dataclasses import dataclass

from scopekeeper.oauth.claims_request import told_at
from scopekeeper.oauth.identity import USERINFO_TYPE
from scopekeeper.oauth.userinfo import claims_of
from scopekeeper.scopes import OPENID, cut
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.ports import Grants


class NotGranted(Exception):
    """The token holds, and nobody granted `openid` with it."""


@dataclass(frozen=True, slots=True)
class Userinfo:
    """Tells an application of the person who let it know who they are."""

    bearer: Bearer
    grants: Grants
    issuing: Issuing

    async def __call__(self, presented: str, address: str | None) -> dict[str, object] | str | None:
        """The claims of its scopes, and those that were granted one by one; None where the token does not hold.

        Both are cut to what the application may have at this moment. A JWT where it wants them signed (§5.3.2). Raises
        NotGranted, Unavailable.
        """
        found = await self.bearer.find(presented, address)
        if found is None:
            return None
        token, client, person = found
        held = cut(token.scope, frozenset(client.scope))
        if person is None or OPENID not in held:
            raise NotGranted
        family = None if token.family_id is None else await self.grants.family(token.family_id)
        names = frozenset[str]() if family is None else told_at("userinfo", family.claims, client.scope)
        sub: dict[str, object] = {"sub": self.issuing.subjects.of(client, person.id)}
        claims, alg = sub | claims_of(person, held, names), client.userinfo_signed_response_alg
        if alg is None:
            return claims
        signed = {"iss": self.issuing.issuer, "aud": client.client_id, **claims}
        return await self.issuing.signer.sign(signed, alg, USERINFO_TYPE)
