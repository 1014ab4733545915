"""Filters (RFC 7644 §3.4.2.2): read by recursive descent within bounds, and asked of a resource. Never SQL.

What a filter may ask is seen when it is read, by the table of attributes: so asking it cannot fail.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from scopekeeper.api.scim.attributes import Attribute, Place, Type, Unknown, place_of, sub_place, values_of
from scopekeeper.api.scim.faults import Fault
from scopekeeper.services.lists import folded

LONGEST: Final = 2_000
"""Characters of a filter."""
DEEPEST: Final = 10
"""Parentheses and brackets within one another."""
MOST_TERMS: Final = 50
"""Comparisons in one filter."""

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.:$-]))
      | (?P<word>[A-Za-z$][\w.:$-]*)
      | (?P<mark>[()\[\]])
      | (?P<dot>\.)
    )""",
    re.VERBOSE | re.ASCII,
)
_ORDERED: Final = ("gt", "ge", "lt", "le")
_WITHIN: Final = ("co", "sw", "ew")
OPERATORS: Final = ("eq", "ne", *_WITHIN, *_ORDERED)
_WORDS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None}

Value = str | bool | int | float | None
Resource = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`userName eq "alice"`: is it so of any value that is there?"""

    place: Place
    operator: str
    value: Value

    def __str__(self) -> str:
        return f"{self.place} {self.operator} {json.dumps(self.value, ensure_ascii=False)}"

    def matches(self, resource: Resource) -> bool:
        """Is the resource as it says? What is not there is unlike any value, and like null."""
        values = list(values_of(resource, self.place)) if self.place.kept else []
        if self.operator == "ne":
            return not self._is_any(values, "eq")
        return self._is_any(values, self.operator)

    def _is_any(self, values: list[object], operator: str) -> bool:
        if self.value is None:
            return not values
        if not values:
            return False
        attribute = self.place.attribute
        wanted = _compared(self.value, attribute, operator)
        return any(_holds(_compared(each, attribute, operator), operator, wanted) for each in values)


@dataclass(frozen=True, slots=True)
class Present:
    """`emails pr`: is there any value?"""

    place: Place

    def __str__(self) -> str:
        return f"{self.place} pr"

    def matches(self, resource: Resource) -> bool:
        return self.place.kept and next(values_of(resource, self.place), None) is not None


@dataclass(frozen=True, slots=True)
class Not:
    """`not (…)`."""

    of: "Filter"

    def __str__(self) -> str:
        return f"not ({self.of})"

    def matches(self, resource: Resource) -> bool:
        return not self.of.matches(resource)


@dataclass(frozen=True, slots=True)
class And:
    """All of them, two or more."""

    parts: "tuple[Filter, ...]"

    def __str__(self) -> str:
        return " and ".join(f"({each})" if isinstance(each, And | Or) else str(each) for each in self.parts)

    def matches(self, resource: Resource) -> bool:
        return all(each.matches(resource) for each in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them, two or more."""

    parts: "tuple[Filter, ...]"

    def __str__(self) -> str:
        return " or ".join(f"({each})" if isinstance(each, Or) else str(each) for each in self.parts)

    def matches(self, resource: Resource) -> bool:
        return any(each.matches(resource) for each in self.parts)


@dataclass(frozen=True, slots=True)
class Within:
    """`emails[type eq "work"]`: is there one value of which all of it is so? Its places are of that value."""

    place: Place
    of: "Filter"

    def __str__(self) -> str:
        return f"{self.place}[{_bare(self.of)}]"

    def matches(self, resource: Resource) -> bool:
        return next(self.found(resource), None) is not None

    def found(self, resource: Resource) -> Iterator[object]:
        """The values of which it is so."""
        if not self.place.kept:
            return
        for each in values_of(resource, self.place):
            if self.of.matches({self.place.name: each}):
                yield each


Filter = Comparison | Present | Not | And | Or | Within


def filter_of(text: str) -> Filter:
    """The filter that the text spells. Raises Fault: invalidFilter."""
    return _Reading(text).whole()


def terms_in(filter: Filter) -> int:
    """How many comparisons it makes of one resource, at most."""
    match filter:
        case Comparison() | Present():
            return 1
        case Not(of=inner) | Within(of=inner):
            return terms_in(inner)
        case And(parts) | Or(parts):
            return sum(map(terms_in, parts))


