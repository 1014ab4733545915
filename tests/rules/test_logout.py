"""A logout request: what is sound, what is told to the person alone, and when nobody need be asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.logout import (
    LONGEST_LOGOUT_HINT,
    LONGEST_STATE,
    Ask,
    Done,
    End,
    Hint,
    Leave,
    LogoutRequest,
    Unsound,
    hint_of,
    leave_of,
    next_step,
)
from scopekeeper.oauth.logout.frames import MOST, frames_of, origins_of
from scopekeeper.oauth.logout.token import logout_claims
from scopekeeper.oauth.people import Session
from scopekeeper.oauth.records import Client, SubjectType
from scopekeeper.oauth.steps import Present
from tests.altered import replace
from tests.rules.granting import ALICE, web
from tests.rules.makers import ISSUER, NOW, SUBJECTS

BYE = "https://app.example/bye"
SESSION = Session(70, b"s" * 32, ALICE.id, ALICE.name, NOW - 60, NOW)
ALICE_HERE = Present(ALICE, SESSION)


def leaving(**more: object) -> Client:
    """An application that wants people back when they have signed out."""
    return web(**{"post_logout_redirect_uris": (BYE, f"{BYE}?from=here"), **more})


def a_hint(client: Client, *, user_id: int = ALICE.id, session_id: int = SESSION.id) -> Hint:
    """What an id_token of this person in this session says."""
    return Hint(client.client_id, SUBJECTS.of(client, user_id), SUBJECTS.sid(client, session_id))


def asked(hint: Hint | None, client: Client | None, **parameters: str) -> Leave:
    """What is asked. A hint was sent where there is one."""
    sent = {} if hint is None else {"id_token_hint": "…"}
    return leave_of(LogoutRequest(sent | parameters), hint, client)


def fault(hint: Hint | None, client: Client | None, **parameters: str) -> str:
    """What is wrong with it."""
    with pytest.raises(Unsound) as unsound:
        asked(hint, client, **parameters)
    return unsound.value.fault


def test_nothing_has_to_be_said_at_all() -> None:
    """OpenID Connect RP-Initiated Logout §2: every parameter is OPTIONAL or RECOMMENDED."""
    assert asked(None, None) == Leave(None, None, None)


def test_the_state_comes_back_behind_what_the_address_has_itself() -> None:
    """OpenID Connect RP-Initiated Logout §3: state, if it was included in the request."""
    client = leaving()
    for uri, state, onward in (
        (BYE, None, BYE),
        (BYE, "a b&c=d", f"{BYE}?state=a%20b%26c%3Dd"),
        (f"{BYE}?from=here", "xyz", f"{BYE}?from=here&state=xyz"),
    ):
        more = {} if state is None else {"state": state}
        assert asked(None, client, client_id="abc", post_logout_redirect_uri=uri, **more).onward == onward
    assert asked(None, client, client_id="abc", state="xyz").onward is None


@pytest.mark.parametrize(
    "uri",
    [
        f"{BYE}/", f"{BYE}?", f"{BYE}#", f"{BYE}?from=there", f"{BYE}?from=here&x", "https://app.example/cb",
        "https://APP.example/bye", "http://app.example/bye", "https://app.example.evil.example/bye",
        "https://app.example/bye/../bye", "https://app.example/%62ye", "https://app.example@evil.example/bye",
        "//app.example/bye", "/bye", "javascript:alert(1)", "data:text/html,x", f"{BYE}\n", f" {BYE}",
    ],
)  # fmt: skip
def test_row_9_nobody_goes_on_to_an_address_that_is_not_letter_by_letter_a_registered_one(uri: str) -> None:
    """OpenID Connect RP-Initiated Logout §3: MUST exactly match; RFC 9700 §4.11: no open redirector."""
    client = leaving()
    assert fault(None, client, client_id="abc", post_logout_redirect_uri=uri) == "redirect_foreign"
    assert fault(a_hint(client), client, post_logout_redirect_uri=uri) == "redirect_foreign"


def test_row_9_nobody_goes_on_where_nobody_says_whose_address_it_is() -> None:
    """OpenID Connect RP-Initiated Logout §3: only with means to confirm that it is the application's."""
    assert fault(None, None, post_logout_redirect_uri=BYE) == "redirect_unnamed"


def test_row_9_the_redirect_uris_of_sign_in_and_of_sign_out_are_not_taken_for_one_another() -> None:
    client = leaving(redirect_uris=("https://app.example/cb",))
    assert fault(None, client, client_id="abc", post_logout_redirect_uri="https://app.example/cb") == "redirect_foreign"


def test_row_33_a_hint_that_is_none_of_ours_is_refused_whatever_else_is_said() -> None:
    """OpenID Connect RP-Initiated Logout §2: the OP MUST validate that it was the issuer."""
    more = {"id_token_hint": "e30.e30.c2ln", "client_id": "abc", "post_logout_redirect_uri": BYE}
    assert fault(None, leaving(), **more) == "hint"
    assert fault(None, None, id_token_hint="e30.e30.c2ln") == "hint"


