"""Fetches on somebody else's word: what the services ask for, and the little that they tell whoever named the address.

Whoever can name an address and hear how it went could look around where only this server can look. So every cause has
the one text; what it was is in the log, with the host, and never with path, query or what was answered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import msgspec
import structlog

from scopekeeper.oauth.outbound import Unreachable, url_of

LARGEST: Final = 65_536
"""Bytes of an answer."""
LONGEST: Final = 5.0
"""Seconds that a fetch may take, with all that belongs to it."""

log = structlog.get_logger(__name__)

_decode: Final = msgspec.json.Decoder().decode


class NotFetched(Exception):
    """It could not be fetched, or was not what it has to be. The text is the same for every cause, and safe to show."""

    def __init__(self) -> None:
        super().__init__(
            "it cannot be fetched: it has to be at a public https address, and answer within 5 seconds, without a "
            "redirect, with what is expected there, in 64 kB at most"
        )


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer that is no redirect."""

    status: int
    media_type: str
    """In lower case, without parameters; empty where none is named."""
    body: bytes = field(repr=False)


class Fetching(Protocol):
    """The one way out of the server to addresses that others have named.

    Every implementation goes only where `oauth.outbound` lets it, connects to the very address that was judged, follows
    no redirect, takes nothing from the environment, keeps nothing from one fetch to the next, and bounds size and time.
    """

    async def get(self, url: str, *, accept: str, authorization: str | None = None) -> Fetched:
        """Ask for what is there. `accept`: media types, as the header has them. Raises NotFetched.

        `authorization`: by what we prove there who we are, as the header of that name has it.
        """
        ...

    async def post(self, url: str, form: Mapping[str, str], *, authorization: str | None = None) -> Fetched:
        """Send a form there (`application/x-www-form-urlencoded`). Raises NotFetched."""
        ...


class Nowhere:
    """Where nothing can be fetched: for houses that are opened without a way out."""

    async def get(self, url: str, *, accept: str, authorization: str | None = None) -> Fetched:
        """Never."""
        raise not_fetched(url, "nothing is fetched here")

    async def post(self, url: str, form: Mapping[str, str], *, authorization: str | None = None) -> Fetched:
        """Never."""
        raise not_fetched(url, "nothing is fetched here")


NOWHERE: Final[Fetching] = Nowhere()


async def json_at(fetching: Fetching, url: str, *, authorization: str | None = None) -> Any:
    """The JSON document at this address, whatever it says. Raises NotFetched."""
    fetched = await fetching.get(url, accept="application/json", authorization=authorization)
    if fetched.status != 200:
        raise not_fetched(url, f"status {fetched.status}")
    if fetched.media_type != "application/json" and not fetched.media_type.endswith("+json"):
        raise not_fetched(url, "no JSON by its media type")
    try:
        return _decode(fetched.body)
    except (msgspec.DecodeError, RecursionError):
        raise not_fetched(url, "no JSON") from None


def not_fetched(url: str, reason: str) -> NotFetched:
    """What to raise, after the log was told why. `reason` is of our words, or those of this machine's libraries."""
    try:
        host: str | None = url_of(url).host
    except Unreachable:
        host = None
    log.info("not fetched", host=host, reason=reason)
    return NotFetched()
