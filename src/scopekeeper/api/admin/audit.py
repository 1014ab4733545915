"""The audit log: who did what, to what, from where. Nobody writes here; every act writes its own record."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Office
from scopekeeper.api.admin.refusals import told
from scopekeeper.api.admin.showing import Ident, moment, page_of, row_behind, row_of, seconds_of
from scopekeeper.oauth.claims import jti_of
from scopekeeper.sdk import Caller, Meta, Page, Paging, record
from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.ports import Act

Actor = Annotated[str, Meta(description="Who did it.", examples=["user:alice"])]
Action = Annotated[str, Meta(description="What was done.", examples=["application.rotate"])]
Target = Annotated[str, Meta(description="To what: a client_id, a name, the id of a row.", examples=["alice"])]
Since = Annotated[datetime, Meta(description="Then or later.", examples=["2026-03-01T12:00:00Z"])]
Until = Annotated[datetime, Meta(description="Before then.", examples=["2026-03-02T12:00:00Z"])]


@record
class AuditDetail:
    """One fact of an act: its value, or the one before and the one after. What is no text is told as JSON."""

    name: Annotated[str, Meta(description="Which fact.", examples=["scope"])]
    value: str | None = None
    before: str | None = None
    after: str | None = None


@record
class AuditRecord:
    """One act."""

    id: Ident
    at: datetime
    actor: Actor
    action: Action
    target: Target
    address: Annotated[str | None, Meta(description="From where.")]
    details: list[AuditDetail]


@api.read("GET /audit", field="auditLog", system=True, resource="audit")
async def list_acts(
    caller: Caller,
    paging: Paging,
    text: Annotated[str, Meta(description="Text anywhere in them.", examples=["night shift"])] = "",
    actor: Actor | None = None,
    action: Action | None = None,
    target: Target | None = None,
    since: Since | None = None,
    until: Until | None = None,
) -> Page[AuditRecord]:
    """Acts, the newest first: those with this text anywhere in them, or all.

    `action` is one of them, or what they begin with: `application`.
    """
    log = caller.provided(Office).log
    asked = ActsAsked(
        text=text,
        actor=actor,
        action=action,
        target=target,
        since=seconds_of(since, "since"),
        until=seconds_of(until, "until"),
    )
    rows = await log.page(asked, before=row_behind(paging), limit=paging.limit + 1)
    return page_of(rows, paging, lambda each: jti_of(each.id), _shown, lambda: log.count(asked))


@api.read("GET /audit/{id}", field="auditRecord", system=True, resource="audit")
async def get_act(caller: Caller, id: str) -> AuditRecord:
    """One act."""
    with told():
        return _shown(await caller.provided(Office).log.get(row_of(id, "record")))


def _shown(act: Act) -> AuditRecord:
    return AuditRecord(
        id=jti_of(act.id),
        at=moment(act.at),
        actor=act.actor,
        action=act.action,
        target=act.target,
        address=act.address,
        details=[_detail(name, value) for name, value in act.details.items()],
    )


def _detail(name: str, value: object) -> AuditDetail:
    if isinstance(value, Mapping) and value.keys() == {"before", "after"}:
        return AuditDetail(name, before=_text(value["before"]), after=_text(value["after"]))
    return AuditDetail(name, value=_text(value))


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
