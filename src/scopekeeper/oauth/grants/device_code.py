"""device_code: a device asks whether somebody has let it in (RFC 8628 §3.4)."""

from scopekeeper.oauth.beginning import begun, require_person
from scopekeeper.oauth.errors import OAuthError, Replayed
from scopekeeper.oauth.granted import DeviceCode, Grantor
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.token import Issue, Mint, TokenRequest, left_of, require_grant


def asked(request: TokenRequest, client: Client) -> str:
    """The device code as it was sent, by an application that may redeem one (RFC 8628 §3.4)."""
    require_grant(client, GrantType.DEVICE_CODE)
    return request.required("device_code")


def approved_by(client: Client, device: DeviceCode, now: int) -> Grantor | None:
    """Who has let this device of this client in; None as long as nobody has decided (RFC 8628 §3.5).

    Raises Replayed where the device code has been redeemed before.
    """
    if (device.client_id, device.generation) != (client.client_id, client.generation):
        raise OAuthError.invalid_grant("the device code belongs to another client")
    if device.family_id is not None:
        raise Replayed(device.family_id)
    if now >= device.expires_at:
        raise OAuthError.expired_token()
    if device.approved is False:
        raise OAuthError.access_denied()
    return device.grantor if device.approved else None


def waits(*, in_time: bool) -> OAuthError:
    """What a device hears meanwhile: to ask again, or that it asks too often (RFC 8628 §3.5)."""
    return OAuthError.authorization_pending() if in_time else OAuthError.slow_down()


def decide(
    request: TokenRequest, client: Client, device: DeviceCode, grantor: Grantor, user: User | None, mint: Mint
) -> Issue:
    """A grant of the person who let the device in."""
    require_person(grantor, user)
    scope = left_of(device.scope, client, mint.known)
    return begun(client, grantor, scope, GrantType.DEVICE_CODE, mint, address=request.address)
