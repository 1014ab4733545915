"""Every statement that lists a page at a time, by key; and those on what is counted."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Label,
    Table,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.services.lists import ClientOrder, Kind
from scopekeeper.services.looks import AS_PERSON
from scopekeeper.store.listing import Listing, Rows
from scopekeeper.store.rows import ACT, APPLICATION, USER
from scopekeeper.store.statement import ZERO, Statement, Uncompiled, instr, upsert
from scopekeeper.store.tables import (
    Number,
    Text,
    acts,
    applications,
    consents,
    families,
    forgotten,
    refresh_tokens,
    secrets,
    tokens,
    usage,
    users,
)

COVERING: Final = ("scope", "scope_1", "scope_2", "scope_3")
"""The parameters for what covers a scope, the widest first, each between spaces: no scope has more than four parts."""

KINDS: Final = tuple(f"kind_{place}" for place in range(len(Kind)))
"""The parameters for the kinds of what is counted."""

_SPACE: Final[ColumnElement[str]] = literal_column("' '")
_NOTHING: Final[ColumnElement[str]] = literal_column("''")
_SYSTEM: Final = _NOTHING


class ListStatements:
    """The statements, in the words of one database."""

    def __init__(self, dialect: Dialect) -> None:
        def of(make: Callable[[], ClauseElement]) -> Statement:
            return Uncompiled(make, dialect)

        self.clients = {order: _clients(order, dialect) for order in ClientOrder}
        self.clients_sought = _clients(ClientOrder.NAME, dialect, sought=True)
        self.tokens = _tokens(dialect)
        self.oldest_token = of(_oldest_token)
        self.refresh_tokens = _refresh_tokens(dialect)
        self.refresh_tokens_of = _refresh_tokens_of(dialect)
        self.consents = _consents(dialect)
        self.consents_of_many = _consents(dialect, many=True)
        self.users = _users(dialect)
        self.acts = _acts(dialect)
        self.act = of(lambda: select(*ACT).where(acts.c.id == bindparam("id")))

        self.add_count = of(lambda: _add_count(dialect))
        self.client_used = of(
            lambda: (
                update(applications)
                .where(applications.c.client_id == bindparam("of_client"))
                .where(applications.c.last_used_at.is_(None) | (applications.c.last_used_at < bindparam("at")))
                .values(last_used_at=bindparam("at"))
            )
        )
        self.counts = {width: of(partial(_counts, width)) for width in range(1, len(Kind) + 1)}
        self.sums = {width: of(partial(_sums, width)) for width in range(1, len(Kind) + 1)}
        self.sweep_counts = of(lambda: _delete_counts(usage.c.hour < bindparam("before")))
        self.sweep_forgotten_counts = of(lambda: _delete_counts(usage.c.client_id.in_(select(forgotten.c.client_id))))
        self.forget_counts = of(lambda: _delete_counts(usage.c.client_id == bindparam("client_id")))


def _clients(order: ClientOrder, dialect: Dialect, *, sought: bool = False) -> Listing:
    """Applications with their secrets: a row for each of these, or one with none in it.

    Along the index of the names each row lies elsewhere. Where few are `sought` among all, they are read as they lie,
    and those that are found are sorted: a name to which nothing is added is in no index.
    """
    newest = order is ClientOrder.NEWEST
    name = applications.c.name_folded + _NOTHING if sought else applications.c.name_folded
    place: Label[Any] = (applications.c.created_at if newest else name).label("place")

    def along(*columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
        return [column.desc() if newest else column for column in columns]

    def with_secrets(page: Rows) -> ClauseElement:
        chosen = page.subquery("page")
        joined = chosen.join(applications, applications.c.client_id == chosen.c.client_id).outerjoin(
            secrets, secrets.c.client_id == chosen.c.client_id
        )
        in_order = *along(chosen.c.place, chosen.c.client_id), secrets.c.id
        return select(*APPLICATION, secrets).select_from(joined).order_by(*in_order)

    here = tuple_(place.element, applications.c.client_id)
    behind = tuple_(bindparam("place", type_=Number if newest else Text), bindparam("after", type_=Text))
    narrowing = {
        "text": or_(_within(applications.c.sought), _within(applications.c.owner)),
        "type": applications.c.type == bindparam("type"),
        "owner": applications.c.owner == bindparam("owner"),
        "enabled": applications.c.enabled == bindparam("enabled"),
        "scope": _covers(applications.c.scope),
        "after": here < behind if newest else here > behind,
    }
    rows = select(applications.c.client_id, place)
    return Listing(rows, along(place.element, applications.c.client_id), narrowing, dialect, completed=with_secrets)


def _tokens(dialect: Dialect) -> Listing:
    # Tokens stay for a while after their end. The oldest that has not expired bounds how far back one looks. The expiry
    # is compared as a difference lest SQLite takes its index, and then sorts all that live.
    alive = exists().where(families.c.id == tokens.c.family_id, families.c.revoked_at.is_(None))
    rows = (
        select(tokens)
        .where(tokens.c.id >= bindparam("oldest"), tokens.c.expires_at - bindparam("now") > ZERO)
        .where(tokens.c.revoked_at.is_(None), or_(tokens.c.family_id.is_(None), alive), _of_generation(tokens))
    )
    return Listing(rows, [tokens.c.id.desc()], _issued(tokens, tokens), dialect)


def _oldest_token() -> ClauseElement:
    """Of those that live, how many, up to one more than `most`, and the oldest of these."""
    some = select(tokens.c.id).where(tokens.c.expires_at > bindparam("now")).limit(bindparam("most")).offset(ZERO)
    found = some.subquery("some")
    return select(func.count(), func.min(found.c.id)).select_from(found)


def _refresh_tokens(dialect: Dialect) -> Listing:
    """Those that work, each behind its family: read as they lie, the newest first."""
    rows = _renewing(families.c.id == refresh_tokens.c.family_id + ZERO)  # in no index, so nothing begins with families
    return Listing(rows, [refresh_tokens.c.id.desc()], _issued(refresh_tokens, families), dialect)


def _refresh_tokens_of(dialect: Dialect) -> Listing:
    """The same of one family, person or application: found by these, and sorted."""
    rows = _renewing(refresh_tokens.c.family_id == families.c.id)
    named = select(users.c.id).where(users.c.name == bindparam("user"))
    narrowing = _issued(refresh_tokens, families)
    narrowing["user"] &= families.c.user_id == named.scalar_subquery()
    return Listing(rows, [(refresh_tokens.c.id + ZERO).desc()], narrowing, dialect)


def _renewing(one: ColumnElement[bool]) -> Rows:
    return (
        select(families, refresh_tokens)
        .select_from(refresh_tokens.join(families, one))
        .where(refresh_tokens.c.spent_at.is_(None), refresh_tokens.c.expires_at > bindparam("now"))
        .where(families.c.revoked_at.is_(None), families.c.expires_at > bindparam("now"), _of_generation(families))
    )


def _consents(dialect: Dialect, *, many: bool = False) -> Listing:
    """Each with its person's name behind it.

    Where `many` allow an application something, people are gone through by name and nothing is sorted: a client_id to
    which nothing is added is in no index.
    """
    client_id = consents.c.client_id + _NOTHING if many else consents.c.client_id
    behind = tuple_(bindparam("after", type_=Text), bindparam("after_client", type_=Text))
    rows = select(consents, users.c.name).join(users, users.c.id == consents.c.user_id).where(_of_generation(consents))
    narrowing = {
        "client_id": client_id == bindparam("client_id"),
        "user": users.c.name == bindparam("user"),
        "after": (users.c.name >= bindparam("after")) & (tuple_(users.c.name, consents.c.client_id) > behind),
    }
    return Listing(rows, [users.c.name, consents.c.client_id], narrowing, dialect)


def _users(dialect: Dialect) -> Listing:
    narrowing = {
        "text": _within(users.c.sought),
        "admin": users.c.admin == bindparam("admin"),
        "enabled": users.c.enabled == bindparam("enabled"),
        "after": users.c.name > bindparam("after"),
    }
    return Listing(select(*USER), [users.c.name], narrowing, dialect)


def _acts(dialect: Dialect) -> Listing:
    below = (acts.c.action >= bindparam("action_from")) & (acts.c.action < bindparam("action_to"))
    narrowing = {
        "text": _within(acts.c.sought),
        "actor": acts.c.actor == bindparam("actor"),
        "action": or_(acts.c.action == bindparam("action"), below),
        "target": acts.c.target == bindparam("target"),
        "since": acts.c.at >= bindparam("since"),
        "until": acts.c.at < bindparam("until"),
        "after": acts.c.id > bindparam("after"),
        "before": acts.c.id < bindparam("before"),
        "looked_at": (acts.c.action == literal_column(f"'{AS_PERSON}'")) & (acts.c.target == bindparam("looked_at")),
    }
    return Listing(select(*ACT), [acts.c.id.desc()], narrowing, dialect)


def _issued(issued: Table, of: Table) -> dict[str, ColumnElement[bool]]:
    """What narrows tokens: what was issued when, and to whom that belongs."""
    return {
        "client_id": of.c.client_id == bindparam("client_id"),
        "user": of.c.user == bindparam("user"),
        "family": (issued.c.family_id if issued is of else of.c.id) == bindparam("family"),
        "scope": _covers(of.c.scope),
        "since": (issued.c.issued_at >= bindparam("since")) & (issued.c.id >= bindparam("since_id")),
        "until": (issued.c.issued_at < bindparam("until")) & (issued.c.id < bindparam("until_id")),
        "before": issued.c.id < bindparam("before"),
    }


def _of_generation(table: Table) -> ColumnElement[bool]:
    """Is its application there, and of the same generation?"""
    return exists().where(
        applications.c.client_id == table.c.client_id, applications.c.generation == table.c.generation
    )


def _within(column: ColumnElement[Any]) -> ColumnElement[bool]:
    return instr(column, bindparam("text", type_=Text)) > ZERO


def _covers(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Is the widest that covers the scope among these, or another? All others begin alike: most rows have no such."""
    spaced = _SPACE + column + _SPACE
    widest, *others = [instr(spaced, bindparam(name, type_=Text)) > ZERO for name in COVERING]
    return or_(widest, (instr(column, bindparam("scope_stem", type_=Text)) > ZERO) & or_(*others))


