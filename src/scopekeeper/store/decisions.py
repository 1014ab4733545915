"""What each change to the store is, as a decision in a transaction: first its compare-and-swap, then the rest."""

from collections.abc import Mapping, Sequence
from operator import attrgetter

from scopekeeper.oauth.keys import SigningKey
from scopekeeper.oauth.records import ApplicationType, Client, Secret
from scopekeeper.oauth.redirects import origin_of
from scopekeeper.services.ports import Act, Gone, Lease, Stale, Supposed, Taken, Use
from scopekeeper.store.revisions import HEAD
from scopekeeper.store.rows import act_row, client_row, key_of, key_row, secret_row
from scopekeeper.store.standing import owner_gone, require_standing
from scopekeeper.store.transaction import Transaction, Violation


def add_client(t: Transaction, client: Client, act: Act, owner: int | None) -> None:
    """A new application with its secrets. A name is not given again while tokens of its last bearer are left."""
    if t.rows(t.sql.client_is_known, client_id=client.client_id):
        raise Taken(f"there is an application {client.client_id!r} already")
    _require_owner(t, owner)
    t.run(t.sql.add_client, **client_row(client))
    _add_origins(t, client)
    for secret in client.secrets:
        _add_secret(t, secret)
    _note(t, act)


def save_client(t: Transaction, client: Client, act: Act, owner: int | None) -> None:
    """The edited application, unless somebody else edited it first."""
    _require_owner(t, owner)
    row = client_row(client)
    if not t.run(t.sql.save_client, **row, of_client=client.client_id, was_revision=client.revision - 1):
        raise _stale_or_gone(t, client.client_id)
    t.run(t.sql.remove_origins, client_id=client.client_id)
    _add_origins(t, client)
    _note(t, act)


def remove_client(t: Transaction, client_id: str, act: Act, supposed: Supposed) -> None:
    """The application goes with its secrets; its tokens are as good as gone, and swept later."""
    _require(t, client_id, supposed)
    t.run(t.sql.remove_client, client_id=client_id)
    t.run(t.sql.forget, client_id=client_id)
    _note(t, act)


def add_secret(t: Transaction, secret: Secret, ends: Mapping[int, int], act: Act, supposed: Supposed) -> None:
    """One secret more; others end, or have ended earlier."""
    _require(t, secret.client_id, supposed)
    _add_secret(t, secret)
    for of_secret, end in ends.items():
        t.run(t.sql.end_secret, of_secret=of_secret, of_client=secret.client_id, end=end)
    _note(t, act)


def end_secret(t: Transaction, client_id: str, secret_id: int, at: int, act: Act) -> bool:
    """One secret ends, unless it has; the last one does not."""
    ended = bool(t.run(t.sql.end_secret, of_secret=secret_id, of_client=client_id, end=at))
    if ended:
        if not t.rows(t.sql.living_secret, client_id=client_id, at=at):
            raise Stale("no other secret works any more")
        _note(t, act)
    return ended


def compromise(t: Transaction, client_id: str, secret: Secret | None, act: Act, supposed: Supposed) -> None:
    """All that the application's credentials opened is shut. An edit begun before is stale, lest it opens it again."""
    _require(t, client_id, supposed)
    t.run(t.sql.raise_generation, of_client=client_id)
    t.run(t.sql.remove_secrets, client_id=client_id)
    if secret is not None:
        _add_secret(t, secret)
    _note(t, act)


def revoke(t: Transaction, row_ids: Sequence[int], now: int, act: Act | None) -> int:
    """Those that were not revoked yet are."""
    revoked = sum(t.run(t.sql.revoke, of_token=row_id, now=now) for row_id in row_ids)
    if revoked:
        t.run(t.sql.raise_changes)
    if act is not None:
        t.run(t.sql.add_act, **act_row(act))
    return revoked


def used(t: Transaction, tokens: Sequence[Use], secrets: Sequence[Use], acts: Sequence[Act]) -> None:
    """Last-used times, in the order of the rows, and acts."""
    t.run_each(t.sql.token_used, map(_use_row, sorted(tokens, key=attrgetter("id"))))
    t.run_each(t.sql.secret_used, map(_use_row, secrets))
    t.run_each(t.sql.add_act, map(act_row, acts))


