"""Lint: an application against OAuth 2.1 and its security practice, each finding with its reason and its mending."""

import json
from dataclasses import fields
from typing import Annotated, Any

from scopekeeper.api.admin.applications import found
from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Office
from scopekeeper.api.admin.showing import ClientId, jti_of_or_none
from scopekeeper.oauth.applications import GRANT_NAMES, UNSET, Changes
from scopekeeper.oauth.lint import Finding, Severity, worst
from scopekeeper.sdk import Caller, Meta, record


@record
class LintFinding:
    """One thing to be said of an application."""

    code: Annotated[str, Meta(description="Its name for programs. It never changes.", examples=["password_grant"])]
    severity: Severity
    title: Annotated[str, Meta(description="What it is, in a sentence.", examples=["It may use the password grant"])]
    reason: Annotated[
        str, Meta(description="Why that is so.", examples=["It teaches people to type their password elsewhere."])
    ]
    clause: Annotated[str, Meta(description="Where that is written.", examples=["RFC 9700 §2.4"])]
    fix: Annotated[str | None, Meta(description="What mends it: a merge patch, as JSON, for the application's PATCH.")]
    credential: Annotated[str | None, Meta(description="The id of the credential that it is about.")]


@record
class LintReport:
    """What there is to be said of an application, the worst first."""

    client_id: ClientId
    worst: Annotated[Severity | None, Meta(description="How bad the worst is; null: there is nothing to say.")]
    findings: list[LintFinding]


@api.read("GET /applications/{client_id}/lint", field="applicationLint", system=True, resource="applications")
async def lint_application(caller: Caller, client_id: str) -> LintReport:
    """An application against OAuth 2.1 and RFC 9700."""
    findings = await caller.provided(Office).lint(await found(caller, client_id))
    return LintReport(client_id, worst(findings), [_shown(each) for each in findings])


def _shown(finding: Finding) -> LintFinding:
    return LintFinding(
        code=finding.code,
        severity=finding.severity,
        title=finding.title,
        reason=finding.reason,
        clause=finding.clause,
        fix=None if finding.fix is None else json.dumps(_patch_of(finding.fix)),
        credential=jti_of_or_none(finding.secret_id),
    )


def _patch_of(changes: Changes) -> dict[str, Any]:
    """The same edit as the body of a PATCH."""
    named = {each.name: getattr(changes, each.name) for each in fields(changes)}
    patch = {
        name: list(value) if isinstance(value, tuple) else value for name, value in named.items() if value is not UNSET
    }
    if "grants" in patch:
        patch["grant_types"] = [GRANT_NAMES[grant].value for grant in patch.pop("grants")]
    return patch
