"""Sectors: applications of several hosts whose people are the same to all of them (OpenID Connect Core §8.1)."""

from scopekeeper.oauth.applications import Unfit
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.subjects import strangers_to
from scopekeeper.services.outbound import Fetching, NotFetched, json_at, not_fetched

_FIELD = "sector_identifier_uri"


def must_ask(old: Client | None, new: Client) -> bool:
    """Does its host have to say anew that all redirect URIs belong together (OpenID Connect Registration §5)?

    Not where some are only taken away: that can be done, too, while the host is out of reach.
    """
    if new.sector_identifier_uri is None:
        return False
    return (
        old is None
        or new.sector_identifier_uri != old.sector_identifier_uri
        or not set(new.redirect_uris) <= set(old.redirect_uris)
    )


async def require_sector(fetching: Fetching, client: Client) -> None:
    """The document at its sector_identifier_uri names every one of its redirect URIs (OpenID Connect Registration §5).

    Raises Unfit.
    """
    uri = client.sector_identifier_uri
    assert uri is not None, "it is asked only where there is one"
    try:
        strangers = strangers_to(await json_at(fetching, uri), client)
        if strangers is None:
            raise not_fetched(uri, "no array of redirect URIs")
    except NotFetched as failed:
        raise Unfit(_FIELD, f"{failed}: a JSON array of all redirect URIs") from None
    if strangers:
        raise Unfit(_FIELD, f"the document there does not name {strangers[0]!r}, which is one of the redirect URIs")
