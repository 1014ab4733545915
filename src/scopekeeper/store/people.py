"""What each change to accounts, sessions and links is, as a decision in a transaction."""

from collections.abc import Sequence
from typing import Final

from scopekeeper.oauth.people import Link, Purpose, Session, User
from scopekeeper.services.ports import Act, Gone, Stale, Taken, Use
from scopekeeper.store.grants import STEP, forget_granted, revoke_some
from scopekeeper.store.rows import act_row, link_row, session_row, user_of, user_row
from scopekeeper.store.standing import last_gone
from scopekeeper.store.statement import Statement
from scopekeeper.store.transaction import Transaction, Violation

MOST_SESSIONS: Final = 100
"""Of one person."""

_NONE: Final = -1
"""A row id that no row has."""


def add_user(t: Transaction, user: User, act: Act) -> None:
    """A new account."""
    _add_user(t, user)
    _note(t, act)


def save_user(
    t: Transaction, user: User, act: Act, end_sessions: bool, keep: int | None, keep_admin: bool, end_links: bool
) -> None:
    """The edited account, unless somebody else edited it first."""
    _save_user(t, user)
    _require_admin(t, keep_admin)
    if end_sessions:
        _end_all(t, user.id, keep, act.at)
    elif end_links:
        t.run(t.sql.people.remove_links, user_id=user.id)
    _note(t, act)


def rehash(t: Transaction, user_id: int, was: str, password: str) -> None:
    """The same password under other parameters."""
    if t.run(t.sql.people.rehash, of_user=user_id, was=was, password=password):
        t.run(t.sql.raise_changes)


def remove_user(
    t: Transaction,
    name: str,
    revision: int | None,
    keep_admin: bool,
    after: int,
    act: Act,
    owned: Sequence[Statement],
) -> int | None:
    """One step of a removal: the id of the last token looked at, or None when that was all and the account is gone.

    What they own is nobody's before their name is free for others; `owned` are the statements that see to it, step by
    step.
    """
    user = _with_name(t, name)
    if revision is not None and user.revision != revision:
        raise Stale("the account was edited meanwhile")
    user_id = user.id
    found = t.rows(t.sql.people.tokens_of_user, user=name, after=after, limit=STEP)
    t.run_each(t.sql.revoke, [{"of_token": row_id, "now": act.at} for (row_id,) in found])
    if len(found) == STEP:
        t.run(t.sql.raise_changes)
        return int(found[-1][0])
    if revoke_some(t, user_id, None, act.at) == STEP:
        return after
    if keep_admin and not t.rows(t.sql.people.other_admin, id=user_id):  # before anything of theirs is let go
        raise last_gone()
    if any(t.run(statement, name=name, version=act.id, limit=STEP) == STEP for statement in owned):
        return after
    forget_granted(t, user_id, None)
    t.run(t.sql.farewells.of_sessions, of_user=user_id, keep=_NONE, now=act.at)
    t.run(t.sql.people.remove_user, id=user_id)
    _require_admin(t, keep_admin)
    t.run(t.sql.people.disown, name=name)
    _note(t, act)
    return None


def add_link(t: Transaction, link: Link, act: Act | None, alone: bool) -> None:
    """A new link; with `alone` the only one of its kind."""
    if link.user_id is not None and not t.rows(t.sql.people.user_with, id=link.user_id):
        raise Gone("the account is not there any more")
    if alone:
        t.run(t.sql.people.remove_same_links, purpose=link.purpose.value, user_id=link.user_id)
    try:
        t.run(t.sql.people.add_link, **link_row(link))
    except Violation as error:
        raise Taken("there is a link with this row id already") from error
    if act is not None:
        t.run(t.sql.add_act, **act_row(act))


def spend_link(t: Transaction, link: Link, user: User, act: Act) -> None:
    """The link is used up, and the account is what it was for. Of two who come with it, one goes away."""
    if not t.run(t.sql.people.remove_link, id=link.id):
        raise Gone("the link has been used, or replaced by a newer one")
    if link.purpose is Purpose.SETUP:
        if t.rows(t.sql.people.some_admin):
            raise Taken("there is an administrator already")
        _add_user(t, user)
        t.run(t.sql.people.remove_same_links, purpose=link.purpose.value, user_id=None)
    else:
        _save_user(t, user)
        _end_all(t, user.id, None, act.at)
    _note(t, act)


