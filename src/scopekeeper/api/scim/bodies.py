"""A resource as a client sends it, brought into our words: names as the table has them, types seen to (RFC 7643 §2).

What nobody keeps here, and what is not the client's to say (`id`, `meta`), is left out without a word: RFC 7644 §3.3.
"""

from collections.abc import Mapping
from typing import Any, Final

from scopekeeper.api.scim.attributes import ATTRIBUTES, USER, Attribute, Mutability, Type
from scopekeeper.api.scim.faults import Fault

MOST_VALUES: Final = 50
"""Values of one attribute in one request: of several one is kept."""

_BOOLEANS: Final = {"true": True, "false": False}

State = dict[str, Any]
"""A resource in our words: attributes that have a value, by the names of the table."""


def state_of(body: Mapping[str, Any]) -> State:
    """The resource in this body of a POST or PUT. Raises Fault: invalidSyntax, invalidValue."""
    require_schema(body, USER)
    return _known(body)


def require_schema(body: Mapping[str, Any], urn: str) -> None:
    """See that the body says that it is of this schema (RFC 7643 §3). Raises Fault: invalidSyntax."""
    sent = next((value for name, value in body.items() if name.lower() == "schemas"), None)
    named = [each.lower() for each in sent if isinstance(each, str)] if isinstance(sent, list) else []
    if urn.lower() not in named:
        raise Fault.invalid_syntax(f'The body says of which schema it is: "schemas": ["{urn}"].')


def value_of(attribute: Attribute, value: Any) -> Any:
    """A value for this attribute in our words; None where it is none (null and [] are: RFC 7643 §2.5).

    Entra sends truth as the text `"True"`, and one value without the brackets of several. Raises Fault: invalidValue.
    """
    if not attribute.multi_valued:
        return _one(attribute, value)
    if value is None:
        return None
    several = value if isinstance(value, list) else [value]
    if len(several) > MOST_VALUES:
        raise Fault.invalid_value(f"{attribute.name} has at most {MOST_VALUES} values in one request.")
    return [found for each in several if (found := _one(attribute, each)) is not None] or None


def _known(body: Mapping[str, Any]) -> State:
    found: State = {}
    for name, value in body.items():
        attribute = ATTRIBUTES.get(name.lower().removeprefix(f"{USER}:".lower()))
        if attribute is None or attribute.mutability is Mutability.READ_ONLY:
            continue
        if attribute.name in found:
            raise Fault.invalid_syntax(f"{attribute.name} is there twice.")
        found[attribute.name] = value_of(attribute, value)
    return {name: value for name, value in found.items() if value is not None}


def _one(attribute: Attribute, value: Any) -> Any:
    if value is None:
        return None
    match attribute.type:
        case Type.COMPLEX:
            return _complex(attribute, value)
        case Type.BOOLEAN:
            return _boolean(attribute, value)
        case _:
            return _text(attribute, value)


def _complex(attribute: Attribute, value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        raise Fault.invalid_value(f"{attribute.name} is made of {', '.join(each.name for each in attribute.subs)}.")
    found: dict[str, Any] = {}
    for name, each in value.items():
        sub = attribute.by_name.get(name.lower())
        if sub is None:
            continue
        if sub.name in found:
            raise Fault.invalid_syntax(f"{attribute.name}.{sub.name} is there twice.")
        found[sub.name] = _one(sub, each)
    return {name: each for name, each in found.items() if each is not None} or None


def _boolean(attribute: Attribute, value: Any) -> bool:
    found = _BOOLEANS.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise Fault.invalid_value(f"{attribute.name} is true or false.")
    return found


def _text(attribute: Attribute, value: Any) -> str:
    if not isinstance(value, str):
        raise Fault.invalid_value(f"{attribute.name} is text.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Fault.invalid_value(f"{attribute.name} is text: some of its characters are none.") from None
    return value
