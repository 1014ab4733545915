"""`/console/scopes/preview/…`: what people would be asked, and what an application would get, with this selection.

By the page that asks and the rules that issue; nothing is granted, and no token comes of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

import msgspec

from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.scopes.choosing import chosen_or_found
from scopekeeper.oauth.applications import TYPES
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import grantor_of
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, TokenFormat
from scopekeeper.oauth.redirects import place_of
from scopekeeper.oauth.rehearsal import Rehearsal, grant_of, rehearsed
from scopekeeper.oauth.token import scope_of
from scopekeeper.pages.consent import asked_of_person, lasts_of
from scopekeeper.pages.page import OWN
from scopekeeper.pages.selection import Selection, selection_of
from scopekeeper.pages.words import LANGUAGES
from scopekeeper.scopes import missing
from scopekeeper.wire import Reply

PAGE: Final = "/console/scopes/preview"

EXAMPLE: Final = Client(
    client_id="example",
    type=ApplicationType.WEB,
    name="Example application",
    description="Whatever an application says of itself stands here.",
    website="https://app.example/",
    scope=(),
    grant_types=TYPES[ApplicationType.WEB].defaults,
    redirect_uris=("https://app.example/callback",),
    created_at=0,
)
"""Who asks where no application is chosen."""

_OTHER_FORMAT: Final = {TokenFormat.OPAQUE: "jwt", TokenFormat.JWT: "opaque"}
_LANGUAGE_NAMES: Final = {"en": "English", "de": "Deutsch"}


@dataclass(frozen=True, slots=True)
class Previews:
    """Both previews. Whichever application is chosen is taken to have the selection as its ceiling."""

    desk: Desk

    async def token(self, call: Call) -> Reply:
        """The token response, and what the token says."""
        selection = self._selection(call)
        chosen, found = await chosen_or_found(self.desk, call.query.one("client"), call.query.one("application"))
        asking = _with(chosen or EXAMPLE, selection, call.query.one("format"))
        rehearsal, refused = self._rehearsed(call, asking, selection)
        facts = {
            "selection": selection,
            "client": chosen,
            "found": found,
            "name": call.query.one("application"),
            "format": asking.token_format.value,
            "otherwise": _address("token", selection, chosen, format=_OTHER_FORMAT[asking.token_format]),
            "asks": grant_of(asking) is not GrantType.CLIENT_CREDENTIALS,
            "lacking": () if chosen is None else missing(chosen.scope, selection.scopes),
            "consent": _address("consent", selection, chosen),
            "rehearsal": None if rehearsal is None else _shown(rehearsal),
            "refused": refused,
        }
        return self.desk.sheets(call, "scopes_token.html", facts)

    async def consent(self, call: Call) -> Reply:
        """The page that a person would be asked by: the same template, with nothing that could be sent."""
        selection = self._selection(call)
        chosen, _ = await chosen_or_found(self.desk, call.query.one("client"), "")
        client = _with(chosen or EXAMPLE, selection)
        refused = None
        try:
            asked = scope_of(selection.text, client, self.desk.catalogue.__contains__, person=True)
        except OAuthError as error:
            asked, refused = (), error
        language = call.query.one("language", "en")
        visit = replace(call.visit, words=LANGUAGES.get(language, call.visit.words))
        facts = {
            **asked_of_person(
                call.stay.user,
                client,
                asked,
                place=place_of(next(iter(client.redirect_uris), "https://app.example/")),
                lasts=lasts_of(client, self.desk.lifetimes),
                catalogue=self.desk.catalogue,
            ),
            "refused": refused,
            "never_asks": grant_of(client) is GrantType.CLIENT_CREDENTIALS,
            "back": _address("token", selection, chosen),
            "languages": [
                (_address("consent", selection, chosen, language=each), _LANGUAGE_NAMES.get(each, each), each)
                for each in LANGUAGES
            ],
        }
        return self.desk.pages(visit, "console/scopes_consent.html", facts, guards=OWN)

    def _selection(self, call: Call) -> Selection:
        return selection_of(call.query.all("scope"), self.desk.catalogue)

    def _rehearsed(
        self, call: Call, client: Client, selection: Selection
    ) -> tuple[Rehearsal | None, OAuthError | None]:
        stay, desk = call.stay, self.desk
        try:
            return (
                rehearsed(
                    client,
                    selection.text,
                    stay.user,
                    grantor_of(stay.user, stay.session),
                    call.now,
                    desk.issuer,
                    desk.lifetimes,
                    desk.catalogue.__contains__,
                    desk.issuing.subjects,
                ),
                None,
            )
        except OAuthError as refused:
            return None, refused


def _with(client: Client, selection: Selection, format: str = "") -> Client:
    """The application as it would be with this selection for its ceiling."""
    formats = {each.value: each for each in TokenFormat}
    return replace(client, scope=selection.scopes, enabled=True, token_format=formats.get(format, client.token_format))


def _address(which: str, selection: Selection, client: Client | None, **more: str) -> str:
    said = {"scope": selection.text, "client": "" if client is None else client.client_id, **more}
    return f"{PAGE}/{which}?{urlencode({name: value for name, value in said.items() if value})}"


def _shown(rehearsal: Rehearsal) -> Mapping[str, object]:
    """As text, for people."""
    return {
        "grant_type": rehearsal.grant_type.value,
        "response": _json(rehearsal.response),
        "claims": None if rehearsal.claims is None else _json(rehearsal.claims),
        "identity": None if rehearsal.identity is None else _json(rehearsal.identity),
        "introspection": _json(rehearsal.introspection),
    }


def _json(value: Mapping[str, object]) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