def begin_session(t: Transaction, session: Session, user: User, ends: int | None, act: Act) -> None:
    """A new session in place of the old one, or the same one anew, if the account is as it was when that was proven."""
    known = [user_of(row) for row in t.rows(t.sql.people.user, name=user.name)]
    if not known or (known[0].id, known[0].revision) != (session.user_id, user.revision):
        raise Stale("the account was edited meanwhile")
    changed = _renew(t, session) if ends == session.id else _replace(t, ends, session, act.at)
    if changed:
        t.run(t.sql.raise_changes)  # what only began is hidden by no cache
    t.run(t.sql.add_act, **act_row(act))


def end_session(t: Transaction, row_id: int, act: Act) -> None:
    """The session is over, if it was not yet."""
    if _end(t, row_id, act.at):
        _note(t, act)


def end_sessions(t: Transaction, user_id: int, keep: int | None, now: int) -> None:
    """All sessions of this person but `keep` are over: what may not outlive them is dead, and applications hear."""
    keep = _NONE if keep is None else keep
    t.run(t.sql.grants.revoke_of_sessions, of_user=user_id, keep=keep, now=now)
    t.run(t.sql.farewells.of_sessions, of_user=user_id, keep=keep, now=now)
    t.run(t.sql.people.remove_sessions, user_id=user_id, keep=keep)


def seen(t: Transaction, sessions: Sequence[Use]) -> None:
    """Last-seen times, in the order of the rows."""
    t.run_each(t.sql.people.session_seen, [{"of_row": each.id, "at": each.at} for each in sessions])


def sweep_sessions(t: Transaction, before: int, limit: int) -> int:
    """Up to `limit` sessions of long ago."""
    return t.run(t.sql.people.sweep_sessions, before=before, limit=limit)


def sweep_links(t: Transaction, before: int, limit: int) -> int:
    """Up to `limit` links that have expired."""
    return t.run(t.sql.people.sweep_links, before=before, limit=limit)


def _add_user(t: Transaction, user: User) -> None:
    try:
        t.run(t.sql.people.add_user, **user_row(user))
    except Violation as error:
        raise Taken(f"there is an account {user.name!r} already, or one with its external id") from error


def _save_user(t: Transaction, user: User) -> None:
    try:
        if t.run(t.sql.people.save_user, **user_row(user), of_user=user.id, was_revision=user.revision - 1):
            return
    except Violation as error:
        raise Taken("another account has this external id already") from error
    if t.rows(t.sql.people.user_with, id=user.id):
        raise Stale("the account was edited meanwhile")
    raise Gone(f"there is no account {user.name!r}")


def _require_admin(t: Transaction, keep_admin: bool) -> None:
    if keep_admin and not t.rows(t.sql.people.some_admin):
        raise last_gone()


def _with_name(t: Transaction, name: str) -> User:
    found = t.rows(t.sql.people.user, name=name)
    if not found:
        raise Gone(f"there is no account {name!r}")
    return user_of(found[0])


def _renew(t: Transaction, session: Session) -> bool:
    """Its person has signed in anew in it: it has another cookie, and all that began in it goes on."""
    if not t.run(t.sql.people.renew_session, **session_row(session), of_session=session.id, of_user=session.user_id):
        raise Gone("the session has been ended")
    return True


def _replace(t: Transaction, ends: int | None, session: Session, now: int) -> bool:
    """The old session is over, if there was one, and so are the oldest above the limit; was there any?"""
    ended = ends is not None and _end(t, ends, now)
    try:
        t.run(t.sql.people.add_session, **session_row(session))
    except Violation as error:
        raise Taken("there is a session with this row id already") from error
    for (row_id,) in t.rows(t.sql.people.oldest_sessions, user_id=session.user_id, left=MOST_SESSIONS):
        ended |= _end(t, row_id, now)
    return ended


def _end(t: Transaction, row_id: int, now: int) -> bool:
    """The session is over, if it was not yet: what may not outlive it is dead, and applications are to hear of it."""
    if not t.run(t.sql.people.remove_session, id=row_id):
        return False
    t.run(t.sql.grants.revoke_of_session, of_session=row_id, now=now)
    t.run(t.sql.farewells.of_session, of_session=row_id, now=now)
    return True


def _end_all(t: Transaction, user_id: int, keep: int | None, now: int) -> None:
    """All sessions of this person but `keep`, what may not outlive them, what their password bought, and all links."""
    t.run(t.sql.grants.revoke_of_password, of_user=user_id, now=now)
    end_sessions(t, user_id, keep, now)
    t.run(t.sql.people.remove_links, user_id=user_id)


def _note(t: Transaction, act: Act) -> None:
    t.run(t.sql.raise_changes)
    t.run(t.sql.add_act, **act_row(act))
