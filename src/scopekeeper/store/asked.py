"""What is asked of a list, as the parameters of its statement. None: that is not asked."""

from collections.abc import Mapping

from scopekeeper.scopes import lineage
from scopekeeper.services.lists import HOUR, ActsAsked, ClientsAsked, ConsentsAsked, TokensAsked, UsersAsked, folded
from scopekeeper.services.mint import first_row_id
from scopekeeper.store.list_statements import COVERING

Asked = Mapping[str, object]


def clients_asked(asked: ClientsAsked) -> Asked:
    return {
        "text": folded(asked.text) or None,
        "type": None if asked.type is None else asked.type.value,
        "owner": asked.owner,
        "enabled": asked.enabled,
        **_covering(asked.scope),
    }


def tokens_asked(asked: TokensAsked) -> Asked:
    """What was issued within some time has a row id of that time: so it is found by its key, within an hour."""
    return {
        "client_id": asked.client_id,
        "user": asked.user,
        "since": asked.since,
        "until": asked.until,
        "since_id": None if asked.since is None else id_since(asked.since),
        "until_id": None if asked.until is None else first_row_id(asked.until + HOUR),
        "family": asked.family,
        **_covering(asked.scope),
    }


def id_since(second: int) -> int:
    """No token that was issued at this time or after it has a lesser row id, if clocks differ by an hour at most."""
    return first_row_id(second - HOUR)


def consents_asked(asked: ConsentsAsked) -> Asked:
    return {"client_id": asked.client_id, "user": asked.user}


def users_asked(asked: UsersAsked) -> Asked:
    return {"text": folded(asked.text) or None, "admin": asked.admin, "enabled": asked.enabled}


def acts_asked(asked: ActsAsked) -> Asked:
    """Whatever begins with an action and a dot lies before what begins with it and a slash, the next character."""
    return {
        "text": folded(asked.text) or None,
        "actor": asked.actor,
        "action": asked.action,
        "action_from": f"{asked.action}.",
        "action_to": f"{asked.action}/",
        "target": asked.target,
        "since": asked.since,
        "until": asked.until,
        "after": asked.after,
        "looked_at": asked.looked_at,
    }


def _covering(scope: str | None) -> Asked:
    """What covers the scope; the scope itself once more for as often as there is not as much."""
    if scope is None:
        return {}
    covering = (*lineage(scope), *[scope] * len(COVERING))[: len(COVERING)]
    return {name: f" {each} " for name, each in zip(COVERING, covering, strict=True)} | {"scope_stem": covering[1]}
