"""What stands in the boxes of an application's form: as it was typed, or as the application is.

An edit is what somebody made of it: two of these can be compared, box by box.
"""

from dataclasses import dataclass, fields, replace
from typing import Final, Self

from scopekeeper.console.applications.kinds import type_of
from scopekeeper.console.call import Fields
from scopekeeper.oauth.applications import GRANT_NAMES, TYPES, UNSET, Changes, Draft, Unfit, Unset, short
from scopekeeper.oauth.identity import ID_TOKEN_ALG
from scopekeeper.oauth.records import ApplicationType, Client, Outliving, SubjectType, TokenFormat
from scopekeeper.oauth.sessions import FRAMED
from scopekeeper.settings import BadValue, seconds_of

_FORMATS: Final = frozenset(each.value for each in TokenFormat)
_SUBJECTS: Final = frozenset(each.value for each in SubjectType)
_OUTLIVING: Final = frozenset(each.value for each in Outliving)
_OFFLINE: Final = Outliving.OFFLINE_ACCESS.value
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"))


@dataclass(frozen=True, slots=True)
class Filled:
    """The boxes, all of them text as people write it."""

    type: str = ""
    name: str = ""
    description: str = ""
    website: str = ""
    owner: str = ""
    scope: tuple[str, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""
    frontchannel_logout_uri: str = ""
    outlives_session: str = _OFFLINE
    grants: tuple[str, ...] = ()
    """Those on top of the type's own, by the names that people type."""
    token_format: str = TokenFormat.OPAQUE.value
    signing_alg: str = "ES256"
    id_token_alg: str = ID_TOKEN_ALG
    userinfo_alg: str = ""
    subject_type: str = SubjectType.PUBLIC.value
    sector_identifier_uri: str = ""
    default_max_age: str = ""
    default_acr_values: tuple[str, ...] = ()
    required_acr: str = ""
    access_token_lifetime: str = ""
    code_lifetime: str = ""
    pkce: str = "required"
    trusted: bool = False
    resource_server: bool = False

    @classmethod
    def of_form(cls, form: Fields, type: str) -> Self:
        """As it was sent. What only other types have (its boxes are out of sight) is not looked at."""
        known = type_of(type)
        able = {short(grant) for grant in TYPES[known].switches} if known is not None else set(GRANT_NAMES)
        browsed = known is not ApplicationType.M2M
        return cls(
            type=type,
            name=form.one("name"),
            description=form.one("description").replace("\r\n", "\n"),
            website=form.one("website") if browsed else "",
            owner=form.one("owner"),
            scope=tuple(dict.fromkeys(" ".join(form.all("scope")).split())),
            redirect_uris=_lines(form, "redirect_uri") if browsed else (),
            post_logout_redirect_uris=_lines(form, "post_logout_redirect_uri") if browsed else (),
            backchannel_logout_uri=form.one("backchannel_logout_uri") if browsed else "",
            frontchannel_logout_uri=form.one("frontchannel_logout_uri") if known in (None, *FRAMED) else "",
            outlives_session=form.one("outlives_session", _OFFLINE) if browsed else _OFFLINE,
            grants=tuple(name for name in form.all("grant") if name in able),
            token_format=form.one("token_format", "opaque"),
            signing_alg=form.one("signing_alg", "ES256"),
            id_token_alg=form.one("id_token_alg", ID_TOKEN_ALG) if browsed else ID_TOKEN_ALG,
            userinfo_alg=form.one("userinfo_alg") if browsed else "",
            subject_type=form.one("subject_type", "public") if browsed else "public",
            sector_identifier_uri=form.one("sector_identifier_uri") if browsed else "",
            default_max_age=form.one("default_max_age") if browsed else "",
            default_acr_values=tuple(dict.fromkeys(form.all("default_acr_value"))) if browsed else (),
            required_acr=form.one("required_acr") if browsed else "",
            access_token_lifetime=form.one("access_token_lifetime"),
            code_lifetime=form.one("code_lifetime") if browsed else "",
            pkce="optional" if known is ApplicationType.WEB and "pkce_optional" in form else "required",
            trusted=browsed and "trusted" in form,
            resource_server="resource_server" in form,
        )

    @classmethod
    def of_client(cls, client: Client) -> Self:
        """As the application is."""
        own = TYPES[client.type].defaults
        return cls(
            type=client.type.value,
            name=client.name,
            description=client.description.replace("\r\n", "\n"),
            website=client.website or "",
            owner=client.owner or "",
            scope=client.scope,
            redirect_uris=client.redirect_uris,
            post_logout_redirect_uris=client.post_logout_redirect_uris,
            backchannel_logout_uri=client.backchannel_logout_uri or "",
            frontchannel_logout_uri=client.frontchannel_logout_uri or "",
            outlives_session=client.outlives_session.value,
            grants=tuple(short(grant) for grant in client.grant_types if grant not in own),
            token_format=client.token_format.value,
            signing_alg=client.signing_alg,
            id_token_alg=client.id_token_signed_response_alg,
            userinfo_alg=client.userinfo_signed_response_alg or "",
            subject_type=client.subject_type.value,
            sector_identifier_uri=client.sector_identifier_uri or "",
            default_max_age=_time(client.default_max_age),
            default_acr_values=client.default_acr_values,
            required_acr=client.required_acr or "",
            access_token_lifetime=_time(client.access_token_lifetime),
            code_lifetime=_time(client.code_lifetime),
            pkce="required" if client.pkce_required else "optional",
            trusted=client.trusted,
            resource_server=client.resource_server,
        )

    @classmethod
    def of_edit(cls, form: Fields, client: Client) -> Self:
        """As it was sent for this application. One that comes with the server has boxes for little: the rest stays."""
        filled = cls.of_form(form, client.type.value)
        if not client.built_in:
            return filled
        as_it_is = cls.of_client(client)
        return replace(as_it_is, scope=filled.scope, access_token_lifetime=filled.access_token_lifetime)

    def draft(self) -> Draft:
        """The application that is asked for. Raises Unfit."""
        type = type_of(self.type)
        if type is None:
            raise Unfit("type", "Choose which of the four types it is.")
        return Draft(
            name=self.name,
            type=type,
            scope=" ".join(self.scope),
            grants=self.grants,
            redirect_uris=self.redirect_uris,
            post_logout_redirect_uris=self.post_logout_redirect_uris,
            backchannel_logout_uri=self.backchannel_logout_uri or None,
            frontchannel_logout_uri=self.frontchannel_logout_uri or None,
            outlives_session=_outliving(self.outlives_session),
            description=self.description,
            website=self.website or None,
            owner=self.owner or None,
            token_format=_format(self.token_format),
            signing_alg=self.signing_alg,
            id_token_signed_response_alg=self.id_token_alg,
            userinfo_signed_response_alg=self.userinfo_alg or None,
            subject_type=_subject_type(self.subject_type),
            sector_identifier_uri=self.sector_identifier_uri or None,
            default_max_age=_seconds("default_max_age", self.default_max_age),
            default_acr_values=self.default_acr_values,
            required_acr=self.required_acr or None,
            access_token_lifetime=_seconds("access_token_lifetime", self.access_token_lifetime),
            code_lifetime=_seconds("code_lifetime", self.code_lifetime),
            pkce_required=self.pkce == "required",
            trusted=self.trusted,
            resource_server=self.resource_server,
        )

    def changes(self) -> Changes:
        """The edit that makes an application so. What its type's form has no box for stays as it is. Raises Unfit."""
        browsed = self.type != ApplicationType.M2M

        def boxed(value: str | None) -> str | Unset | None:
            return value if browsed else UNSET

        return Changes(
            name=self.name,
            scope=" ".join(self.scope),
            grants=self.grants,
            redirect_uris=self.redirect_uris if browsed else UNSET,
            post_logout_redirect_uris=self.post_logout_redirect_uris if browsed else UNSET,
            backchannel_logout_uri=boxed(self.backchannel_logout_uri or None),
            frontchannel_logout_uri=boxed(self.frontchannel_logout_uri or None),
            outlives_session=_outliving(self.outlives_session) if browsed else UNSET,
            description=self.description,
            website=boxed(self.website or None),
            owner=self.owner or None,
            token_format=_format(self.token_format),
            signing_alg=self.signing_alg,
            id_token_signed_response_alg=self.id_token_alg if browsed else UNSET,
            userinfo_signed_response_alg=boxed(self.userinfo_alg or None),
            subject_type=_subject_type(self.subject_type) if browsed else UNSET,
            sector_identifier_uri=boxed(self.sector_identifier_uri or None),
            default_max_age=_seconds("default_max_age", self.default_max_age) if browsed else UNSET,
            default_acr_values=self.default_acr_values if browsed else UNSET,
            required_acr=boxed(self.required_acr or None),
            access_token_lifetime=_seconds("access_token_lifetime", self.access_token_lifetime),
            code_lifetime=_seconds("code_lifetime", self.code_lifetime) if browsed else UNSET,
            pkce_required=self.pkce == "required" if self.type == ApplicationType.WEB else UNSET,
            trusted=self.trusted if browsed else UNSET,
            resource_server=self.resource_server,
        )

    def differs(self, other: "Filled") -> tuple[str, ...]:
        """The boxes in which something else stands."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) != getattr(other, each.name))


def _lines(form: Fields, name: str) -> tuple[str, ...]:
    """Of boxes that hold one each, and (without scripts) of one that holds more, one a line."""
    typed = [line.strip() for value in form.all(name) + form.all(f"more_{name}") for line in value.splitlines()]
    return tuple(dict.fromkeys(line for line in typed if line))


def _format(text: str) -> TokenFormat:
    if text not in _FORMATS:
        raise Unfit("token_format", "Tokens are opaque, or JWTs.")
    return TokenFormat(text)


def _subject_type(text: str) -> SubjectType:
    if text not in _SUBJECTS:
        raise Unfit("subject_type", "Subjects are public or pairwise.")
    return SubjectType(text)


def _outliving(text: str) -> Outliving:
    if text not in _OUTLIVING:
        raise Unfit("outlives_session", "Nothing goes on, or what has offline_access, or everything.")
    return Outliving(text)


def _seconds(field: str, text: str) -> int | None:
    if not text:
        return None
    try:
        return seconds_of(text)
    except BadValue as bad:
        raise Unfit(field, f"A time {bad}.") from bad


def _time(seconds: int | None) -> str:
    if seconds is None:
        return ""
    return next((f"{seconds // unit}{sign}" for unit, sign in _UNITS if seconds % unit == 0), f"{seconds}s")