def test_a_client_id_is_that_of_the_hint() -> None:
    """OpenID Connect RP-Initiated Logout §2: MUST verify that it matches."""
    client, other = leaving(), leaving(client_id="other")
    assert asked(a_hint(client), client, client_id="abc").client == client
    assert fault(a_hint(client), other, client_id="other") == "another"


@pytest.mark.parametrize("client", [None, leaving(enabled=False)])
def test_an_application_that_is_gone_or_disabled_is_not_known(client: Client | None) -> None:
    assert fault(None, client, client_id="abc") == "application"
    assert fault(a_hint(leaving()), client) == "application"
    assert fault(a_hint(leaving()), client, client_id="abc", post_logout_redirect_uri=BYE) == "application"


def test_what_is_sent_twice_is_refused() -> None:
    """RFC 6749 §3.1."""
    with pytest.raises(Unsound) as unsound:
        leave_of(LogoutRequest({"state": "a"}, frozenset({"state"})), None, None)
    assert unsound.value.fault == "repeated"


@pytest.mark.parametrize(("name", "longest"), [("state", LONGEST_STATE), ("logout_hint", LONGEST_LOGOUT_HINT)])
def test_what_is_out_of_all_measure_is_refused(name: str, longest: int) -> None:
    assert asked(None, leaving(), client_id="abc", **{name: "x" * longest}).client is not None
    assert fault(None, leaving(), client_id="abc", **{name: "x" * (longest + 1)}) == "long"


def test_nobody_is_asked_who_shows_an_id_token_of_this_very_session() -> None:
    """OpenID Connect RP-Initiated Logout §2: the id_token_hint says that it is the End-User's own session."""
    for client in (leaving(), leaving(subject_type=SubjectType.PAIRWISE, redirect_uris=("https://app.example/cb",))):
        assert next_step(Leave(client, a_hint(client), None), ALICE_HERE, SUBJECTS) == End()


def test_row_9_and_47_everybody_else_is_asked() -> None:
    """OpenID Connect RP-Initiated Logout §2, §6: MUST ask where there is no hint, or it is not of this session."""
    client = leaving()
    hint = a_hint(client)
    for each in (
        None,
        a_hint(client, session_id=71),
        a_hint(client, user_id=8),
        a_hint(client, user_id=8, session_id=71),
        replace(hint, sid=None),
        replace(hint, sid=""),
        a_hint(leaving(client_id="other")),
    ):
        assert next_step(Leave(client, each, None), ALICE_HERE, SUBJECTS) == Ask(), each
    assert next_step(Leave(None, None, None), ALICE_HERE, SUBJECTS) == Ask()


def test_where_nobody_is_signed_in_there_is_nothing_to_ask() -> None:
    client = leaving()
    for hint in (None, a_hint(client)):
        assert next_step(Leave(client, hint, BYE), None, SUBJECTS) == Done()


def test_a_hint_is_read_from_the_claims_of_an_id_token_with_or_without_a_sid() -> None:
    assert hint_of({"aud": "abc", "sub": "s", "sid": "x"}) == Hint("abc", "s", "x")
    assert hint_of({"aud": "abc", "sub": "s"}) == Hint("abc", "s", None)


def test_frames_say_who_asks_and_of_which_session_behind_what_their_address_has() -> None:
    """OpenID Connect Front-Channel Logout §2: query parameters MUST be retained; iss and sid are added."""
    one = leaving(frontchannel_logout_uri="https://app.example/out?way=front")
    two = leaving(client_id="two", frontchannel_logout_uri="https://two.example:8443/out")
    without, disabled = leaving(client_id="three"), replace(one, enabled=False)
    frames = frames_of([one, without, disabled, two], SESSION.id, ISSUER, SUBJECTS)
    iss = "iss=https%3A%2F%2Fid.example.com"
    assert frames == [
        f"https://app.example/out?way=front&{iss}&sid={SUBJECTS.sid(one, SESSION.id)}",
        f"https://two.example:8443/out?{iss}&sid={SUBJECTS.sid(two, SESSION.id)}",
    ]
    assert origins_of(frames) == ["https://app.example", "https://two.example:8443"]
    assert origins_of([*frames, *frames]) == origins_of(frames)


def test_a_page_loads_no_more_frames_than_it_has_room_for() -> None:
    clients = [leaving(client_id=str(each), frontchannel_logout_uri="https://app.example/out") for each in range(99)]
    assert len(frames_of(clients, 70, ISSUER, SUBJECTS)) == MOST


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_a_logout_token_says_what_it_has_to_and_no_nonce(user_id: int, session_id: int) -> None:
    """OpenID Connect Back-Channel Logout §2.4."""
    client = leaving()
    claims = logout_claims(client, user_id, session_id, SUBJECTS, issuer=ISSUER, now=NOW, jti="j")
    assert claims == {
        "iss": ISSUER,
        "sub": SUBJECTS.of(client, user_id),
        "aud": "abc",
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "j",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sid": SUBJECTS.sid(client, session_id),
    }
