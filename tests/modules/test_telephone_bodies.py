"""Whatever is sent as a follow-me, a mailbox or a ring group is taken and read back as it is, or refused."""

import asyncio
import json
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.house import Answer, House

HOUSE: Final = House.furnished()
NUMBERS: Final = ["1001", "1002", "1003", "1999", "600", "601", "5551234", "+4930", "*97", "", "+", "x", "1" * 33]

plain = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
names = st.sampled_from(["extension", "number", "voicemail", "x"])
anything = st.recursive(
    plain | st.sampled_from(NUMBERS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=2),
    max_leaves=6,
)
numbers = st.sampled_from(NUMBERS)
one = st.dictionaries(st.sampled_from(["extension", "number"]), numbers | st.none(), min_size=1, max_size=2)
destination = st.dictionaries(
    st.sampled_from(["extension", "number", "voicemail", "ring_group"]), numbers | st.none(), min_size=1, max_size=2
)
flag = st.booleans()
ringing: dict[str, st.SearchStrategy[Any]] = {
    "strategy": st.sampled_from(["ringall", "ringallv2", "hunt-prim", "memoryhunt", "firstnotonphone"]),
    "ring_time": st.integers(-1, 301),
    "members": st.lists(one, max_size=4),
    "destination": st.none() | destination,
    "prefix": st.none() | st.text(max_size=41),
    "alert_info": st.none() | st.text(max_size=20),
    "ringer_volume": st.none() | st.integers(0, 15),
    "announcement": st.none() | st.sampled_from(["custom/hold", "../x", "a b", ""]),
    "music_class": st.none() | st.sampled_from(["jazz", "a/b", ""]),
    "confirm": flag,
    "confirm_message": st.none() | st.just("custom/press-1"),
    "too_late_message": st.none() | st.just("custom/gone"),
    "caller_id_mode": st.sampled_from(["default", "fixed", "external", "dialled", "always-dialled", "did"]),
    "caller_id": st.none() | st.sampled_from(["+4930", "*1", ""]),
}
follow_me = {**ringing, "enabled": flag, "pre_ring": st.integers(-1, 61)}
ring_group = {
    **ringing,
    "name": st.text(max_size=12),
    "ignore_forwards": flag,
    "skip_busy": flag,
    "pickup": flag,
    "progress": flag,
    "answered_elsewhere": flag,
    "recording": st.sampled_from(["force", "yes", "dontcare", "no", "never", "maybe"]),
}
mailbox = {
    "enabled": flag,
    "name": st.none() | st.text(max_size=12),
    "email": st.none() | st.sampled_from(["alice@example.com", "alice", "a@b\n"]),
    "pager": st.none() | st.just("5551234@pager.example"),
    "attach": flag,
    "say_caller": flag,
    "say_envelope": flag,
    "delete_sent": flag,
}


def bodies(fields: dict[str, st.SearchStrategy[Any]], **required: Any) -> st.SearchStrategy[Any]:
    """Bodies that nearly fit, such with something else in one field, and anything at all."""
    optional = {name: values for name, values in fields.items() if name not in required}
    fitting = st.fixed_dictionaries(required, optional=optional)
    spoilt = st.tuples(fitting, st.sampled_from([*fields, "x"]), anything).map(
        lambda drawn: drawn[0] | {drawn[1]: drawn[2]}
    )
    return fitting | spoilt | anything


def asked(method: str, path: str, body: object, user: str | None = None) -> tuple[Answer, Answer]:
    """What it is answered, and what is read then."""

    async def both() -> tuple[Answer, Answer]:
        answer = await HOUSE.ask(method, path, "rest", user=user, body=json.dumps(body).encode())
        return answer, await HOUSE.ask("GET", path, "rest", user=user)

    return asyncio.run(both())


def holds(answer: Answer, read: Answer, body: Any) -> None:
    """It is refused with a reason, or it is so from then on."""
    if answer.status == 200:
        assert answer.json == read.json
        assert all(_is(answer.json[name], sent) for name, sent in body.items() if sent is not None)
        return
    assert answer.status == 422, answer.body
    assert all(error["detail"] for error in answer.json["errors"])


def _is(shown: Any, sent: Any) -> bool:
    """Is it what was sent? Of a record within, what was not sent is null."""
    if isinstance(sent, list):
        return len(shown) == len(sent) and all(map(_is, shown, sent))
    if isinstance(sent, dict):
        return all(value == sent.get(name) for name, value in shown.items())
    return bool(shown == sent)


thoroughly = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
members = st.lists(one, min_size=1, max_size=2)


@thoroughly
@given(method=st.sampled_from(["PUT", "PATCH"]), body=bodies(follow_me), user=st.sampled_from([None, "alice"]))
def test_a_follow_me(method: str, body: Any, user: str | None) -> None:
    holds(*asked(method, "/followme/users/1001", body, user), body)


@thoroughly
@given(body=bodies(mailbox), user=st.sampled_from([None, "alice"]))
def test_a_mailbox(body: Any, user: str | None) -> None:
    holds(*asked("PATCH", "/voicemail/mailboxes/1001", body, user), body)


@thoroughly
@given(number=st.sampled_from(["600", "601"]), body=bodies(ring_group, name=st.just("Sales"), members=members))
def test_a_ring_group(number: str, body: Any) -> None:
    holds(*asked("PUT", f"/ringgroups/groups/{number}", body), body)


@thoroughly
@given(pin=anything | st.from_regex("[0-9]{3,11}", fullmatch=True))
def test_a_pin(pin: Any) -> None:
    answer, read = asked("PATCH", "/voicemail/mailboxes/1002", {"pin": pin})
    assert answer.status in (200, 422)
    if answer.status == 200:
        assert answer.json["has_pin"] is read.json["has_pin"] is (pin is not None)
        tried, _ = asked("POST", "/voicemail/mailboxes/1002/pin-check", {"pin": pin or "8350"})
        assert tried.json["matches"] is (pin is not None) or tried.json["retry_after"] is not None
