"""An authorization request as an act (RFC 6749 §4.1, §4.2): load who asks and who is there, decide, remember."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from scopekeeper.oauth.authorize import Asked, AuthorizationRequest, Refused, Unproven, asked_of
from scopekeeper.oauth.beginning import begun
from scopekeeper.oauth.claims_request import beyond, names_in
from scopekeeper.oauth.codes import code_of
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Consent, allowed_by, claims_allowed_by, consent_to
from scopekeeper.oauth.policy import best_of
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.steps import Present, Step, next_step, wishes_for_more
from scopekeeper.services.account_ports import FactorsKept
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.notices import SILENT, Notices
from scopekeeper.services.ports import Act, Clients, Entropy, Gone, Grants
from scopekeeper.services.uses import Uses


class Hints(Protocol):
    """Whose id_token it is that a client shows."""

    def verified(self, id_token: str) -> Awaitable[Mapping[str, object] | None]:
        """Its claims, however old it is; None if it was not issued here."""
        ...


@dataclass(frozen=True, slots=True)
class Authorization:
    """Takes a request from the client's asking to the answer that the browser carries back."""

    clients: Clients
    grants: Grants
    hints: Hints
    issuing: Issuing
    entropy: Entropy
    uses: Uses
    factors: FactorsKept
    notices: Notices = SILENT

    async def asked(self, request: AuthorizationRequest) -> Asked:
        """What is asked, and by whom. Raises Unproven and Refused."""
        client = await self._asking(request)
        try:
            return asked_of(request, client, self.issuing.known)
        except (Unproven, Refused):
            if client is None or not await self.clients.catch_up():
                raise
        # Another process may have edited the application just now.
        return asked_of(request, await self._asking(request), self.issuing.known)

    async def step(self, asked: Asked, present: Present | None, *, anew: bool) -> Step:
        """What comes next. `anew`: has the person signed in for this very request? Raises Refused."""
        consent = None if present is None else await self._consent(asked, present)
        hinted, now = await self._hinted(asked), self.issuing.clock.now()
        subjects = self.issuing.subjects
        best: tuple[str, ...] = ()
        if present is not None and not anew and wishes_for_more(asked, present):
            best = best_of(present.user, await self.factors.factors(present.user.id))
        return next_step(asked, present, consent, hinted=hinted, anew=anew, now=now, subjects=subjects, best=best)

    async def allowed(self, asked: Asked, present: Present) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What this person allows this application already: scopes, and claims one by one."""
        consent, user_id = await self._consent(asked, present), present.user.id
        return allowed_by(consent, asked.client, user_id), claims_allowed_by(consent, asked.client, user_id)

    async def approve(self, asked: Asked, present: Present, *, given: bool, address: str | None) -> Mapping[str, str]:
        """What the client is answered: a code, or with the implicit grant a token. Raises Refused.

        `given`: the person has just said yes, which is remembered; else they said so before.
        """
        consent, act, new = None, None, False
        if given:
            before, now = await self._consent(asked, present), self.issuing.clock.now()
            new = not allowed_by(before, asked.client, present.user.id)
            names = beyond(names_in(asked.claims), asked.scope)
            consent = consent_to(asked.client, present.user.id, asked.scope, before, now, names)
            actor, details = f"user:{present.user.name}", {"scope": " ".join(asked.scope)}
            details |= {"claims": " ".join(names)} if names else {}
            act = Act(self.entropy.row_id(), now, actor, "consent.give", asked.client.client_id, address, details)
        try:
            if asked.response_type == "code":
                answer = await self._code(asked, present, consent, act)
            else:
                answer = await self._token(asked, present, consent, act, address)
        except OAuthError as error:
            raise Refused(asked.destination, error) from error
        except Gone:
            raise Refused(asked.destination, OAuthError.access_denied()) from None
        if new:
            await self.notices.connected(present.user, asked.client, address)
        return answer

    async def _code(
        self, asked: Asked, present: Present, consent: Consent | None, act: Act | None
    ) -> Mapping[str, str]:
        code, secret = code_of(asked, present.grantor, self.issuing.mint())
        await self.grants.add_code(code, consent, act)
        return {"code": secret}

    async def _token(
        self, asked: Asked, present: Present, consent: Consent | None, act: Act | None, address: str | None
    ) -> Mapping[str, str]:
        """The implicit grant (RFC 6749 §4.2.2). A response_type of `token` alone brings no id_token."""
        mint = self.issuing.mint_for_person()
        issue = begun(
            asked.client, present.grantor, asked.scope, GrantType.IMPLICIT, mint, address=address, claims=asked.claims
        )
        issue = await self.issuing.signed(replace(issue, identity=None), asked.client)
        await self.grants.begin_family(issue.grant, issue.token, None, consent, act)
        self.uses.issued(asked.client, GrantType.IMPLICIT)
        return {
            "access_token": issue.access_token,
            "token_type": "Bearer",
            "expires_in": str(issue.expires_in),
            "scope": issue.scope,
        }

    async def _asking(self, request: AuthorizationRequest) -> Client | None:
        """Whoever bears the client_id that was sent."""
        client_id = request.get("client_id")
        return None if client_id is None else await self.clients.client(client_id)

    async def _consent(self, asked: Asked, present: Present) -> Consent | None:
        return await self.grants.consent(present.user.id, asked.client.client_id)

    async def _hinted(self, asked: Asked) -> str | None:
        if asked.id_token_hint is None:
            return None
        claims = await self.hints.verified(asked.id_token_hint)
        if claims is None:
            error = OAuthError.invalid_request("The id_token_hint was not issued here, or by a key that is gone.")
            raise Refused(asked.destination, error)
        return str(claims["sub"])
