"""PATCH on plain values (RFC 7644 §3.5.2): what it does to a resource, and what directories send in practice."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.api.scim.bodies import MOST_VALUES, state_of
from scopekeeper.api.scim.faults import Fault
from scopekeeper.api.scim.patching import LONGEST_FILTERS, LONGEST_PATH, MOST_OPERATIONS, changes_of, patched
from scopekeeper.api.scim.resources import account_of, state_of_user
from scopekeeper.oauth.people import User
from tests.provisioning import USER, patch_of

ALICE: Final = User(
    1,
    "alice",
    None,
    0,
    "alice@example.com",
    full_name="Alice Jones",
    given_name="Alice",
    family_name="Jones",
    phone_number="+1 604 555 1234",
    external_id="E1",
)
THERE: Final = state_of_user(ALICE)


def after(*operations: Mapping[str, Any], of: dict[str, Any] = THERE) -> dict[str, Any]:
    """What is different afterwards; what is gone is None."""
    made = patched(of, changes_of(patch_of(*operations)))
    return {name: made.get(name) for name in {*made, *of} if made.get(name) != of.get(name)}


def kind_of(refused: Callable[[], object]) -> str | None:
    with pytest.raises(Fault) as fault:
        refused()
    return fault.value.kind


WORK: Final = {"value": "alice@example.com", "type": "work", "primary": True}


@pytest.mark.parametrize(
    ("operation", "difference"),
    [
        ({"op": "replace", "path": "active", "value": False}, {"active": False}),
        ({"op": "Replace", "path": "Active", "value": "False"}, {"active": False}),
        ({"op": "ADD", "path": f"{USER}:active", "value": "false"}, {"active": False}),
        ({"op": "replace", "value": {"active": False, "id": "x", "schemas": [USER], "meta": {}}}, {"active": False}),
        ({"OP": "replace", "Path": "locale", "Value": "de"}, {"locale": "de"}),
        ({"op": "add", "path": "externalId", "value": "E2"}, {"externalId": "E2"}),
        ({"op": "remove", "path": "externalId"}, {"externalId": None}),
        ({"op": "replace", "path": "externalId", "value": None}, {"externalId": None}),
        ({"op": "add", "path": "externalId", "value": None}, {}),
        ({"op": "replace", "path": "password", "value": "t0p secret"}, {"password": "t0p secret"}),
        (
            {"op": "replace", "path": "name.givenName", "value": "Al"},
            {"name": {"formatted": "Alice Jones", "familyName": "Jones", "givenName": "Al"}},
        ),
        (
            {"op": "replace", "path": "name", "value": {"GIVENNAME": "Al", "middleName": "X"}},
            {"name": {"formatted": "Alice Jones", "familyName": "Jones", "givenName": "Al"}},
        ),
        (
            {"op": "replace", "value": {"name.givenName": "Al", "title": "Dr."}},
            {"name": {"formatted": "Alice Jones", "familyName": "Jones", "givenName": "Al"}},
        ),
        (
            {"op": "remove", "path": "name.familyName"},
            {"name": {"formatted": "Alice Jones", "givenName": "Alice"}},
        ),
        ({"op": "remove", "path": "name"}, {"name": None}),
        (
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "a@b.c"},
            {"emails": [{**WORK, "value": "a@b.c"}]},
        ),
        (
            {"op": "replace", "value": {'emails[type eq "work"].value': "a@b.c"}},
            {"emails": [{**WORK, "value": "a@b.c"}]},
        ),
        (
            {"op": "add", "path": 'emails[primary eq true and type eq "work"]', "value": {"value": "a@b.c"}},
            {"emails": [{**WORK, "value": "a@b.c"}]},
        ),
        (
            {"op": "replace", "path": 'emails[type eq "work"]', "value": {"value": "a@b.c"}},
            {"emails": [{"value": "a@b.c"}]},
        ),
        (
            {"op": "replace", "path": 'emails[type eq "work"]', "value": [{"value": "a@b.c"}]},
            {"emails": [{"value": "a@b.c"}]},
        ),
        ({"op": "replace", "path": "emails.value", "value": "a@b.c"}, {"emails": [{**WORK, "value": "a@b.c"}]}),
        ({"op": "replace", "path": "emails", "value": [{"value": "a@b.c"}]}, {"emails": [{"value": "a@b.c"}]}),
        ({"op": "replace", "path": "emails", "value": {"value": "a@b.c"}}, {"emails": [{"value": "a@b.c"}]}),
        (
            {"op": "add", "path": "emails", "value": [{"value": "a@b.c", "type": "home"}]},
            {"emails": [WORK, {"value": "a@b.c", "type": "home"}]},
        ),
        (
            {"op": "add", "path": "emails", "value": [{"value": "a@b.c", "primary": "True"}]},
            {"emails": [{**WORK, "primary": False}, {"value": "a@b.c", "primary": True}]},
        ),
        ({"op": "add", "path": "emails", "value": [WORK]}, {}),
        (
            {"op": "add", "path": 'emails[type eq "home"].value', "value": "a@b.c"},
            {"emails": [WORK, {"type": "home", "value": "a@b.c"}]},
        ),
        ({"op": "remove", "path": "emails"}, {"emails": None}),
        ({"op": "remove", "path": 'emails[type eq "work"]'}, {"emails": None}),
        (
            {"op": "remove", "path": 'emails[type eq "work"].primary'},
            {"emails": [{"value": WORK["value"], "type": "work"}]},
        ),
        ({"op": "replace", "path": "emails", "value": []}, {"emails": None}),
        (
            {"op": "add", "path": 'addresses[type eq "work"].formatted', "value": "Here"},
            {"addresses": [{"type": "work", "formatted": "Here"}]},
        ),
        ({"op": "add", "path": 'addresses[type eq "work"].streetAddress', "value": "Here"}, {}),
        ({"op": "add", "path": "title", "value": "Dr."}, {}),
        ({"op": "add", "path": "name.middleName", "value": "X"}, {}),
        ({"op": "add", "path": 'ims[type eq "xmpp"].value', "value": "X"}, {}),
        (
            {
                "op": "add",
                "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
                "value": "Tours",
            },
            {},
        ),
        (
            {
                "op": "add",
                "value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Tours"}},
            },
            {},
        ),
        ({"op": "add", "value": {"nosuch": 1, "nickName": "Al"}}, {}),
    ],
)
def test_an_operation_does_what_it_says(operation: Mapping[str, Any], difference: Mapping[str, Any]) -> None:
    """RFC 7644 §3.5.2.1, §3.5.2.2, §3.5.2.3; names in any case (RFC 7643 §2.1), null and [] are nothing (§2.5)."""
    assert after(operation) == difference


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "remove"}, "noTarget"),
        ({"op": "remove", "path": 'emails[type eq "home"]'}, "noTarget"),
        ({"op": "replace", "path": 'emails[type eq "home"].value', "value": "a@b.c"}, "noTarget"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "remove", "path": "active"}, "mutability"),
        ({"op": "remove", "path": "password"}, "mutability"),
        ({"op": "replace", "path": "userName", "value": None}, "mutability"),
        ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "meta.created", "value": "x"}, "mutability"),
        ({"op": "remove", "path": "schemas"}, "mutability"),
        ({"op": "replace", "path": "nosuch", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "name.nosuch", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'emails[type eq "work"].nosuch', "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'emails[type eq "work"', "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'emails[type eq "work"] value', "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'emails[type eq "work"].value.x', "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'name[givenName eq "x"]', "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 7, "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "x" * (LONGEST_PATH + 1), "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "active", "value": "yes"}, "invalidValue"),
        ({"op": "replace", "path": "active", "value": 1}, "invalidValue"),
        ({"op": "replace", "path": "locale", "value": 1}, "invalidValue"),
        ({"op": "replace", "path": "name", "value": "Alice"}, "invalidValue"),
        ({"op": "replace", "path": "emails", "value": "a@b.c"}, "invalidValue"),
        ({"op": "replace", "path": "emails", "value": [{}] * (MOST_VALUES + 1)}, "invalidValue"),
        (
            {"op": "replace", "path": 'emails[type eq "work"]', "value": [{"value": "a"}, {"value": "b"}]},
            "invalidValue",
        ),
        ({"op": "replace", "path": "active"}, "invalidValue"),
        ({"op": "replace", "value": "active"}, "invalidValue"),
        ({"op": "replace", "path": "name", "value": {"givenName": "A", "GivenName": "B"}}, "invalidSyntax"),
        ({"op": "move", "path": "active", "value": True}, "invalidSyntax"),
        ({"op": 7, "path": "active", "value": True}, "invalidSyntax"),
        ({"op": "add", "Op": "remove", "path": "active", "value": True}, "invalidSyntax"),
    ],
)
def test_what_cannot_be_done_says_why(operation: Mapping[str, Any], kind: str) -> None:
    """RFC 7644 §3.12, and §3.5.2 for each."""
    assert kind_of(lambda: after(operation)) == kind


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"schemas": [USER], "Operations": [{"op": "add", "path": "title", "value": "x"}]},
        {**patch_of(), "schemas": "urn:ietf:params:scim:api:messages:2.0:PatchOp"},
        patch_of(),
        {**patch_of(), "Operations": {"op": "add"}},
        {**patch_of(), "Operations": ["add"]},
        patch_of(*[{"op": "add", "path": "title", "value": "x"}] * (MOST_OPERATIONS + 1)),
        {**patch_of({"op": "add", "path": "title", "value": "x"}), "operations": []},
    ],
)
def test_a_body_that_is_no_patch_is_refused(body: Mapping[str, Any]) -> None:
    """RFC 7644 §3.5.2: it says that it is one, and has operations."""
    assert kind_of(lambda: changes_of(body)) == "invalidSyntax"


def test_row_57_what_operations_add_up_to_is_bounded_and_so_is_what_they_look_for() -> None:
    """A hundred operations on thousands of values, each with a long filter, would take a minute of a core."""
    fifty = [{"op": "add", "path": "emails", "value": [{"value": f"{n}.{m}"} for m in range(10)]} for n in range(5)]
    assert len(after(*fifty, of={})["emails"]) == MOST_VALUES
    more = {"op": "add", "path": "emails", "value": {"value": "one more"}}
    assert kind_of(lambda: after(*fifty, more, of={})) == "invalidValue"
    chosen = f"emails[{' or '.join(['value pr'] * 45)}].type"
    few = [{"op": "replace", "path": chosen, "value": "home"}] * 5
    assert after(*few) == {"emails": [{**THERE["emails"][0], "type": "home"}]}
    many = few * (LONGEST_FILTERS // len(chosen) // 5 + 1)
    assert kind_of(lambda: after(*many)) == "invalidFilter"
    assert kind_of(lambda: after({"op": "add", "value": {chosen + " " * n: "home" for n in range(100)}})) == (
        "invalidFilter"
    )


def test_operations_are_done_one_after_the_other_and_leave_what_was_there_as_it_was() -> None:
    """RFC 7644 §3.5.2: each on what the one before has made."""
    before = {**THERE, "name": dict(THERE["name"])}
    assert after(
        {"op": "remove", "path": "emails"},
        {"op": "add", "path": 'emails[type eq "work"].value', "value": "a@b.c"},
        {"op": "replace", "path": 'emails[value eq "A@B.C"].primary', "value": True},
    ) == {"emails": [{"type": "work", "value": "a@b.c", "primary": True}]}
    assert before == THERE


def test_the_primary_value_is_kept_else_that_of_work_else_the_first() -> None:
    home, work = {"value": "h@x.y", "type": "home"}, {"value": "w@x.y", "type": "Work"}

    def email_of(*emails: Mapping[str, Any]) -> str | None:
        return account_of(state_of({"schemas": [USER], "userName": "a", "emails": list(emails)}), None).email

    assert email_of(home, work) == "w@x.y"
    assert email_of({**home, "primary": True}, work) == "h@x.y"
    assert email_of({"type": "work"}, home, {**home, "value": "other"}) == "h@x.y"
    assert email_of() is None


@pytest.mark.parametrize(
    ("operations", "full_name"),
    [
        ([{"op": "replace", "path": "displayName", "value": "Al"}], "Al"),
        ([{"op": "replace", "path": "name.formatted", "value": "Al"}], "Al"),
        (
            [
                {"op": "replace", "path": "displayName", "value": "Alice Jones"},
                {"op": "replace", "path": "name.formatted", "value": "Al"},
            ],
            "Al",
        ),
        (
            [
                {"op": "replace", "path": "displayName", "value": "Al"},
                {"op": "replace", "path": "name.formatted", "value": "Ali"},
            ],
            "Ali",
        ),
        ([{"op": "remove", "path": "name.formatted"}], None),
    ],
)
def test_the_name_to_be_shown_is_the_whole_name(operations: list[Mapping[str, Any]], full_name: str | None) -> None:
    made = patched(THERE, changes_of(patch_of(*operations)))
    assert account_of(made, ALICE).profile["full_name"] == full_name


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["true", "a@b.c", "work"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "type", "x"]), inner),
    max_leaves=6,
)
PATHS: Final = st.sampled_from(
    [
        "userName",
        "active",
        "name",
        "name.givenName",
        "emails",
        "emails.value",
        'emails[type eq "work"]',
        'emails[type eq "work"].value',
        'emails[type eq "home"].value',
        "addresses[not (primary eq true)].formatted",
        "title",
        "password",
        "",
        "[",
    ]
)
OPERATION: Final = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "remove"])},
    optional={"path": PATHS | st.text(max_size=8), "value": JSON | st.dictionaries(PATHS, JSON, max_size=3)},
)


@given(st.lists(OPERATION, min_size=1, max_size=4))
def test_whatever_is_sent_makes_an_account_or_is_refused(operations: list[dict[str, Any]]) -> None:
    made = made_or_refused(operations)
    if isinstance(made, Fault):
        assert (made.status, made.kind is not None) == (400, True)
    else:
        assert account_of(made, ALICE).name == made["userName"]


def made_or_refused(operations: list[dict[str, Any]]) -> dict[str, Any] | Fault:
    try:
        return patched(THERE, changes_of(patch_of(*operations)))
    except Fault as fault:
        return fault
