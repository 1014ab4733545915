"""The attributes of a user that are kept here, and those that are known and not kept (RFC 7643 §4.1, §7).

This table is the one description: `/Schemas` is written from it, and bodies, paths and filters are read by it. What it
does not know is misspelled, or somebody's own: in a resource that is ignored, in a path or a filter refused. What RFC
7643 knows and nobody keeps here is ignored everywhere, since directories send all that they have.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_USER: Final = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Type(StrEnum):
    """What an attribute's values are (RFC 7643 §2.3)."""

    STRING = "string"
    BOOLEAN = "boolean"
    DATE_TIME = "dateTime"
    REFERENCE = "reference"
    COMPLEX = "complex"


class Mutability(StrEnum):
    """When a value can be given."""

    READ_ONLY = "readOnly"
    READ_WRITE = "readWrite"
    IMMUTABLE = "immutable"
    WRITE_ONLY = "writeOnly"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute, with its characteristics (RFC 7643 §2.2)."""

    name: str
    description: str
    type: Type = Type.STRING
    multi_valued: bool = False
    required: bool = False
    case_exact: bool = False
    mutability: Mutability = Mutability.READ_WRITE
    returned: str = "default"
    uniqueness: str = "none"
    canonical: tuple[str, ...] = ()
    subs: tuple["Attribute", ...] = ()
    """Of a complex attribute: what it is made of."""
    unkept: frozenset[str] = frozenset()
    """Sub-attributes that RFC 7643 knows and nobody keeps here, in lower case."""
    stays: bool = False
    """Can it only be given, and never be taken away?"""
    by_name: Mapping[str, "Attribute"] = field(init=False, repr=False, compare=False)
    """Its sub-attributes, by their names in lower case."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", MappingProxyType({each.name.lower(): each for each in self.subs}))

    @property
    def textual(self) -> bool:
        """Is a value some text?"""
        return self.type in (Type.STRING, Type.REFERENCE, Type.DATE_TIME)

    def described(self) -> dict[str, object]:
        """As `/Schemas` tells of it (RFC 7643 §7)."""
        told: dict[str, object] = {
            "name": self.name,
            "type": self.type.value,
            "multiValued": self.multi_valued,
            "description": self.description,
            "required": self.required,
            "mutability": self.mutability.value,
            "returned": self.returned,
        }
        if self.type is Type.COMPLEX:
            return {**told, "subAttributes": [each.described() for each in self.subs]}
        if self.type is not Type.BOOLEAN:
            told |= {"caseExact": self.case_exact, "uniqueness": self.uniqueness}
        if self.canonical:
            told["canonicalValues"] = list(self.canonical)
        return told


_WORK: Final = Attribute("type", "Always `work`: one is kept.", canonical=("work",))
_PRIMARY: Final = Attribute("primary", "Is it the one that is kept? Of several the primary one is.", Type.BOOLEAN)

KEPT: Final = (
    Attribute(
        "userName",
        "The name of the account: 1 to 64 of a-z, 0-9 and . _ @ + -; capitals are made small. It is for ever.",
        required=True,
        mutability=Mutability.IMMUTABLE,
        uniqueness="server",
        stays=True,
    ),
    Attribute(
        "name",
        "How the person is called.",
        Type.COMPLEX,
        subs=(
            Attribute("formatted", "The whole name, as it is written."),
            Attribute("familyName", "Their family names."),
            Attribute("givenName", "Their given names."),
        ),
        unkept=frozenset({"middlename", "honorificprefix", "honorificsuffix"}),
    ),
    Attribute("displayName", "The same as name.formatted, which counts where both are changed."),
    Attribute(
        "emails",
        "The address that they are written to. One is kept: the primary one, else that of type `work`, else the first.",
        Type.COMPLEX,
        multi_valued=True,
        subs=(Attribute("value", "The address."), _WORK, _PRIMARY),
        unkept=frozenset({"display"}),
    ),
    Attribute(
        "phoneNumbers",
        "Their telephone number. One is kept, as of `emails`.",
        Type.COMPLEX,
        multi_valued=True,
        subs=(Attribute("value", "The number, with or without `tel:` before it."), _WORK, _PRIMARY),
        unkept=frozenset({"display"}),
    ),
    Attribute(
        "addresses",
        "Their postal address. One is kept, as of `emails`.",
        Type.COMPLEX,
        multi_valued=True,
        subs=(Attribute("formatted", "The address, in lines."), _WORK, _PRIMARY),
        unkept=frozenset({"streetaddress", "locality", "region", "postalcode", "country"}),
    ),
    Attribute("locale", "Their language, as BCP 47 has it: `de-AT`."),
    Attribute("timezone", "Their time zone, by its name in the IANA database: `Europe/Vienna`."),
    Attribute(
        "active",
        "May they sign in? Where it becomes false all sessions and tokens end. Left out, it stays as it was.",
        Type.BOOLEAN,
        stays=True,
    ),
    Attribute(
        "password",
        "What they sign in with. To give one takes a credential that holds everything.",
        case_exact=True,
        mutability=Mutability.WRITE_ONLY,
        returned="never",
        stays=True,
    ),
)
"""The attributes of the schema User, in the order in which they are told."""

