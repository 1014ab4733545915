"""What PATCH does to a resource (RFC 7644 §3.5.2): add, replace and remove, one after the other, on plain values.

With what directories send in practice: operations in any case (`Add`), truth as text, a value without a path whose
names are paths themselves (`"name.givenName"`), and `add` where the filter in a path finds nothing yet.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from scopekeeper.api.scim.attributes import Attribute, Mutability, Place, Type, Unknown, place_of, sub_place
from scopekeeper.api.scim.bodies import MOST_VALUES, State, require_schema, value_of
from scopekeeper.api.scim.faults import Fault
from scopekeeper.api.scim.filters import And, Comparison, Filter, Within, value_path_of

PATCH_OP: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

MOST_OPERATIONS: Final = 100
"""In one request."""
LONGEST_PATH: Final = 1_000
"""Characters of a path."""
LONGEST_FILTERS: Final = 10_000
"""Characters of all filters in the paths of one request: each is asked of each value that there is."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a path leads to: a place, or those values of an attribute that a filter finds, and what of each."""

    place: Place
    chosen: Within | None = None

    @property
    def attribute(self) -> Attribute:
        """The attribute that holds it."""
        return Place(self.place.name).attribute


@dataclass(frozen=True, slots=True)
class Change:
    """One operation of a PATCH."""

    verb: str
    """`add`, `replace` or `remove`."""
    target: Target
    value: Any = field(default=None, repr=False)
    """It may be a password."""


def changes_of(body: Mapping[str, Any]) -> list[Change]:
    """The operations in this body, those left out that are on what nobody keeps here.

    Raises Fault: invalidSyntax, invalidPath, invalidFilter, invalidValue, noTarget, mutability.
    """
    require_schema(body, PATCH_OP)
    sent = _named(body, "operations")
    if not isinstance(sent, list) or not sent:
        raise Fault.invalid_syntax('A PATCH has "Operations": a list, and not an empty one.')
    if len(sent) > MOST_OPERATIONS:
        raise Fault.invalid_syntax(f"A PATCH has at most {MOST_OPERATIONS} operations.")
    made, length = list[Change](), 0
    for each in sent:
        for change in _changes_in(each):
            made.append(change)
            length += 0 if change.target.chosen is None else len(str(change.target.chosen))
            if length > LONGEST_FILTERS:
                raise Fault.invalid_filter(f"The filters of a PATCH have at most {LONGEST_FILTERS} characters in all.")
    return made


def asks(changes: list[Change]) -> bool:
    """Does what becomes of them depend on what there is? Then it tells of that."""
    return any(each.target.chosen is not None for each in changes)


def patched(state: State, changes: list[Change]) -> State:
    """The resource as it is after all of them; or none is done. Raises Fault: noTarget, invalidValue, mutability."""
    made = deepcopy(state)
    for change in changes:
        _apply(made, change)
        name = change.target.place.name
        if change.target.attribute.multi_valued and len(made.get(name, [])) > MOST_VALUES:
            raise Fault.invalid_value(f"{name} has at most {MOST_VALUES} values.")
    return made


def _changes_in(sent: Any) -> Iterable[Change]:
    if not isinstance(sent, dict):
        raise Fault.invalid_syntax("An operation is an object.")
    verb, path, value = (_named(sent, name) for name in ("op", "path", "value"))
    verb = verb.lower() if isinstance(verb, str) else ""
    if verb not in ("add", "replace", "remove"):
        raise Fault.invalid_syntax('The "op" of an operation is add, replace or remove.')
    if verb != "remove" and not any(name.lower() == "value" for name in sent):
        raise Fault.invalid_value(f'To {verb} takes a "value".')
    if path is not None and path != "":
        target = _target_of(path)
        return [] if target is None else [_change(verb, target, value)]
    if verb == "remove":
        raise Fault.no_target('To remove takes a "path": a resource is removed by DELETE.')
    if not isinstance(value, dict):
        raise Fault.invalid_value('Without a "path" the "value" is an object: attributes, and what they become.')
    return (change for name, each in value.items() for change in _without_path(verb, name, each))


def _without_path(verb: str, name: str, value: Any) -> list[Change]:
    """One attribute of an operation without a path. As of a whole resource, what is not known is left out: and so is
    what is not the client's to say, which Okta sends along (`id`)."""
    try:
        place = place_of(name)
    except Unknown:
        if "[" not in name:
            return []
        target = _target_of(name)
        return [] if target is None else [_change(verb, target, value)]
    if not place.kept or place.attribute.mutability is Mutability.READ_ONLY:
        return []
    return [_change(verb, Target(place), value)]


def _target_of(path: Any) -> Target | None:
    """What the path leads to; None where that is nothing that is kept here. Raises Fault: invalidPath."""
    if not isinstance(path, str) or len(path) > LONGEST_PATH:
        raise Fault.invalid_path(f"A path is text of at most {LONGEST_PATH} characters.")
    try:
        if "[" in path:
            return _chosen_by(path)
        place = place_of(path.strip())
        return Target(place) if place.kept else None
    except Unknown as unknown:
        raise Fault.invalid_path(f"There is no attribute {str(unknown)[:60]!r}.") from None


