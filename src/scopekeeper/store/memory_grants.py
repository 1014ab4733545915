"""The store in memory, that part of it which remembers what people grant."""

from collections.abc import Callable, MutableMapping, Sequence
from typing import Protocol, TypeVar

from msgspec.structs import replace

from scopekeeper.oauth.granted import Code, Consent, DeviceCode, Family, Grantor, RefreshToken
from scopekeeper.oauth.records import GrantType, Token
from scopekeeper.services.ports import Gone, Spent, Taken, Use
from scopekeeper.store.grants import MOST_FAMILIES, SLOWER

C = TypeVar("C", bound="_Owned")
R = TypeVar("R", bound="_Ending")


class MemoryGrants:
    """Consents, codes, families, refresh tokens and devices, in dictionaries.

    It knows nothing of accounts and applications: the store around it does.
    """

    def __init__(self) -> None:
        self.consents: dict[tuple[int, str], Consent] = {}
        self.codes: dict[int, Code] = {}
        self.families: dict[int, Family] = {}
        self.refresh_tokens: dict[int, RefreshToken] = {}
        self.devices: dict[int, DeviceCode] = {}
        self.tokens: dict[int, Token] = {}

    def token(self, row_id: int) -> Token | None:
        """The token, revoked where its family is."""
        token = self.tokens.get(row_id)
        if token is None or token.family_id is None or token.revoked_at is not None:
            return token
        family = self.families.get(token.family_id)
        ended = token.issued_at if family is None else family.revoked_at
        return token if ended is None else replace(token, revoked_at=ended)

    def consents_of(self, user_id: int) -> Sequence[Consent]:
        return tuple(self.consents[key] for key in sorted(self.consents) if key[0] == user_id)

    def families_of(self, user_id: int, now: int) -> Sequence[Family]:
        theirs = [each for each in self.families.values() if each.user_id == user_id]
        live = [each for each in theirs if each.revoked_at is None and now < each.expires_at]
        return tuple(sorted(live, key=lambda family: -family.id)[:MOST_FAMILIES])

    def remember(self, consent: Consent | None) -> None:
        if consent is None:
            return
        key = (consent.user_id, consent.client_id)
        known = self.consents.get(key)
        began = consent.granted_at if known is None else known.granted_at
        self.consents[key] = replace(consent, granted_at=began)

    def add_code(self, code: Code, consent: Consent | None) -> None:
        if code.id in self.codes:
            raise Taken("there is a code with this row id already")
        self.codes[code.id] = code
        self.remember(consent)

    def redeem_code(
        self, code: Code, family: Family, token: Token, refresh: RefreshToken | None, *, stands: bool
    ) -> None:
        stored = self.codes.get(code.id)
        if stored is not None and stored.family_id is not None:
            raise Spent(stored.family_id)
        if stored is None or not stands:
            raise Gone("the code, or the session in which it was granted, is not there any more")
        self.begin(family, token, refresh)
        self.codes[code.id] = replace(stored, family_id=family.id)

    def redeem_device(
        self, device: DeviceCode, family: Family, token: Token, refresh: RefreshToken | None, *, stands: bool
    ) -> None:
        stored = self.devices.get(device.id)
        if stored is not None and stored.family_id is not None:
            raise Spent(stored.family_id)
        if stored is None or not stored.approved or not stands:
            raise Gone("the device code, or the session in which it was approved, is not there any more")
        self.begin(family, token, refresh)
        self.devices[device.id] = replace(stored, family_id=family.id)

    def begin(self, family: Family, token: Token, refresh: RefreshToken | None) -> None:
        if family.id in self.families or token.id in self.tokens or (refresh and refresh.id in self.refresh_tokens):
            raise Taken("there is a row with this id already")
        self.families[family.id] = family
        self.tokens[token.id] = token
        if refresh is not None:
            self.refresh_tokens[refresh.id] = refresh

    def rotate(self, spent: RefreshToken, now: int, refresh: RefreshToken, sealed: bytes | None, token: Token) -> None:
        stored, family = self.refresh_tokens.get(spent.id), self.families.get(spent.family_id)
        if stored is None or family is None or family.revoked_at is not None:
            raise Gone("the family is revoked")
        if stored.spent_at is not None:
            raise Spent(stored.family_id)
        if refresh.id in self.refresh_tokens or token.id in self.tokens:
            raise Taken("there is a row with this id already")
        self.refresh_tokens[spent.id] = replace(stored, spent_at=now, successor=refresh.id, sealed=None)
        self.refresh_tokens[refresh.id] = replace(refresh, sealed=sealed)
        self.tokens[token.id] = token

    def refreshed(self, use: Use) -> None:
        family = self.families.get(use.id)
        if family is not None and (family.last_used_at or 0) <= use.at:
            self.families[use.id] = replace(family, last_used_at=use.at)

    def revoke(self, family_id: int, now: int) -> bool:
        family = self.families.get(family_id)
        if family is None or family.revoked_at is not None:
            return False
        self.families[family_id] = replace(family, revoked_at=now)
        return True

    def revoke_of_session(self, session_id: int, now: int) -> None:
        """End what may not outlive this session."""
        for family in self.of_session(session_id):
            if not family.offline:
                self.revoke(family.id, now)

    def revoke_of_password(self, user_id: int, now: int) -> None:
        """End what this person's password bought (RFC 6749 §4.3)."""
        for family in list(self.families.values()):
            if family.user_id == user_id and family.grant_type is GrantType.PASSWORD:
                self.revoke(family.id, now)

    def of_session(self, session_id: int) -> Sequence[Family]:
        """What began in this session, dead or alive."""
        return [each for each in self.families.values() if each.session_id == session_id]

    def withdraw(self, user_id: int, client_id: str | None, now: int) -> int:
        for key in list(self.consents):
            if key[0] == user_id and client_id in (None, key[1]):
                del self.consents[key]
        self._drop_waiting(lambda each: each.user_id == user_id and client_id in (None, each.client_id))
        theirs = [each for each in self.families.values() if each.user_id == user_id]
        return sum(self.revoke(each.id, now) for each in theirs if client_id in (None, each.client_id))

    def _drop_waiting(self, meant: Callable[[Code | DeviceCode], bool]) -> None:
        """Forget those codes and devices that have not been redeemed yet."""
        self.codes = {row_id: each for row_id, each in self.codes.items() if each.family_id or not meant(each)}
        self.devices = {row_id: each for row_id, each in self.devices.items() if each.family_id or not meant(each)}

    def forget_consents(self, client_id: str) -> None:
        self.consents = {key: each for key, each in self.consents.items() if key[1] != client_id}

    def forget_application(self, client_id: str) -> int:
        """All that was granted to it is gone; how many rows that were."""
        self.forget_consents(client_id)
        return _forget(self.codes, client_id) + _forget(self.devices, client_id) + _forget(self.families, client_id)

    def refresh_token(self, row_id: int) -> tuple[RefreshToken, Family] | None:
        stored = self.refresh_tokens.get(row_id)
        family = None if stored is None else self.families.get(stored.family_id)
        return None if stored is None or family is None else (stored, family)

    def erase_sealed(self, issued_before: int, limit: int) -> int:
        kept = self.refresh_tokens.values()
        due = [each for each in kept if each.sealed is not None and each.issued_at < issued_before]
        for each in due[:limit]:
            self.refresh_tokens[each.id] = replace(each, sealed=None)
        return len(due[:limit])

    def add_device(self, device: DeviceCode) -> None:
        if device.id in self.devices or self.device_with(device.user_code) is not None:
            raise Taken("there is a device with this row id or user code already")
        self.devices[device.id] = device

    def device_with(self, user_code: str) -> DeviceCode | None:
        return next((each for each in self.devices.values() if each.user_code == user_code), None)

    def claim_device(self, row_id: int, grantor: Grantor) -> None:
        stored = self.devices.get(row_id)
        if stored is None or stored.approved is not None or stored.user_id not in (None, grantor.user_id):
            raise Gone("there is no such device that waits for this person")
        self.devices[row_id] = replace(
            stored,
            user_id=grantor.user_id,
            user=grantor.user,
            auth_time=grantor.auth_time,
            session_id=grantor.session_id,
            amr=grantor.amr,
        )

    def decide_device(self, device: DeviceCode, consent: Consent | None) -> None:
        stored = self.devices.get(device.id)
        if (
            stored is None
            or stored.approved is not None
            or (stored.user_id, stored.session_id) != (device.user_id, device.session_id)
        ):
            raise Gone("there is no such device that waits for this person")
        self.devices[device.id] = replace(stored, approved=device.approved, scope=device.scope)
        self.remember(consent)

    def poll_device(self, row_id: int, now: int) -> bool:
        stored = self.devices.get(row_id)
        if stored is None:
            return True
        early = stored.polled_at is not None and now - stored.polled_at < stored.interval
        self.devices[row_id] = replace(stored, polled_at=now, interval=stored.interval + SLOWER * early)
        return not early

    def sweep_unredeemed(self, before: int, limit: int) -> int:
        swept = 0
        for rows in (self.codes, self.devices):
            due = [row_id for row_id, each in rows.items() if each.family_id is None and each.expires_at < before]
            for row_id in due[: limit - swept]:
                del rows[row_id]
                swept += 1
        return swept

    def sweep_waiting(self, before: int, below: int, limit: int) -> int:
        swept = _swept(self.codes, before, below, limit)
        return swept + _swept(self.devices, before, below, limit - swept)

    def sweep(self, before: int, below: int, limit: int) -> int:
        swept = _swept(self.families, before, below, limit)
        return swept + _swept(self.refresh_tokens, before, below, limit - swept)


class _Ending(Protocol):
    @property
    def expires_at(self) -> int: ...


class _Owned(Protocol):
    @property
    def client_id(self) -> str: ...


def _forget(rows: MutableMapping[int, C], client_id: str) -> int:
    theirs = [row_id for row_id, each in rows.items() if each.client_id == client_id]
    for row_id in theirs:
        del rows[row_id]
    return len(theirs)


def _swept(rows: MutableMapping[int, R], before: int, below: int, limit: int) -> int:
    due = [row_id for row_id in sorted(rows) if row_id < below and rows[row_id].expires_at < before]
    for row_id in due[:limit]:
        del rows[row_id]
    return len(due[:limit])
