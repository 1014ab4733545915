"""How text is looked for: in any case, however it was composed. Every store looks for the same."""

from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client
from scopekeeper.services.lists import folded
from scopekeeper.services.ports import Act


def sought_of_client(client: Client) -> str:
    """Where an application is looked for. Its owner's name is folded already, and changes with the account."""
    return folded("\n".join((client.name, client.description, client.client_id)))


def sought_of_user(user: User) -> str:
    """Where an account is looked for."""
    return folded("\n".join((user.name, user.email or "", *((user.full_name,) if user.full_name else ()))))


def sought_of_act(act: Act, details: str) -> str:
    """Where an act is looked for; its details as they are kept."""
    return folded("\n".join((act.actor, act.action, act.target, act.address or "", details)))
