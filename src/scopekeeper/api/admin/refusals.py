"""What the services refuse, in the words of the API."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from scopekeeper.oauth.applications import Unfit
from scopekeeper.oauth.giving import Exceeds
from scopekeeper.oauth.people import UnfitPerson
from scopekeeper.sdk import Conflict, Forbidden, Invalid, NotFound
from scopekeeper.sdk.data import Changed
from scopekeeper.services.accounts import LastAdministrator
from scopekeeper.services.keys import TooSoon
from scopekeeper.services.ports import Gone, Stale, Taken

_FIELDS: Final[Mapping[str, str]] = {
    "grant": "grant_types",
    "pkce": "pkce_required",
    "redirect_uri": "redirect_uris",
    "post_logout_redirect_uri": "post_logout_redirect_uris",
    "default_acr_value": "default_acr_values",
}
"""The body's fields that the rules call as the command line does."""


@contextmanager
def told() -> Iterator[None]:
    """Let what the services refuse be told to the caller; what has changed meanwhile is tried again.

    What would give more than the caller holds is a plain 403, without a challenge. `insufficient_scope` names the scope
    that the protected resource takes (RFC 6750 §3.1), and that is held: what lacks depends on what the body asks for. A
    client that heard the challenge would ask its person for the scopes of everything that it might ever give.
    """
    try:
        yield
    except Exceeds as exceeds:
        raise Forbidden(sentence(exceeds)) from exceeds
    except Unfit as unfit:
        if unfit.field == "secret":  # no field of a body: which one is meant, the path says
            raise Conflict(sentence(unfit)) from unfit
        raise Invalid(_FIELDS.get(unfit.field, unfit.field), sentence(unfit)) from unfit
    except UnfitPerson as unfit:
        raise Invalid(unfit.field, sentence(unfit)) from unfit
    except Gone as gone:
        raise NotFound(sentence(gone)) from gone
    except (Taken, LastAdministrator, TooSoon) as refused:
        raise Conflict(sentence(refused)) from refused
    except Stale:
        raise Changed from None


def sentence(words: Exception) -> str:
    """The words of a refusal, which begin small and end without a stop, as a sentence."""
    text = str(words)
    return f"{text[:1].upper()}{text[1:]}."