def value_path_of(text: str) -> tuple[Within, str | None]:
    """What the path of a PATCH spells that chooses among values, `emails[type eq "work"].value`: and of each the
    sub-attribute, in lower case, where one is named (RFC 7644 §3.5.2). Raises Fault: invalidFilter, invalidPath."""
    return _Reading(text).value_path()


class _Token(NamedTuple):
    kind: str
    text: str


class _Reading:
    """A filter as it is read, token by token."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise Fault.invalid_filter(f"A filter has at most {LONGEST} characters.")
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0
        self._terms = 0

    def whole(self) -> Filter:
        found = self._either(None)
        if self._at < len(self._tokens):
            raise Fault.invalid_filter(f"It ends too early: {self._tokens[self._at].text!r} is too much.")
        return found

    def value_path(self) -> tuple[Within, str | None]:
        place = _place_in(self._next("word").text, None)
        self._next_is("[")
        within = self._within(place)
        sub: str | None = None
        if self._at < len(self._tokens):
            self._next("dot")
            sub = self._next("word").text.lower()
        if self._at < len(self._tokens):
            raise Fault.invalid_path("The path goes on where it should have ended.")
        return within, sub

    def _either(self, of: Attribute | None) -> Filter:
        parts = [self._both(of)]
        while self._takes("or"):
            parts.append(self._both(of))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _both(self, of: Attribute | None) -> Filter:
        parts = [self._one(of)]
        while self._takes("and"):
            parts.append(self._one(of))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, of: Attribute | None) -> Filter:
        if self._is("("):
            return self._enclosed(of)
        word = self._next("word")
        if word.text.lower() == "not" and self._is("("):
            return Not(self._enclosed(of))
        place = _place_in(word.text, of)
        if of is None and self._is("["):
            self._next_is("[")
            return self._chosen(place, self._within(place))
        return self._term(place)

    def _enclosed(self, of: Attribute | None) -> Filter:
        self._next_is("(")
        self._deeper()
        found = self._either(of)
        self._next_is(")")
        self._depth -= 1
        return found

    def _within(self, place: Place) -> Within:
        """What stands in brackets behind the name of an attribute of several values; the first is read."""
        if place.kept and (place.sub is not None or not place.attribute.subs or not place.attribute.multi_valued):
            raise Fault.invalid_filter(f"{place} has no values to choose among.")
        self._deeper()
        found = self._either(place.attribute if place.kept else _ANY)
        self._next_is("]")
        self._depth -= 1
        return Within(place, found)

    def _chosen(self, place: Place, within: Within) -> Filter:
        """The same; what follows of the chosen values (`emails[…].value eq "x"`, as Entra asks) is one more thing that
        has to be so of the same value."""
        if not self._is_a("dot"):
            return within
        self._next("dot")
        attribute = place.attribute if place.kept else _ANY
        term = self._term(_place_in(self._next("word").text, attribute))
        parts = within.of.parts if isinstance(within.of, And) else (within.of,)
        return Within(place, And((*parts, term)))

    def _term(self, place: Place) -> Filter:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise Fault.invalid_filter(f"A filter compares at most {MOST_TERMS} times.")
        operator = self._next("word").text.lower()
        if operator == "pr":
            return Present(_asked_place(place))
        if operator not in OPERATORS:
            raise Fault.invalid_filter(f"There is no operator {operator[:20]!r}: there is {', '.join(OPERATORS)}, pr.")
        return _comparison(_asked_place(place), operator, self._value())

    def _value(self) -> Value:
        token = self._next("text", "number", "word")
        if token.kind == "word":
            if token.text.lower() not in _WORDS:
                raise Fault.invalid_filter(f"{token.text[:20]!r} is no value: text stands in double quotes.")
            return _WORDS[token.text.lower()]
        value: Value = json.loads(token.text)
        if isinstance(value, str) and not _is_text(value):
            raise Fault.invalid_filter("A value is text: some of its characters are none.")
        return value

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Fault.invalid_filter(f"A filter is nested at most {DEEPEST} deep.")

    def _takes(self, word: str) -> bool:
        if self._is_a("word") and self._tokens[self._at].text.lower() == word:
            self._at += 1
            return True
        return False

    def _is(self, mark: str) -> bool:
        return self._is_a("mark") and self._tokens[self._at].text == mark

    def _is_a(self, kind: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].kind == kind

    def _next(self, *kinds: str) -> _Token:
        if self._at >= len(self._tokens):
            raise Fault.invalid_filter("It ends where more is to come.")
        token = self._tokens[self._at]
        if token.kind not in kinds:
            raise Fault.invalid_filter(f"{token.text[:20]!r} is not what can stand there.")
        self._at += 1
        return token

    def _next_is(self, mark: str) -> None:
        if self._next("mark").text != mark:
            raise Fault.invalid_filter(f"{mark!r} is missing.")


_ANY: Final = Attribute("", "")
"""In place of an attribute that is not kept: of what it is made nobody knows here."""


def _tokens(text: str) -> Iterator[_Token]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at, end)
        if found is None:
            raise Fault.invalid_filter(f"It cannot be read from its character {at + 1} on.")
        kind = found.lastgroup or ""
        yield _Token(kind, found[kind])
        at = found.end()


def _place_in(text: str, of: Attribute | None) -> Place:
    try:
        if of is None:
            return place_of(text)
        return Place(text.lower(), kept=False) if of is _ANY else sub_place(of, text)
    except Unknown as unknown:
        raise Fault.invalid_filter(f"There is no attribute {str(unknown)[:60]!r}.") from None


def _asked_place(place: Place) -> Place:
    """The place, if it may be asked about; what is never returned is not found out by asking either."""
    if place.kept and place.attribute.returned == "never":
        raise Fault.invalid_filter(f"{place} cannot be asked about.")
    return place


def _comparison(place: Place, operator: str, value: Value) -> Comparison:
    """The comparison, if the attribute's values can be compared so (RFC 7644 §3.4.2.2)."""
    if not place.kept:
        return Comparison(place, operator, value)
    attribute = place.attribute
    if attribute.type is Type.COMPLEX:
        if "value" not in attribute.by_name:
            raise Fault.invalid_filter(f"{place} is not one value: name one of its sub-attributes.")
        place = Place(place.name, "value")
        attribute = place.attribute
    if value is None:
        fits = operator in ("eq", "ne")
    elif attribute.type is Type.BOOLEAN:
        fits = operator in ("eq", "ne") and isinstance(value, bool)
    elif attribute.type is Type.DATE_TIME and operator not in _WITHIN:
        fits = isinstance(value, str) and _moment_of(value) is not None
    else:
        fits = isinstance(value, str)
    if not fits:
        raise Fault.invalid_filter(f"The values of {place} cannot be compared so.")
    return Comparison(place, operator, value)


