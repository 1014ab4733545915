"""The queue of mails, in memory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from scopekeeper.oauth.people import User
from scopekeeper.services.account_ports import Mail
from scopekeeper.services.lists import MOST_COUNTED


class MemoryMails:
    """The port `Mails`, in a dictionary."""

    def __init__(self, users: Mapping[str, User], require_open: Callable[[], None]) -> None:
        self._users = users
        self._require_open = require_open
        self._mails: dict[int, Mail] = {}

    def forget_person(self, user_id: int) -> None:
        """What is about this account is not sent any more."""
        self._mails = {row_id: mail for row_id, mail in self._mails.items() if mail.user_id != user_id}

    async def add_mail(self, mail: Mail) -> None:
        self._require_open()
        if mail.user_id is None or mail.user_id in {each.id for each in self._users.values()}:
            self._mails[mail.id] = mail

    async def mails_due(self, now: int, limit: int) -> Sequence[Mail]:
        self._require_open()
        due = (each for each in self._mails.values() if each.due_at <= now < each.expires_at)
        return tuple(sorted(due, key=lambda mail: (mail.due_at, mail.id))[:limit])

    async def mail_sent(self, mail_id: int) -> None:
        self._require_open()
        self._mails.pop(mail_id, None)

    async def mail_failed(self, mail_id: int, tries: int, due_at: int) -> bool:
        self._require_open()
        if mail_id not in self._mails:
            return False
        self._mails[mail_id] = replace(self._mails[mail_id], tries=tries, due_at=due_at)
        return True

    async def waiting_mails(self) -> int:
        self._require_open()
        return min(len(self._mails), MOST_COUNTED + 1)

    async def sweep_mails(self, before: int, limit: int) -> int:
        self._require_open()
        due = sorted((mail.expires_at, mail.id) for mail in self._mails.values() if mail.expires_at < before)[:limit]
        for _, row_id in due:
            del self._mails[row_id]
        return len(due)