def sweep(t: Transaction, before: int, limit: int) -> int:
    """Up to `limit` rows of the expired, then of those whose application was removed."""
    swept = t.run(t.sql.sweep_expired, before=before, limit=limit)
    while swept < limit and (forgotten := t.rows(t.sql.some_forgotten)):
        ((client_id,),) = forgotten
        for statement in (
            t.sql.sweep_forgotten,
            *t.sql.grants.sweep_forgotten,
            t.sql.farewells.sweep_forgotten,
            t.sql.lists.forget_counts,
        ):
            swept += t.run(statement, client_id=client_id, limit=limit - swept)
        if swept < limit:
            t.run(t.sql.forgotten_is_swept, client_id=client_id)
    return swept


def sweep_secrets(t: Transaction, before: int, limit: int) -> int:
    """Up to `limit` secrets that ended long ago, but no application's newest."""
    return t.run(t.sql.sweep_secrets, before=before, limit=limit)


def save_keys(t: Transaction, was: Sequence[SigningKey], keys: Sequence[SigningKey], act: Act | None) -> None:
    """The new set of signing keys in place of the old one."""
    if _states(map(key_of, t.rows(t.sql.keys))) != _states(was):
        raise Stale("the signing keys have changed meanwhile")
    t.run(t.sql.remove_keys)
    for position, key in enumerate(keys):
        t.run(t.sql.add_key, **key_row(position, key))
    t.run(t.sql.raise_changes)
    if act is not None:
        t.run(t.sql.add_act, **act_row(act))


def lease(t: Transaction, holder: str, now: int, length: int) -> Lease:
    """The number that the holder has, for longer, or the one that has been free for the longest time."""
    held = t.rows(t.sql.held, holder=holder)
    found = held or t.rows(t.sql.longest_free, now=now)
    if not found:
        raise Taken("all process numbers are held")
    ((number, since, until),) = found
    since = since if held else max(now, until + 1)
    until = max(until, max(now, since) + length)
    t.run(t.sql.hold, of_process=number, holder=holder, since=since, until=until, knows=HEAD)
    return Lease(number, since, until)


def release(t: Transaction, holder: str) -> None:
    """The holder's number is free; ids under it still begin behind the lease."""
    t.run(t.sql.release, of_holder=holder)


def set_aside(t: Transaction, after: int) -> int:
    """The numbers that a wrong clock has leased are nobody's until that time has come."""
    return t.run(t.sql.set_aside, after=after)


def _note(t: Transaction, act: Act) -> None:
    t.run(t.sql.raise_changes)
    t.run(t.sql.add_act, **act_row(act))


def _add_secret(t: Transaction, secret: Secret) -> None:
    try:
        t.run(t.sql.add_secret, **secret_row(secret))
    except Violation as error:
        raise Taken("there is a secret with this row id already") from error


def _add_origins(t: Transaction, client: Client) -> None:
    """From where the pages of a single-page application call."""
    if client.type is ApplicationType.SPA:
        found = {origin for uri in client.redirect_uris if (origin := origin_of(uri)) is not None}
        t.run_each(t.sql.add_origin, [{"origin": each, "client_id": client.client_id} for each in sorted(found)])


def _require(t: Transaction, client_id: str, supposed: Supposed) -> None:
    """The application is there, and as it was supposed to be. Raises Gone, Stale."""
    found = t.rows(t.sql.standing, client_id=client_id)
    if not found:
        raise Gone(f"there is no application {client_id!r}")
    require_standing(supposed, client_id, *found[0])


def _require_owner(t: Transaction, owner: int | None) -> None:
    """See that the account is there that is to own it: a name alone would be inherited by its next bearer."""
    if owner is not None and not t.rows(t.sql.people.user_with, id=owner):
        raise owner_gone()


def _stale_or_gone(t: Transaction, client_id: str) -> Stale | Gone:
    if t.rows(t.sql.client, client_id=client_id):
        return Stale("the application was edited meanwhile")
    return Gone(f"there is no application {client_id!r}")


def _use_row(use: Use) -> Mapping[str, object]:
    return {"of_row": use.id, "at": use.at, "address": use.address}


def _states(keys: "Sequence[SigningKey] | map[SigningKey]") -> set[tuple[str, str]]:
    return {(key.kid, key.state.value) for key in keys}
