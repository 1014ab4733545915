"""What people prove who they are by besides a password, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from scopekeeper.oauth.factors import Factors, Passkey, RecoveryCode, Totp
from scopekeeper.oauth.people import User
from scopekeeper.services.ports import Act, Gone, Stale, Taken


class MemoryFactors:
    """The port `FactorsKept`, in dictionaries."""

    def __init__(
        self,
        users: dict[str, User],
        note: Callable[[Act], None],
        remember: Callable[[Act], None],
        end_sessions: Callable[[int, int], None],
        end_weaker: Callable[[int, int, int | None], None],
        require_open: Callable[[], None],
    ) -> None:
        self._users = users
        self._note = note
        self._remember = remember
        self._end_sessions = end_sessions
        self._end_weaker = end_weaker
        self._require_open = require_open
        self._passkeys: dict[int, Passkey] = {}
        self._totps: dict[int, Totp] = {}
        self._codes: dict[int, RecoveryCode] = {}

    def forget_person(self, user_id: int) -> bool:
        """All of this person's are forgotten; was there any?"""
        passkeys = self._passkeys_of(user_id)
        for passkey in passkeys:
            del self._passkeys[passkey.id]
        codes, totp = self._drop_codes(user_id), self._totps.pop(user_id, None)
        return bool(passkeys) or codes or totp is not None

    async def factors(self, user_id: int) -> Factors:
        self._require_open()
        codes = sorted((each for each in self._codes.values() if each.user_id == user_id), key=lambda code: code.id)
        return Factors(self._passkeys_of(user_id), self._totps.get(user_id), tuple(codes))

    async def passkey(self, credential_id: bytes) -> Passkey | None:
        self._require_open()
        return self._with_credential(credential_id)

    async def add_passkey(
        self, passkey: Passkey, most: int, act: Act, *, first: bool = False, keep: int | None = None
    ) -> None:
        user = self._known(passkey.user_id)
        self._require_first(user, first)
        if len(self._passkeys_of(user.id)) >= most:
            raise Taken("there are as many passkeys as there may be")
        if passkey.id in self._passkeys or self._with_credential(passkey.credential_id) is not None:
            raise Taken("this passkey is known already")
        if first:
            self._end_weaker(user.id, act.at, keep)
        self._passkeys[passkey.id] = passkey
        self._changed(user, act)

    async def rename_passkey(self, user_id: int, passkey_id: int, name: str, act: Act) -> None:
        self._passkeys[passkey_id] = replace(self._own(user_id, passkey_id), name=name)
        self._remember(act)

    async def remove_passkey(self, user_id: int, passkey_id: int, act: Act) -> None:
        del self._passkeys[self._own(user_id, passkey_id).id]
        self._drop_codes_without_factor(user_id)
        self._changed(self._known(user_id), act)

    async def use_passkey(self, passkey: Passkey, sign_count: int, synced: bool, at: int) -> bool:
        self._require_open()
        known = self._passkeys.get(passkey.id)
        if known is None or known.sign_count != passkey.sign_count:
            return False
        self._passkeys[passkey.id] = replace(known, sign_count=sign_count, synced=synced, last_used_at=at)
        return True

    async def save_totp(self, totp: Totp, act: Act, *, first: bool = False, keep: int | None = None) -> None:
        user = self._known(totp.user_id)
        self._require_first(user, first)
        if first:
            self._end_weaker(user.id, act.at, keep)
        self._totps[user.id] = totp
        self._changed(user, act)

    async def remove_totp(self, user_id: int, act: Act) -> None:
        self._require_open()
        if self._totps.pop(user_id, None) is None:
            raise Gone("there are no one-time codes")
        self._drop_codes_without_factor(user_id)
        self._changed(self._known(user_id), act)

    async def use_totp(self, user_id: int, step: int, at: int) -> bool:
        self._require_open()
        known = self._totps.get(user_id)
        if known is None or known.last_step >= step:
            return False
        self._totps[user_id] = replace(known, last_step=step, last_used_at=at)
        return True

    async def replace_recovery_codes(self, user_id: int, codes: Sequence[RecoveryCode], act: Act) -> None:
        user = self._known(user_id)
        self._drop_codes(user_id)
        self._codes |= {code.id: code for code in codes}
        self._changed(user, act)

    async def use_recovery_code(self, user_id: int, digest: bytes, at: int, act: Act) -> bool:
        self._require_open()
        for code in self._codes.values():
            if (code.user_id, code.digest, code.used_at) == (user_id, digest, None):
                self._codes[code.id] = replace(code, used_at=at)
                self._remember(act)
                return True
        return False

    async def remove_factors(self, user_id: int, act: Act) -> bool:
        self._require_open()
        if not self.forget_person(user_id):
            return False
        self._end_sessions(user_id, act.at)
        self._changed(self._known(user_id), act)
        return True

    def _changed(self, user: User, act: Act) -> None:
        """Their factors are others now: a sign-in that is under way went by what is not so any more."""
        self._users[user.name] = replace(user, revision=user.revision + 1)
        self._note(act)

    def _require_first(self, user: User, first: bool) -> None:
        if first and (user.id in self._totps or self._passkeys_of(user.id)):
            raise Stale("there is a second factor by now")

    def _known(self, user_id: int) -> User:
        self._require_open()
        user = next((each for each in self._users.values() if each.id == user_id), None)
        if user is None:
            raise Gone("the account is not there any more")
        return user

    def _with_credential(self, credential_id: bytes) -> Passkey | None:
        return next((each for each in self._passkeys.values() if each.credential_id == credential_id), None)

    def _own(self, user_id: int, passkey_id: int) -> Passkey:
        self._require_open()
        known = self._passkeys.get(passkey_id)
        if known is None or known.user_id != user_id:
            raise Gone("there is no such passkey")
        return known

    def _passkeys_of(self, user_id: int) -> tuple[Passkey, ...]:
        theirs = (each for each in self._passkeys.values() if each.user_id == user_id)
        return tuple(sorted(theirs, key=lambda passkey: passkey.id))

    def _drop_codes_without_factor(self, user_id: int) -> None:
        if user_id not in self._totps and not self._passkeys_of(user_id):
            self._drop_codes(user_id)

    def _drop_codes(self, user_id: int) -> bool:
        theirs = [each.id for each in self._codes.values() if each.user_id == user_id]
        for row_id in theirs:
            del self._codes[row_id]
        return bool(theirs)
