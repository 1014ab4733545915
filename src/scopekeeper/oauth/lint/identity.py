"""Lint of what an application is told of people."""

from typing import Final

from scopekeeper.oauth.lint.finding import Examined, Finding, Severity
from scopekeeper.oauth.records import SubjectType
from scopekeeper.scopes import EMAIL, OPENID, PHONE, PROFILE

_TELLING: Final = (PROFILE, EMAIL, PHONE)
"""Scopes by whose claims people are known again elsewhere."""


def pairwise_known(it: Examined) -> Finding | None:
    """A subject of its own hides nobody whose address is told beside it (OpenID Connect Core §8.1)."""
    telling = [scope for scope in it.client.scope if scope in _TELLING]
    if it.client.subject_type is not SubjectType.PAIRWISE or not telling:
        return None
    return Finding(
        "pairwise_known",
        Severity.ADVICE,
        "Its pairwise subjects hide nobody",
        f"It may ask for {' and '.join(telling)}: by what that tells, people are known again at other applications.",
        "OpenID Connect Core §8.1",
    )


def no_openid(it: Examined) -> Finding | None:
    """Identity is told with `openid` alone (OpenID Connect Core §3.1.2.1)."""
    asking = [scope for scope in it.client.scope if scope in _TELLING]
    if not asking or OPENID in it.client.scope:
        return None
    return Finding(
        "no_openid",
        Severity.ADVICE,
        "It may not ask who somebody is",
        f"Its ceiling has {' and '.join(asking)}, which tells nothing without openid: userinfo refuses it.",
        "OpenID Connect Core §3.1.2.1",
    )
