"""What each change to providers, and to whom they know, is, as a decision in a transaction."""

from scopekeeper.oauth.upstreams import Identity, Upstream
from scopekeeper.services.ports import Act, Gone, Stale, Taken
from scopekeeper.store.account_rows import identity_row, upstream_row
from scopekeeper.store.grants import STEP
from scopekeeper.store.rows import act_row
from scopekeeper.store.transaction import Transaction, Violation


def add_upstream(t: Transaction, upstream: Upstream, act: Act) -> None:
    """A new one."""
    if t.rows(t.sql.upstreams.upstream, name=upstream.name):
        raise _taken(upstream)
    try:
        t.run(t.sql.upstreams.add_upstream, **upstream_row(upstream))
    except Violation as error:
        raise _taken(upstream) from error
    t.run(t.sql.add_act, **act_row(act))


def save_upstream(t: Transaction, upstream: Upstream, act: Act) -> None:
    """The edited one, unless somebody else edited it first."""
    was = {"of_upstream": upstream.id, "was_revision": upstream.revision - 1}
    if not t.run(t.sql.upstreams.save_upstream, **upstream_row(upstream), **was):
        if t.rows(t.sql.upstreams.is_there, id=upstream.id):
            raise Stale("the provider was edited meanwhile")
        raise Gone(f"there is no provider {upstream.name!r}")
    t.run(t.sql.add_act, **act_row(act))


def remove_upstream(t: Transaction, upstream_id: int, act: Act) -> bool:
    """One step of a removal: was that all, and is it gone? Whom it knows is forgotten before, so many at a time."""
    if not t.rows(t.sql.upstreams.is_there, id=upstream_id):
        raise Gone("there is no such provider")
    if t.run(t.sql.upstreams.remove_some_identities, upstream_id=upstream_id, limit=STEP) == STEP:
        return False
    t.run(t.sql.upstreams.remove_upstream, id=upstream_id)
    t.run(t.sql.add_act, **act_row(act))
    return True


def add_identity(t: Transaction, identity: Identity, act: Act) -> None:
    """One of its subjects is one of our people from now on."""
    if not t.rows(t.sql.people.user_with, id=identity.user_id):
        raise Gone("the account is not there any more")
    if not t.rows(t.sql.upstreams.is_there, id=identity.upstream_id):
        raise Gone("the provider is not there any more")
    if t.rows(t.sql.upstreams.identity, upstream_id=identity.upstream_id, subject=identity.subject):
        raise Taken("this subject is somebody's already")
    t.run(t.sql.upstreams.add_identity, **identity_row(identity))
    t.run(t.sql.add_act, **act_row(act))


def use_identity(t: Transaction, identity: Identity, email: str | None, at: int) -> None:
    """It was used."""
    t.run(
        t.sql.upstreams.use_identity, **_of(identity.upstream_id, identity.subject, identity.user_id), told=email, at=at
    )


def remove_identity(t: Transaction, upstream_id: int, subject: str, user_id: int, act: Act) -> None:
    """The subject is nobody's any more."""
    if not t.run(t.sql.upstreams.remove_identity, **_of(upstream_id, subject, user_id)):
        raise Gone("this subject is not theirs")
    t.run(t.sql.add_act, **act_row(act))


def _of(upstream_id: int, subject: str, user_id: int) -> dict[str, object]:
    return {"of_upstream": upstream_id, "of_subject": subject, "of_user": user_id}


def _taken(upstream: Upstream) -> Taken:
    return Taken(f"there is a provider {upstream.name!r} already")
