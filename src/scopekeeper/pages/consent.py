"""What the consent page says, to a person who is asked and to an administrator who looks at what people would be asked
(RFC 6749 §10.2, OpenID Connect Core §3.1.2.4)."""

from collections.abc import Mapping, Sequence

from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.sessions import outlives
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.pages.wording import grouped
from scopekeeper.scopes import Catalogue


def asked_of_person(
    user: User,
    client: Client,
    scope: Sequence[str],
    *,
    place: str,
    lasts: int,
    catalogue: Catalogue,
    known: Sequence[str] = (),
    claims: Sequence[str] = (),
    known_claims: Sequence[str] = (),
) -> Mapping[str, object]:
    """What `consent.html` says: who asks, in whose name, for what, for how long, and where the answer goes.

    `known` is what the person allows this application already. `claims` are those that are asked for one by one.
    """
    return {
        "user": user,
        "client": client,
        "place": place,
        "groups": grouped(scope, catalogue, known, claims, known_claims),
        "known": bool(known),
        "lasts": lasts,
        "offline": outlives(client, tuple(scope)),
    }


def lasts_of(client: Client, lifetimes: Lifetimes, *, code: bool = True) -> int:
    """Seconds for which the application can act, at most: what a `code` buys may be refreshed."""
    if code and GrantType.REFRESH_TOKEN in client.grant_types:
        return lifetimes.refresh_token
    return client.access_token_lifetime or lifetimes.access_token