def _compared(value: object, attribute: Attribute, operator: str) -> object:
    """A value as it is compared; None, which is like nothing, where that is no value of the attribute."""
    if attribute.type is Type.BOOLEAN:
        return value
    text = str(value)
    if attribute.type is Type.DATE_TIME and operator not in _WITHIN:
        return _moment_of(text)
    return text if attribute.case_exact else folded(text)


def _holds(value: object, operator: str, wanted: object) -> bool:
    if operator == "eq":
        return value == wanted
    if isinstance(value, datetime) and isinstance(wanted, datetime):
        return _is_ordered((value > wanted) - (value < wanted), operator)
    if not isinstance(value, str) or not isinstance(wanted, str):
        return False
    match operator:
        case "co":
            return wanted in value
        case "sw":
            return value.startswith(wanted)
        case "ew":
            return value.endswith(wanted)
        case _:
            return _is_ordered((value > wanted) - (value < wanted), operator)


def _is_ordered(order: int, operator: str) -> bool:
    return {"gt": order > 0, "ge": order >= 0, "lt": order < 0, "le": order <= 0}[operator]


def _moment_of(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC)
    except ValueError:
        return None


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bare(of: Filter) -> str:
    """What stands in brackets: names there are of the value, without that of the attribute before them."""
    match of:
        case Comparison():
            return f"{of.place.sub or of.place.name} {of.operator} {json.dumps(of.value, ensure_ascii=False)}"
        case Present():
            return f"{of.place.sub or of.place.name} pr"
        case Not():
            return f"not ({_bare(of.of)})"
        case And():
            return " and ".join(f"({_bare(each)})" if isinstance(each, And | Or) else _bare(each) for each in of.parts)
        case Or():
            return " or ".join(f"({_bare(each)})" if isinstance(each, Or) else _bare(each) for each in of.parts)
        case Within():
            raise AssertionError("there are no brackets within brackets")
