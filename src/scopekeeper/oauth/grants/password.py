"""password: a person's name and password, sent by the application itself (RFC 6749 §4.3).

Of the past (RFC 9700 §2.4), and only for applications on which it was switched on. It has no room for a second factor
(RFC 9700 §2.4 again): whoever has one, or needs one, is refused it.
"""

from scopekeeper.oauth.authentication import PASSWORD
from scopekeeper.oauth.beginning import begun
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Grantor
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.sessions import sure_enough
from scopekeeper.oauth.token import Issue, Mint, TokenRequest, require_grant, scope_of


def asked(request: TokenRequest, client: Client) -> tuple[str, str]:
    """Name and password as they were sent, by an application that may ask for them (RFC 6749 §4.3.2)."""
    require_grant(client, GrantType.PASSWORD)
    return request.required("username"), request.required("password")


def decide(request: TokenRequest, client: Client, user: User, mint: Mint, *, more: bool) -> Issue:
    """A grant of this person, whose password has just been proven. There is no session that it could end with.

    `more`: have they to show more than that when they sign in?
    """
    if more or not sure_enough(client, (PASSWORD,)):
        raise OAuthError.password_is_not_enough()
    scope = scope_of(request.parameters.get("scope"), client, mint.known, person=True)
    grantor = Grantor(user.id, user.name, auth_time=mint.now)
    return begun(client, grantor, scope, GrantType.PASSWORD, mint, address=request.address)
