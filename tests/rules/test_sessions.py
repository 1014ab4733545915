"""What an application says of people's sessions, by its rules: what may be registered, and what outlives a session."""

from typing import Any

import pytest

from scopekeeper.oauth.applications import Changes, Draft, Unfit, changed, registered
from scopekeeper.oauth.authentication import ACR_VALUES, MFA, MFA_RUNG, OTP, PASSWORD
from scopekeeper.oauth.beginning import begun
from scopekeeper.oauth.granted import Grantor
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, Outliving
from scopekeeper.oauth.sessions import sure_enough
from tests.rules.granting import web
from tests.rules.makers import KNOWN, NOW, mint

A_YEAR = 365 * 86_400
WEB, SPA, NATIVE, M2M = ApplicationType
FRAME = "https://app.example/out"
BACK = ("com.example.app:/cb", "https://App.example:443/cb", "http://localhost:3000/cb")


def an_application(type: ApplicationType = WEB, **more: Any) -> Client:
    drafted = {"name": "Phones", "type": type, "redirect_uris": BACK[1:] if type is not M2M else (), **more}
    return registered(Draft(**drafted), "abc", NOW, KNOWN.__contains__)


def refusal(type: ApplicationType = WEB, **more: Any) -> tuple[str, str]:
    """The field and the reason; the same by an edit as by a registration."""
    with pytest.raises(Unfit) as drafted:
        an_application(type, **more)
    with pytest.raises(Unfit) as edited:
        changed(an_application(type), Changes(**more), NOW, KNOWN.__contains__)
    assert (drafted.value.field, str(drafted.value)) == (edited.value.field, str(edited.value))
    return edited.value.field, str(edited.value)


@pytest.mark.parametrize("type", [WEB, SPA])
@pytest.mark.parametrize(
    "uri", [FRAME, "https://APP.example", "https://app.example:443/out?lang=de&side=1", "http://localhost:3000/out"]
)
def test_a_front_channel_logout_uri_has_the_origin_of_a_redirect_uri(type: ApplicationType, uri: str) -> None:
    """OpenID Connect Front-Channel Logout §2: domain, port and scheme are those of a registered one."""
    assert an_application(type, frontchannel_logout_uri=uri).frontchannel_logout_uri == uri


@pytest.mark.parametrize(
    "uri",
    ["https://app.example.evil/out", "https://app.example:8443/out", "http://localhost/out", "http://127.0.0.1:3000/",
     "https://sub.app.example/out"],
)  # fmt: skip
def test_a_frame_of_another_origin_is_refused(uri: str) -> None:
    """OpenID Connect Front-Channel Logout §2: all three are the same, compared as browsers do."""
    field, reason = refusal(frontchannel_logout_uri=uri)
    assert field == "frontchannel_logout_uri"
    assert reason == f"its scheme, host and port are those of a redirect URI of the application: {uri!r}"


@pytest.mark.parametrize(
    "uri", ["", "http://app.example/out", "https://app.example/#x", "https://u@app.example/", "javascript:alert(1)"]
)
def test_row_9_a_frame_is_held_to_the_rules_of_redirects_first(uri: str) -> None:
    field, reason = refusal(frontchannel_logout_uri=uri)
    assert field == "frontchannel_logout_uri"
    assert "its scheme" not in reason


@pytest.mark.parametrize("query", ["sid=1", "a=1&sid", "iss=x", "%73id=1"])
def test_what_is_added_to_the_frames_address_does_not_stand_there(query: str) -> None:
    """OpenID Connect Front-Channel Logout §3: iss and sid."""
    assert refusal(frontchannel_logout_uri=f"{FRAME}?{query}")[0] == "frontchannel_logout_uri"


def test_a_redirect_uri_is_not_taken_away_while_a_frame_depends_on_it() -> None:
    client = an_application(frontchannel_logout_uri=FRAME)
    with pytest.raises(Unfit) as unfit:
        changed(client, Changes(redirect_uris=BACK[2:]), NOW, KNOWN.__contains__)
    assert unfit.value.field == "frontchannel_logout_uri"
    both = Changes(redirect_uris=(), frontchannel_logout_uri=None)
    assert changed(client, both, NOW, KNOWN.__contains__).frontchannel_logout_uri is None