def _chosen_by(path: str) -> Target | None:
    try:
        chosen, sub = value_path_of(path)
    except Fault as fault:
        raise Fault.invalid_path(f"The path cannot be read: {fault}") from None
    if not chosen.place.kept:
        return None
    if sub is None:
        return Target(chosen.place, chosen)
    place = sub_place(chosen.place.attribute, sub)
    return Target(place, chosen) if place.kept else None


def _change(verb: str, target: Target, value: Any) -> Change:
    """The operation, if there can be one such there, with its value in our words."""
    attribute = target.attribute
    if attribute.mutability is Mutability.READ_ONLY:
        raise Fault.mutability(f"{attribute.name} is not a client's to change.")
    if verb == "remove":
        if attribute.stays:
            raise Fault.mutability(f"{attribute.name} cannot be taken away.")
        return Change(verb, target)
    kind = target.place.attribute
    if target.chosen is not None and target.place.sub is None:
        several = value_of(kind, value)
        if several is not None and len(several) != 1:
            raise Fault.invalid_value("What a filter chooses is made one value, not several.")
        value = None if several is None else several[0]
    else:
        value = value_of(kind, value)
    if value is None:
        return _change("remove", target, None) if verb == "replace" else Change("add", target, None)
    return Change(verb, target, value)


def _apply(state: State, change: Change) -> None:
    if change.verb == "add" and change.value is None:
        return
    if change.target.chosen is not None:
        _apply_chosen(state, change, change.target.chosen)
    elif change.target.attribute.multi_valued:
        _apply_several(state, change)
    else:
        _apply_one(state, change)


def _apply_one(state: State, change: Change) -> None:
    place = change.target.place
    if change.verb == "remove":
        if place.sub is None:
            state.pop(place.name, None)
        else:
            _set(state, place.name, {k: v for k, v in state.get(place.name, {}).items() if k != place.sub})
    elif place.sub is not None:
        state[place.name] = {**state.get(place.name, {}), place.sub: change.value}
    elif place.attribute.type is Type.COMPLEX:  # what is not named of it stays, also when it is replaced (§3.5.2.3)
        state[place.name] = {**state.get(place.name, {}), **change.value}
    else:
        state[place.name] = change.value


def _apply_several(state: State, change: Change) -> None:
    """On all values of an attribute, where the path chooses none."""
    place = change.target.place
    there: list[dict[str, Any]] = state.get(place.name, [])
    if place.sub is not None:
        if change.verb == "remove":
            _set(state, place.name, [{k: v for k, v in each.items() if k != place.sub} for each in there])
        else:
            state[place.name] = [{**each, place.sub: change.value} for each in there or [{}]]
    elif change.verb == "remove":
        state.pop(place.name, None)
    elif change.verb == "replace":
        state[place.name] = change.value
    else:
        fresh = [each for each in change.value if each not in there]
        state[place.name] = _one_primary([*there, *fresh], fresh)


def _apply_chosen(state: State, change: Change, chosen: Within) -> None:
    """On those values that the filter finds."""
    name, sub = change.target.place.name, change.target.place.sub
    there: list[dict[str, Any]] = state.get(name, [])
    found = [each for each in chosen.found(state) if isinstance(each, dict)]
    if not found and change.verb != "add":
        raise Fault.no_target(f"No value of {name} is such as the path says.")
    if change.verb == "remove":
        left = [each for each in there if each not in found]
        if sub is not None:
            left = [{k: v for k, v in each.items() if k != sub} if each in found else each for each in there]
        _set(state, name, left)
        return
    given = change.value if sub is None else {sub: change.value}
    if not found:
        fresh = [{**_described(chosen.of), **given}]
        state[name] = _one_primary([*there, *fresh], fresh)
        return
    keeps = change.verb == "add" or sub is not None
    made = [({**each, **given} if keeps else dict(given), each in found) for each in there]
    changed = [new for new, is_chosen in made if is_chosen]
    state[name] = _one_primary(
        [new if is_chosen else old for (new, is_chosen), old in zip(made, there, strict=True)], changed
    )


def _described(filter: Filter) -> dict[str, Any]:
    """The value that a filter describes, where nothing is like it yet: what it says that has to be equal."""
    if isinstance(filter, And):
        return {name: value for each in filter.parts for name, value in _described(each).items()}
    if isinstance(filter, Comparison) and filter.operator == "eq" and filter.value is not None and filter.place.kept:
        return {str(filter.place.sub): filter.value}
    return {}


def _one_primary(values: list[dict[str, Any]], fresh: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The values, of which what has just been made primary is the only one (§3.5.2)."""
    if not any(each.get("primary") for each in fresh):
        return values
    return [{**each, "primary": False} if each.get("primary") and each not in fresh else each for each in values]


def _set(state: State, name: str, value: Any) -> None:
    """The attribute's value; what is empty is not there."""
    left = [each for each in value if each] if isinstance(value, list) else value
    if left:
        state[name] = left
    else:
        state.pop(name, None)


def _named(body: Mapping[str, Any], name: str) -> Any:
    """The member of this name, in any case. Raises Fault: invalidSyntax where there are two."""
    found = [value for key, value in body.items() if key.lower() == name]
    if len(found) > 1:
        raise Fault.invalid_syntax(f'"{name}" is there twice.')
    return found[0] if found else None
