"""What people grant, on an SQL database."""

from collections.abc import Sequence
from functools import partial

from scopekeeper.oauth.granted import Code, Consent, DeviceCode, Family, Grantor, RefreshToken
from scopekeeper.oauth.records import Token
from scopekeeper.services.ports import Act, Use
from scopekeeper.store import grants
from scopekeeper.store.engine import Reading, Writing
from scopekeeper.store.grant_rows import FAMILY_WIDTH, code_of, consent_of, device_of, family_of, refresh_token_of
from scopekeeper.store.grant_statements import GrantStatements
from scopekeeper.store.statement import Statement


class SqlGrants:
    """The port `Grants`, on the readers and the writer of a store."""

    def __init__(self, sql: GrantStatements, reader: Reading, writer: Writing) -> None:
        self._sql = sql
        self._reader = reader
        self._writer = writer

    async def consent(self, user_id: int, client_id: str) -> Consent | None:
        rows = await self._reader.at_once(self._sql.consent, user_id, client_id)
        return consent_of(rows[0]) if rows else None

    async def consents(self, user_id: int) -> Sequence[Consent]:
        return tuple(map(consent_of, await self._reader.aside(self._sql.consents, user_id)))

    async def code(self, row_id: int) -> Code | None:
        rows = await self._reader.at_once(self._sql.code, row_id)
        return code_of(rows[0]) if rows else None

    async def add_code(self, code: Code, consent: Consent | None, act: Act | None) -> None:
        await self._writer.commit(partial(grants.add_code, code=code, consent=consent, act=act))

    async def redeem_code(self, code: Code, family: Family, token: Token, refresh: RefreshToken | None) -> None:
        await self._writer.commit(grants.redeem_code(code, family, token, refresh))

    async def begin_family(
        self,
        family: Family,
        token: Token,
        refresh: RefreshToken | None,
        consent: Consent | None,
        act: Act | None,
        *,
        ends: Sequence[int] = (),
    ) -> None:
        begin = partial(grants.begin_family, family=family, token=token, refresh=refresh)
        await self._writer.commit(partial(begin, consent=consent, act=act, ends=ends))

    async def family(self, family_id: int) -> Family | None:
        rows = await self._reader.at_once(self._sql.family, family_id)
        return family_of(rows[0]) if rows else None

    async def families(self, user_id: int, now: int) -> Sequence[Family]:
        asked = {"user_id": user_id, "now": now, "limit": grants.MOST_FAMILIES}
        rows = await self._reader.aside(self._sql.families, *self._sql.families.places(asked))
        return tuple(map(family_of, rows))

    async def revoke_family(self, family_id: int, now: int, act: Act | None) -> bool:
        return await self._writer.commit(partial(grants.revoke_family, family_id=family_id, now=now, act=act))

    async def withdraw(self, user_id: int, client_id: str | None, now: int, act: Act) -> int:
        revoked = step = await self._writer.commit(
            partial(grants.withdraw, user_id=user_id, client_id=client_id, now=now, act=act)
        )
        while step == grants.STEP:
            step = await self._writer.commit(partial(grants.revoke_some, user_id=user_id, client_id=client_id, now=now))
            revoked += step
        return revoked

    async def refresh_token(self, row_id: int) -> tuple[RefreshToken, Family] | None:
        rows = await self._reader.at_once(self._sql.refresh_token, row_id)
        if not rows:
            return None
        return refresh_token_of(rows[0][FAMILY_WIDTH:]), family_of(rows[0][:FAMILY_WIDTH])

    async def rotate(
        self, spent: RefreshToken, now: int, refresh: RefreshToken, sealed: bytes | None, token: Token
    ) -> None:
        await self._writer.commit(grants.rotate(spent, now, refresh, sealed, token))

    async def erase_sealed(self, issued_before: int, limit: int) -> int:
        if not await self._reader.at_once(self._sql.some_sealed, issued_before):
            return 0  # it is asked every second: nothing is committed where nothing is due
        return await self._writer.commit(partial(grants.erase_sealed, issued_before=issued_before, limit=limit))

    async def refreshed(self, families: Sequence[Use]) -> None:
        await self._writer.commit(partial(grants.refreshed, families=families))

    async def add_device(self, device: DeviceCode) -> None:
        await self._writer.commit(partial(grants.add_device, device=device))

    async def device(self, row_id: int) -> DeviceCode | None:
        rows = await self._reader.at_once(self._sql.device, row_id)
        return device_of(rows[0]) if rows else None

    async def device_with(self, user_code: str) -> DeviceCode | None:
        rows = await self._reader.at_once(self._sql.device_with, user_code)
        return device_of(rows[0]) if rows else None

    async def claim_device(self, row_id: int, grantor: Grantor) -> None:
        await self._writer.commit(partial(grants.claim_device, row_id=row_id, grantor=grantor))

    async def decide_device(self, device: DeviceCode, consent: Consent | None, act: Act) -> None:
        await self._writer.commit(partial(grants.decide_device, device=device, consent=consent, act=act))

    async def poll_device(self, row_id: int, now: int) -> bool:
        return await self._writer.commit(partial(grants.poll_device, row_id=row_id, now=now))

    async def redeem_device(
        self, device: DeviceCode, family: Family, token: Token, refresh: RefreshToken | None
    ) -> None:
        await self._writer.commit(grants.redeem_device(device, family, token, refresh))

    async def sweep_unredeemed(self, before: int, limit: int) -> int:
        return await self._sweep(self._sql.sweep_unredeemed, before, 0, limit)

    async def sweep_waiting(self, before: int, below: int, limit: int) -> int:
        return await self._sweep(self._sql.sweep_waiting, before, below, limit)

    async def sweep_grants(self, before: int, below: int, limit: int) -> int:
        return await self._sweep(self._sql.sweep_grants, before, below, limit)

    async def _sweep(self, statements: Sequence[Statement], before: int, below: int, limit: int) -> int:
        return await self._writer.commit(
            partial(grants.sweep, statements=statements, before=before, below=below, limit=limit)
        )