def _add_count(dialect: Dialect) -> ClauseElement:
    """Once more; of an application that is gone nothing is counted."""
    told: dict[str, ColumnElement[Any]] = {column.name: bindparam(column.name, type_=column.type) for column in usage.c}
    known = or_(told["client_id"] == _SYSTEM, exists().where(applications.c.client_id == bindparam("client_id")))
    adding = upsert(usage, dialect).from_select(list(told), select(*told.values()).where(known))
    merged: ClauseElement = adding.on_conflict_do_update(
        index_elements=list(usage.primary_key), set_={"times": usage.c.times + adding.excluded.times}
    )
    return merged


def _counts(width: int) -> ClauseElement:
    """What was counted of one application, of so many kinds."""
    return select(usage).where(*_counted(width)).order_by(usage.c.hour, usage.c.kind, usage.c.what)


def _sums(width: int) -> ClauseElement:
    """The same, summed up."""
    times, hour = func.sum(usage.c.times), usage.c.hour
    return (
        select(usage.c.kind, usage.c.what, times, func.min(hour), func.max(hour))
        .where(*_counted(width))
        .group_by(usage.c.kind, usage.c.what)
        .order_by(usage.c.kind, times.desc(), usage.c.what)
    )


def _counted(width: int) -> tuple[ColumnElement[bool], ...]:
    """Of one application, in some hours, of so many kinds."""
    return (
        usage.c.client_id == bindparam("client_id"),
        usage.c.hour >= bindparam("since"),
        usage.c.hour < bindparam("until"),
        usage.c.kind.in_([bindparam(name) for name in KINDS[:width]]),
    )


def _delete_counts(meant: ColumnElement[bool]) -> ClauseElement:
    key = list(usage.primary_key)
    return delete(usage).where(tuple_(*key).in_(select(*key).where(meant).limit(bindparam("limit")).offset(ZERO)))
