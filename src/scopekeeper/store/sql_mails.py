"""The queue of mails, on an SQL database."""

from collections.abc import Sequence
from functools import partial

from scopekeeper.services.account_ports import Mail
from scopekeeper.store import mails
from scopekeeper.store.account_rows import mail_of
from scopekeeper.store.engine import Reading, Writing
from scopekeeper.store.mail_statements import MailStatements


class SqlMails:
    """The port `Mails`, on the readers and the writer of a store."""

    def __init__(self, sql: MailStatements, reader: Reading, writer: Writing) -> None:
        self._sql = sql
        self._reader = reader
        self._writer = writer

    async def add_mail(self, mail: Mail) -> None:
        await self._writer.commit(partial(mails.add, mail=mail))

    async def mails_due(self, now: int, limit: int) -> Sequence[Mail]:
        due = self._sql.due
        return tuple(map(mail_of, await self._reader.at_once(due, *due.places({"now": now, "limit": limit}))))

    async def mail_sent(self, mail_id: int) -> None:
        await self._writer.commit(partial(mails.sent, mail_id=mail_id))

    async def mail_failed(self, mail_id: int, tries: int, due_at: int) -> bool:
        return await self._writer.commit(partial(mails.failed, mail_id=mail_id, tries=tries, due_at=due_at))

    async def waiting_mails(self) -> int:
        ((waiting,),) = await self._reader.aside(self._sql.waiting)
        return int(waiting)

    async def sweep_mails(self, before: int, limit: int) -> int:
        return await self._writer.commit(partial(mails.sweep, before=before, limit=limit))
