"""Who a person is to an application: the same as to others, or another for each sector (OpenID Connect Core §8). Pure.

A pairwise subject is made of the person and of the host to which the application sends people back, or of that at
which a document names all addresses that belong together (OpenID Connect Registration §5). It is drawn by
HMAC under a key that never leaves the server, so that nobody can go back from it, or put two of them together (§8.1).
"""

import hmac
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from scopekeeper.oauth.claims import subject_of
from scopekeeper.oauth.records import Client, SubjectType, Token
from scopekeeper.oauth.secrets import base62

LENGTH: Final = 43
"""Characters of a pairwise subject, and of a `sid`: 256 bits in base62."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """Says who people are. The key has to stay the same for as long as any application remembers a subject."""

    key: bytes = field(repr=False)

    def of(self, client: Client, user_id: int) -> str:
        """The person with this id, as this application knows them: always the same, and nobody else (§8)."""
        if client.subject_type is SubjectType.PUBLIC:
            return subject_of(user_id)
        sector = sector_of(client)
        assert sector is not None, "a pairwise application is registered with one sector"
        return self._drawn(f"{sector}\n{user_id}")

    def sid(self, client: Client, session_id: int) -> str:
        """What this application calls that session (OpenID Connect Back-Channel Logout §2.1, Front-Channel Logout §3).

        Always the same, and to each application another one: by two of them nobody sees that one person is meant. No
        host is an empty text, so it is drawn of what no subject is drawn of.
        """
        return self._drawn(f"\n{client.client_id}\n{session_id}")

    def _drawn(self, text: str) -> str:
        digest = hmac.digest(self.key, text.encode(), "sha256")
        return base62(int.from_bytes(digest, "big"), LENGTH)


def sub_of(token: Token, client: Client, subjects: Subjects) -> str:
    """For whom a token of this application speaks: the person, else the application itself (RFC 9068 §2.2)."""
    return token.client_id if token.user_id is None else subjects.of(client, token.user_id)


def sector_of(client: Client) -> str | None:
    """The host of its sector_identifier_uri, else the one of its redirect URIs; None where there is none (§8.1)."""
    if client.sector_identifier_uri is not None:
        return urlsplit(client.sector_identifier_uri).hostname
    hosts = {urlsplit(uri).hostname for uri in client.redirect_uris}
    return hosts.pop() if len(hosts) == 1 else None


def strangers_to(document: object, client: Client) -> tuple[str, ...] | None:
    """Those of its redirect URIs that the document of its sector does not name; None where it is no array of texts.

    As exact strings, so that nobody joins a sector whose host did not say so (OpenID Connect Registration §5).
    """
    if not isinstance(document, list) or not all(isinstance(each, str) for each in document):
        return None
    named = frozenset(document)
    return tuple(uri for uri in client.redirect_uris if uri not in named)
