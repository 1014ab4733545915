"""The queue of mails, as decisions in a transaction."""

from scopekeeper.services.account_ports import Mail
from scopekeeper.store.account_rows import mail_row
from scopekeeper.store.transaction import Transaction


def add(t: Transaction, mail: Mail) -> None:
    """It waits, unless the account is gone that it is about."""
    if mail.user_id is None or t.rows(t.sql.people.user_with, id=mail.user_id):
        t.run(t.sql.mails.add, **mail_row(mail))


def sent(t: Transaction, mail_id: int) -> None:
    """It waits no more."""
    t.run(t.sql.mails.sent, of_mail=mail_id)


def failed(t: Transaction, mail_id: int, tries: int, due_at: int) -> bool:
    """It waits until then, if it is there."""
    return t.run(t.sql.mails.failed, of_mail=mail_id, tried=tries, due=due_at) > 0


def sweep(t: Transaction, before: int, limit: int) -> int:
    """Up to `limit` that are not worth sending any more."""
    return t.run(t.sql.mails.sweep, before=before, limit=limit)
