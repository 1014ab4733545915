"""Device authorization as acts (RFC 8628): a device asks and waits; a person enters its user code, and decides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.device import Question, Waiting, claimed_by, decision_on, question_of, user_code_of, waiting
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import allowed_by, grantor_of
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.sessions import sure_enough
from scopekeeper.services.attempts import Attempts
from scopekeeper.services.clients import Authentication
from scopekeeper.services.guesses import Guesses, NoMoreGuesses, WrongUserCode
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.notices import SILENT, Notices
from scopekeeper.services.ports import Act, Clients, Clock, Entropy, Gone, Grants, Taken
from scopekeeper.services.uses import Uses

__all__ = ["DeviceAuthorization", "DeviceDecision", "NoMoreGuesses", "NotSureEnough", "WrongUserCode"]

_TRIES: Final = 5


class NotSureEnough(Exception):
    """The device's application takes a sign-in that proves more than this session's did. `client`: which it is."""

    def __init__(self, client: Client) -> None:
        super().__init__(f"{client.client_id} takes another sign-in")
        self.client = client


@dataclass(frozen=True, slots=True)
class DeviceAuthorization:
    """Gives devices their codes: one read (the client), one commit."""

    grants: Grants
    authenticate: Authentication
    issuing: Issuing
    entropy: Entropy

    async def __call__(self, asked: str | None, credentials: Credentials, address: str | None) -> Waiting:
        """A device of this client waits from now on. `asked` is the scope, as sent. Raises OAuthError."""
        client = await self.authenticate(credentials, address)
        for _ in range(_TRIES):
            made = waiting(client, asked, self.issuing.mint(), self.entropy.entropy())
            try:
                await self.grants.add_device(made.device)
            except Taken:
                continue
            return made
        raise OAuthError.temporarily_unavailable("every user code that was drawn is taken")


@dataclass(frozen=True, slots=True)
class DeviceDecision:
    """Lets people find the device that waits for them, and decide about it once."""

    grants: Grants
    clients: Clients
    known: Callable[[str], bool]
    """Does this scope exist?"""
    attempts: Attempts
    guesses: Guesses
    clock: Clock
    entropy: Entropy
    uses: Uses
    notices: Notices = SILENT

    async def enter(self, typed: str, user: User, session: Session, address: str | None) -> Question:
        """What is asked by the device whose user code was typed. From now on nobody else decides about it.

        Raises WrongUserCode; NotSureEnough, and then it waits for them as before; TooMany and NoMoreGuesses before the
        code is looked at.
        """
        try:
            async with self.attempts.attempt(address, WrongUserCode), self.guesses.guess(session.id):
                return await self._claimed(typed, user, session)
        except WrongUserCode:
            self.uses.refused(user.name, address, "wrong user code", whose="user")
            raise

    async def asked(self, typed: str, user: User, session: Session) -> Question:
        """What this person has been asked in this session, decided or not. Raises WrongUserCode.

        Nothing can be guessed by this: it knows of nothing that was not entered before.
        """
        question = await self._question(typed, user.id)
        if question is None or not claimed_by(question.device, grantor_of(user, session)):
            raise WrongUserCode
        return question

    async def decide(
        self, question: Question, approved: bool, user: User, session: Session, address: str | None
    ) -> None:
        """Whoever was asked has decided. To say the same again changes nothing. Raises WrongUserCode, once decided;
        NotSureEnough where they say yes."""
        if question.device.approved is approved:
            return
        if approved:
            _require_sure_enough(question, session)
        grantor, client, now = grantor_of(user, session), question.client, self.clock.now()
        before = await self.grants.consent(user.id, client.client_id) if approved else None
        device, consent = decision_on(question, grantor, approved, before, now)
        action, details = "device.approve" if approved else "device.deny", {"scope": " ".join(device.scope)}
        act = Act(self.entropy.row_id(), now, f"user:{user.name}", action, client.client_id, address, details)
        try:
            await self.grants.decide_device(device, consent, act)
        except Gone:
            raise WrongUserCode from None
        if approved and not allowed_by(before, client, user.id):
            await self.notices.connected(user, client, address)

    async def allowed(self, question: Question, user: User) -> tuple[str, ...]:
        """What this person allows this application already."""
        consent = await self.grants.consent(user.id, question.client.client_id)
        return allowed_by(consent, question.client, user.id)

    async def _claimed(self, typed: str, user: User, session: Session) -> Question:
        question = await self._question(typed, user.id)
        if question is None:
            raise WrongUserCode
        _require_sure_enough(question, session)
        try:
            await self.grants.claim_device(question.device.id, grantor_of(user, session))
        except Gone:
            raise WrongUserCode from None
        return question

    async def _question(self, typed: str, user_id: int) -> Question | None:
        user_code = user_code_of(typed)
        device = None if user_code is None else await self.grants.device_with(user_code)
        client = None if device is None else await self.clients.client(device.client_id)
        return question_of(device, client, user_id, self.clock.now(), self.known)


def _require_sure_enough(question: Question, session: Session) -> None:
    """Does their sign-in reach what the application takes? Raises NotSureEnough."""
    if not sure_enough(question.client, session.amr):
        raise NotSureEnough(question.client)