def test_only_what_lives_in_a_browser_has_a_frame() -> None:
    field, reason = refusal(NATIVE, frontchannel_logout_uri=FRAME)
    assert (field, reason.startswith("only a web or a single-page application")) == ("frontchannel_logout_uri", True)


@pytest.mark.parametrize("seconds", [0, 1, A_YEAR])
def test_a_sign_in_may_have_to_be_of_this_moment_or_of_this_year(seconds: int) -> None:
    """OpenID Connect Registration §2, default_max_age."""
    assert an_application(default_max_age=seconds).default_max_age == seconds
    assert an_application(default_max_age=None).default_max_age is None


@pytest.mark.parametrize("seconds", [-1, A_YEAR + 1])
def test_row_9_no_other_age_is_taken(seconds: int) -> None:
    assert refusal(default_max_age=seconds)[0] == "default_max_age"


def test_an_application_may_like_each_rung_that_there_is() -> None:
    """OpenID Connect Registration §2, default_acr_values: in the order of its preference."""
    backwards = ACR_VALUES[::-1]
    assert an_application(default_acr_values=backwards).default_acr_values == backwards


def test_row_9_a_rung_that_is_none_is_refused_with_those_that_there_are() -> None:
    field, reason = refusal(default_acr_values=(*ACR_VALUES, "urn:example:gold"))
    assert field == "default_acr_value"
    assert reason == f"no such acr: 'urn:example:gold'. There is {', '.join(ACR_VALUES)}"


def test_row_9_a_rung_is_named_once() -> None:
    """So there are never more than there are rungs."""
    assert refusal(default_acr_values=ACR_VALUES + ACR_VALUES[:1])[0] == "default_acr_value"


@pytest.mark.parametrize("acr", [None, *ACR_VALUES])
def test_an_application_may_require_any_rung_that_there_is(acr: str | None) -> None:
    client = an_application(required_acr=acr)
    assert client.required_acr == acr
    assert sure_enough(client, (PASSWORD, OTP, MFA))
    assert sure_enough(client, (PASSWORD,)) is (acr != MFA_RUNG)
    assert sure_enough(client, ()) is (acr is None)


def test_row_9_what_is_no_rung_cannot_be_required() -> None:
    field, reason = refusal(required_acr="urn:example:gold")
    assert (field, reason) == (
        "required_acr",
        f"no such acr: 'urn:example:gold'. There is {', '.join(ACR_VALUES)}",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("frontchannel_logout_uri", FRAME), ("outlives_session", Outliving.ALWAYS), ("outlives_session", Outliving.NEVER),
     ("default_max_age", 60), ("default_acr_values", ACR_VALUES), ("required_acr", MFA_RUNG)],
)  # fmt: skip
def test_where_nobody_signs_in_there_is_nothing_to_say_of_sessions(field: str, value: object) -> None:
    told = refusal(M2M, **{field: value})
    assert told == (field.replace("_values", "_value"), "nobody signs in to a machine-to-machine application")


OFFLINE = ("openid", "offline_access")
ONLINE = ("openid",)
ANY_SCOPE = pytest.mark.parametrize("scope", [OFFLINE, ONLINE], ids=["offline_access", "none"])
ANY_GRANT = pytest.mark.parametrize("grant_type", [*GrantType, None], ids=str)


def offline(
    outlives: Outliving, scope: tuple[str, ...], grant_type: GrantType | None, session: int | None = 70
) -> bool:
    grantor = Grantor(7, "alice", NOW - 50, session)
    issue = begun(web(outlives_session=outlives), grantor, scope, grant_type, mint(), address=None)
    assert issue.grant is not None
    return issue.grant.offline


@ANY_SCOPE
@ANY_GRANT
def test_the_application_says_what_outlives_a_session(scope: tuple[str, ...], grant_type: GrantType | None) -> None:
    """OpenID Connect Back-Channel Logout §2.7, whichever way it was granted, the implicit one included."""
    assert not offline(Outliving.NEVER, scope, grant_type)
    assert offline(Outliving.OFFLINE_ACCESS, scope, grant_type) is (scope is OFFLINE)
    assert offline(Outliving.ALWAYS, scope, grant_type)


@ANY_SCOPE
@ANY_GRANT
@pytest.mark.parametrize("outlives", list(Outliving))
def test_what_began_in_no_session_ends_with_none(
    outlives: Outliving, scope: tuple[str, ...], grant_type: GrantType | None
) -> None:
    assert offline(outlives, scope, grant_type, session=None)
