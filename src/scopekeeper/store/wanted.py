"""What of a table's rows is wanted, in the words of its columns: equalities, choices between some, and ranges."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from scopekeeper.sdk import AnyOf, Begins, Between, Either, Invalid
from scopekeeper.sdk.listing import MOST_VALUES, Condition
from scopekeeper.store.fields import Field
from scopekeeper.store.shapes import Shape

Equal = tuple[str, str | None]
"""A field, and the parameter that it equals; None where it is empty."""

_LAST: Final = "\U0010ffff"


@dataclass(slots=True)
class Range:
    """The values from `low` on and below `high`; None is open. What is empty is in none."""

    low: Any = None
    high: Any = None

    def narrow(self, low: Any, high: Any) -> None:
        """Leave only what is in this one, too."""
        if low is not None:
            self.low = low if self.low is None else max(low, self.low)
        if high is not None:
            self.high = high if self.high is None else min(high, self.high)

    @property
    def void(self) -> bool:
        """Is nothing in it?"""
        return self.low is not None and self.high is not None and bool(self.low >= self.high)


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked for, without the values: of each form there is one statement."""

    equal: tuple[Equal, ...] = ()
    choices: tuple[tuple[Equal, ...], ...] = ()
    """Of each, one equality is to hold."""
    ranges: tuple[tuple[str, bool, bool], ...] = ()
    """A field, and whether its range has a `low` and a `high`: the parameters `low.NAME` and `high.NAME`."""


@dataclass(slots=True)
class Wanted:
    """What is asked for, and the values."""

    equal: list[Equal] = field(default_factory=list)
    choices: list[tuple[Equal, ...]] = field(default_factory=list)
    ranges: dict[str, Range] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    """By the names of their parameters."""
    nothing: bool = False
    """Can no row be meant?"""

    def form(self, without: str | None = None) -> Form:
        """Its form; the range of the field `without` is looked after by whoever asks."""
        ranges = sorted((name, each.low is not None, each.high is not None) for name, each in self.ranges.items())
        return Form(tuple(self.equal), tuple(self.choices), tuple(each for each in ranges if each[0] != without))

    def bounds(self) -> Iterator[tuple[str, object]]:
        """The parameters of the ranges."""
        for name, each in self.ranges.items():
            yield from ((f"low.{name}", each.low), (f"high.{name}", each.high))


def wanted_of(shape: Shape, where: Mapping[str, object], conditions: Sequence[Condition]) -> Wanted:
    """What these mean. Raises TypeError for a field that is not there, Invalid for a value that no column can hold."""
    wanted = Wanted()
    reading = _Reading(shape, wanted)
    for name in sorted(where):
        reading.equal(name, where[name])
    for condition in conditions:
        reading.take(condition)
    wanted.nothing = wanted.nothing or any(each.void for each in wanted.ranges.values())
    return wanted


class _Reading:
    """Reads conditions, one after the other."""

    def __init__(self, shape: Shape, wanted: Wanted) -> None:
        self._shape = shape
        self._fields = {each.name: each for each in shape.fields}
        self._wanted = wanted

    def take(self, condition: Condition) -> None:
        """One more condition."""
        match condition:
            case Between(name, since, until):
                each = self._field(name)
                if since is not None or until is not None:
                    self._range(name).narrow(each.bound(since), each.bound(until))
            case Begins(name, prefix):
                self._begins(name, prefix)
            case Either(names, value) if names:
                slots = [(name, self._field(name).stored(value)) for name in names]
                self._choose(slots)
            case AnyOf(name, values):
                self._any_of(name, list(dict.fromkeys(self._field(name).stored(each) for each in values)))
            case _:
                raise TypeError(f"{condition!r} is no condition of a list")

    def equal(self, name: str, value: object) -> None:
        """One more equality."""
        self._wanted.equal.append(self._slot(name, self._field(name).stored(value)))

    def _begins(self, name: str, prefix: str) -> None:
        if self._field(name).column.type.python_type is not str:
            raise TypeError(f"{self._shape.table.name}: {name} is no text, so it begins with nothing")
        self._range(name).narrow(prefix, _behind(prefix))

    def _any_of(self, name: str, values: list[Any]) -> None:
        if len(values) > MOST_VALUES:
            raise Invalid(name, f"At most {MOST_VALUES} values can be asked for at once.")
        if not values:
            self._wanted.nothing = True
            return
        self._choose([(name, each) for each in values])
        if len(values) > 1:
            self._fill_up(name, len(values))

    def _fill_up(self, name: str, count: int) -> None:
        """Up to a power of two, with values that equal nothing: so there are few forms, however many are asked for."""
        *others, last = self._wanted.choices
        more = tuple((name, self._parameter(None)) for _ in range((1 << (count - 1).bit_length()) - count))
        self._wanted.choices[:] = [*others, last + more]

    def _choose(self, options: list[tuple[str, Any]]) -> None:
        if len(options) == 1:
            self._wanted.equal.append(self._slot(*options[0]))
        else:
            self._wanted.choices.append(tuple(self._slot(*each) for each in options))

    def _slot(self, name: str, stored: Any) -> Equal:
        return name, None if stored is None else self._parameter(stored)

    def _parameter(self, value: object) -> str:
        name = f"equal.{len(self._wanted.values)}"
        self._wanted.values[name] = value
        return name

    def _range(self, name: str) -> Range:
        return self._wanted.ranges.setdefault(name, Range())

    def _field(self, name: str) -> Field:
        found = self._fields.get(name)
        if found is None:
            raise TypeError(f"{self._shape.table.name} has no field {name!r} to look for")
        return found


def _behind(prefix: str) -> str | None:
    """The first text behind all that begin so, in the order of code points; None where there is none."""
    cut = prefix.rstrip(_LAST)
    if not cut:
        return None
    last = ord(cut[-1]) + 1
    return cut[:-1] + chr(0xE000 if 0xD800 <= last <= 0xDFFF else last)