_COMMON: Final = (
    Attribute("schemas", "", Type.REFERENCE, True, True, True, Mutability.READ_ONLY, "always"),
    Attribute("id", "", required=True, case_exact=True, mutability=Mutability.READ_ONLY, returned="always"),
    Attribute("externalId", "", case_exact=True),
    Attribute(
        "meta",
        "",
        Type.COMPLEX,
        mutability=Mutability.READ_ONLY,
        subs=tuple(
            Attribute(name, "", type, case_exact=True, mutability=Mutability.READ_ONLY)
            for name, type in (
                ("resourceType", Type.STRING),
                ("created", Type.DATE_TIME),
                ("lastModified", Type.DATE_TIME),
                ("location", Type.REFERENCE),
                ("version", Type.STRING),
            )
        ),
    ),
)
"""Those of every resource, which no schema tells of (RFC 7643 §3.1)."""

ATTRIBUTES: Final[Mapping[str, Attribute]] = {each.name.lower(): each for each in (*_COMMON, *KEPT)}
"""All, by their names in lower case: names are in any case (RFC 7643 §2.1)."""

_UNKEPT: Final = frozenset(
    {
        "entitlements",
        "groups",
        "ims",
        "nickname",
        "photos",
        "preferredlanguage",
        "profileurl",
        "roles",
        "title",
        "usertype",
        "x509certificates",
    }
)
_USER: Final = f"{USER}:".lower()
_ENTERPRISE_USER: Final = ENTERPRISE_USER.lower()


class Unknown(Exception):
    """No attribute is called so."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is: an attribute, or a sub-attribute of it, by the names that the table has for them."""

    name: str
    sub: str | None = None
    kept: bool = True
    """False: RFC 7643 knows it, and nobody keeps it here. Nothing is ever there, and it has no attribute."""

    def __str__(self) -> str:
        return self.name if self.sub is None else f"{self.name}.{self.sub}"

    @property
    def attribute(self) -> Attribute:
        """What the table says of it."""
        attribute = ATTRIBUTES[self.name.lower()]
        return attribute if self.sub is None else attribute.by_name[self.sub.lower()]


def place_of(text: str) -> Place:
    """The place that a name spells: `userName`, `name.givenName`, either with the URI of its schema before it.

    Raises Unknown.
    """
    lowered = text.lower()
    if lowered == _ENTERPRISE_USER or lowered.startswith((f"{_ENTERPRISE_USER}:", f"{_ENTERPRISE_USER}.")):
        return Place(lowered, kept=False)
    name, dot, sub = lowered.removeprefix(_USER).partition(".")
    if name in _UNKEPT:
        return Place(name, sub or None, kept=False)
    attribute = ATTRIBUTES.get(name)
    if attribute is None:
        raise Unknown(text)
    if not dot:
        return Place(attribute.name)
    return sub_place(attribute, sub)


def sub_place(attribute: Attribute, text: str) -> Place:
    """The place of the attribute's sub-attribute of this name. Raises Unknown."""
    found = attribute.by_name.get(text.lower())
    if found is not None:
        return Place(attribute.name, found.name)
    if text.lower() in attribute.unkept:
        return Place(attribute.name, text.lower(), kept=False)
    raise Unknown(f"{attribute.name}.{text}")


def values_of(resource: Mapping[str, object], place: Place) -> Iterator[object]:
    """Every value that a resource has there."""
    value = resource.get(place.name)
    for each in value if isinstance(value, list) else [value]:
        found = each if place.sub is None else each.get(place.sub) if isinstance(each, dict) else None
        if found is not None:
            yield found
