"""What people prove who they are by besides a password, on an SQL database."""

from collections.abc import Sequence
from functools import partial

from scopekeeper.oauth.factors import Factors, Passkey, RecoveryCode, Totp
from scopekeeper.services.ports import Act
from scopekeeper.store import factors
from scopekeeper.store.account_rows import passkey_of, recovery_code_of, totp_of
from scopekeeper.store.engine import Reading, Writing
from scopekeeper.store.factor_statements import FactorStatements


class SqlFactors:
    """The port `FactorsKept`, on the readers and the writer of a store."""

    def __init__(self, sql: FactorStatements, reader: Reading, writer: Writing) -> None:
        self._sql = sql
        self._reader = reader
        self._writer = writer

    async def factors(self, user_id: int) -> Factors:
        passkeys = await self._reader.at_once(self._sql.passkeys, user_id)
        totps = await self._reader.at_once(self._sql.totp, user_id)
        codes = await self._reader.at_once(self._sql.recovery_codes, user_id)
        totp = totp_of(totps[0]) if totps else None
        return Factors(tuple(map(passkey_of, passkeys)), totp, tuple(map(recovery_code_of, codes)))

    async def passkey(self, credential_id: bytes) -> Passkey | None:
        rows = await self._reader.at_once(self._sql.passkey, credential_id)
        return passkey_of(rows[0]) if rows else None

    async def add_passkey(
        self, passkey: Passkey, most: int, act: Act, *, first: bool = False, keep: int | None = None
    ) -> None:
        added = partial(factors.add_passkey, passkey=passkey, most=most, act=act)
        await self._writer.commit(partial(added, first=first, keep=keep))

    async def rename_passkey(self, user_id: int, passkey_id: int, name: str, act: Act) -> None:
        renamed = partial(factors.rename_passkey, user_id=user_id, passkey_id=passkey_id)
        await self._writer.commit(partial(renamed, name=name, act=act))

    async def remove_passkey(self, user_id: int, passkey_id: int, act: Act) -> None:
        await self._writer.commit(partial(factors.remove_passkey, user_id=user_id, passkey_id=passkey_id, act=act))

    async def use_passkey(self, passkey: Passkey, sign_count: int, synced: bool, at: int) -> bool:
        used = partial(factors.use_passkey, passkey=passkey, sign_count=sign_count)
        return await self._writer.commit(partial(used, synced=synced, at=at))

    async def save_totp(self, totp: Totp, act: Act, *, first: bool = False, keep: int | None = None) -> None:
        await self._writer.commit(partial(factors.save_totp, totp=totp, act=act, first=first, keep=keep))

    async def remove_totp(self, user_id: int, act: Act) -> None:
        await self._writer.commit(partial(factors.remove_totp, user_id=user_id, act=act))

    async def use_totp(self, user_id: int, step: int, at: int) -> bool:
        return await self._writer.commit(partial(factors.use_totp, user_id=user_id, step=step, at=at))

    async def replace_recovery_codes(self, user_id: int, codes: Sequence[RecoveryCode], act: Act) -> None:
        await self._writer.commit(partial(factors.replace_recovery_codes, user_id=user_id, codes=codes, act=act))

    async def use_recovery_code(self, user_id: int, digest: bytes, at: int, act: Act) -> bool:
        used = partial(factors.use_recovery_code, user_id=user_id, digest=digest)
        return await self._writer.commit(partial(used, at=at, act=act))

    async def remove_factors(self, user_id: int, act: Act) -> bool:
        return await self._writer.commit(partial(factors.remove_factors, user_id=user_id, act=act))
