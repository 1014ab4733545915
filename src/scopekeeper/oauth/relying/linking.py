"""Which account of ours somebody is taken for whom a provider tells of for the first time."""

from collections.abc import Sequence

from scopekeeper.oauth.people import User
from scopekeeper.oauth.relying.id_token import Told
from scopekeeper.oauth.upstreams import Identity, Upstream


def same_address(one: str | None, other: str | None) -> bool:
    """Is it the same mailbox? In small and capital letters of ASCII; whatever goes beyond that is never the same.

    Unicode has letters that fold to those of somebody else's address (CVE-2019-19844).
    """
    return one is not None and other is not None and one.isascii() and other.isascii() and one.lower() == other.lower()


def linked_by_email(upstream: Upstream, told: Told, having: Sequence[User], known: Sequence[Identity]) -> User | None:
    """The account, if the address may stand for the person (row 53): both sides vouch for it, and nobody else has it.

    `having`: every account with this address; `known`: whom providers know those people as. Never an administrator,
    and never somebody whom this provider knows already: an address is given to another person when one leaves, a
    subject is not.
    """
    if not (upstream.link_by_email and told.email_verified) or len(having) != 1:
        return None
    [user] = having
    if not same_address(user.email, told.email) or not user.email_verified or not user.enabled or user.admin:
        return None
    return None if any(each.upstream_id == upstream.id for each in known) else user
