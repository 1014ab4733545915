"""Nobody gives more than they hold (RFC 9700 §2.3): what each act asks of whoever does it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.authentication import ACR_VALUES, MFA_RUNG, PASSWORD_RUNG
from scopekeeper.oauth.giving import (
    EVERYTHING,
    Exceeds,
    Holding,
    require_account,
    require_ceiling,
    require_edit,
    require_link,
    require_registration,
)
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, Outliving, SubjectType, TokenFormat
from tests.altered import replace

MACHINE = frozenset({GrantType.CLIENT_CREDENTIALS})
WEB = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
NATIVE = (GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE, GrantType.REFRESH_TOKEN)
SCOPES = ("rest", "gql", "rest:a", "rest:a:read", "rest:a:write", "gql:b", "gql:b:read", "openid")

LITTLE = Holding(frozenset({"rest:a"}), MACHINE)
"""What a machine-to-machine application holds that may do one module's work."""
IN_A_NAME = Holding(frozenset({"rest:a"}), frozenset(WEB))
"""The same, by an application that a person let in."""


def client(scope: str = "rest:a", **more: Any) -> Client:
    facts: dict[str, Any] = {"type": ApplicationType.WEB, "grant_types": WEB, "redirect_uris": ("https://a.example",)}
    return Client("app", name="App", scope=tuple(scope.split()), created_at=0, **(facts | more))


def user(**more: Any) -> User:
    return User(1, "alice", None, 0, **more)


@pytest.mark.parametrize(
    "scope", ["rest:a", "rest:a:read rest:a:write:x", "rest:a openid profile email offline_access"]
)
def test_what_is_held_is_given(scope: str) -> None:
    require_registration(LITTLE, client(scope))


@pytest.mark.parametrize("scope", ["rest", "gql:a", "rest:b:read", "rest:a gql:a:read"])
def test_scopes_that_are_not_held_are_not_given_and_named(scope: str) -> None:
    with pytest.raises(Exceeds, match=scope.split()[-1]):
        require_registration(LITTLE, client(scope))


@given(held=st.frozensets(st.sampled_from(SCOPES)), asked=st.lists(st.sampled_from(SCOPES), unique=True))
def test_who_gives_a_scope_could_have_used_it(held: frozenset[str], asked: list[str]) -> None:
    """Whatever is given is covered by what is held, whoever gives it."""
    try:
        require_registration(Holding(held, MACHINE), client(" ".join(asked)))
    except Exceeds:
        return
    for scope in asked:
        assert scope == "openid" or any(scope == each or scope.startswith(f"{each}:") for each in held)


@pytest.mark.parametrize("grant", [GrantType.IMPLICIT, GrantType.PASSWORD, GrantType.CLIENT_CREDENTIALS])
def test_a_grant_that_needs_no_person_each_time_is_given_by_who_has_it(grant: GrantType) -> None:
    with pytest.raises(Exceeds, match=grant.value):
        require_registration(IN_A_NAME, client(grant_types=(*WEB, grant)))
    require_registration(replace(IN_A_NAME, grants=frozenset({grant})), client(grant_types=(*WEB, grant)))


def test_who_was_let_in_by_a_person_makes_nothing_that_outlives_that() -> None:
    """An m2m application acts in nobody's name: it would go on when the person has taken the access back."""
    with pytest.raises(Exceeds, match="client_credentials"):
        require_registration(IN_A_NAME, client(type=ApplicationType.M2M, grant_types=tuple(MACHINE), redirect_uris=()))


@pytest.mark.parametrize("grants", [WEB, NATIVE])
def test_grants_by_which_people_let_an_application_in_are_nobodys_to_hold(grants: tuple[GrantType, ...]) -> None:
    require_registration(LITTLE, client(grant_types=grants))


@pytest.mark.parametrize("switch", ["trusted", "resource_server"])
def test_what_stands_above_others_takes_everything(switch: str) -> None:
    for holding in (LITTLE, Holding(frozenset({"rest"}), MACHINE)):
        with pytest.raises(Exceeds, match="gql"):
            require_registration(holding, client(**dict[str, Any]({switch: True})))
        with pytest.raises(Exceeds):
            require_ceiling(holding, client(**dict[str, Any]({switch: True})), "a secret")
    require_registration(EVERYTHING, client(**dict[str, Any]({switch: True})))


def test_everything_is_both_apis() -> None:
    assert EVERYTHING.everything
    assert Holding(frozenset({"rest", "gql"}), frozenset()).everything
    assert not Holding(frozenset({"rest"}), MACHINE).everything


def test_a_secret_takes_what_the_application_may_do() -> None:
    require_ceiling(LITTLE, client(), "a secret")
    for richer in (client("rest"), client(grant_types=(*WEB, GrantType.PASSWORD))):
        with pytest.raises(Exceeds):
            require_ceiling(LITTLE, richer, "a secret")


RICH = client(
    "rest gql",
    type=ApplicationType.NATIVE,
    grant_types=(*NATIVE, GrantType.PASSWORD),
    redirect_uris=("https://a.example", "https://b.example"),
    post_logout_redirect_uris=("https://a.example/out",),
    backchannel_logout_uri="https://a.example/back",
    frontchannel_logout_uri="https://a.example/front",
    outlives_session=Outliving.OFFLINE_ACCESS,
    default_max_age=3_600,
    owner="alice",
    pkce_required=False,
    trusted=True,
    resource_server=True,
    access_token_lifetime=600,
    code_lifetime=60,
)

TAKES_AWAY: dict[str, dict[str, Any]] = {
    "fewer scopes": {"scope": ("rest:a", "gql:b:read")},
    "no scopes": {"scope": ()},
    "fewer redirect URIs": {"redirect_uris": ("https://a.example",)},
    "no logout URI": {"post_logout_redirect_uris": ()},
    "no back-channel": {"backchannel_logout_uri": None},
    "no front-channel": {"frontchannel_logout_uri": None},
    "nothing goes on after the session": {"outlives_session": Outliving.NEVER},
    "fresher sign-ins": {"default_max_age": 60},
    "a second factor": {"required_acr": MFA_RUNG},
    "nobody's": {"owner": None},
    "shut out": {"enabled": False},
    "PKCE": {"pkce_required": True},
    "no longer trusted": {"trusted": False},
    "no longer a resource server": {"resource_server": False},
    "shorter tokens": {"access_token_lifetime": 60},
    "shorter codes": {"code_lifetime": 30},
}

GIVES: dict[str, dict[str, Any]] = {
    "a scope": {"scope": ("rest", "gql", "openid")},
    "a grant": {"grant_types": (*NATIVE, GrantType.PASSWORD, GrantType.IMPLICIT)},
    "another redirect URI": {"redirect_uris": ("https://a.example", "https://b.example", "https://evil.example")},
    "a redirect URI in place of another": {"redirect_uris": ("https://evil.example",)},
    "a logout URI": {"post_logout_redirect_uris": ("https://evil.example",)},
    "another back-channel": {"backchannel_logout_uri": "https://evil.example"},
    "another front-channel": {"frontchannel_logout_uri": "https://evil.example"},
    "everything goes on after the session": {"outlives_session": Outliving.ALWAYS},
    "older sign-ins": {"default_max_age": 3_601},
    "sign-ins of any age": {"default_max_age": None},
    "another acr": {"default_acr_values": ACR_VALUES[:1]},
    "another owner": {"owner": "mallory"},
    "another name": {"name": "Your bank"},
    "another website": {"website": "https://evil.example"},
    "another description": {"description": "Harmless"},
    "longer tokens": {"access_token_lifetime": 601},
    "tokens as long as the server has it": {"access_token_lifetime": None},
    "longer codes": {"code_lifetime": 61},
    "another format": {"token_format": TokenFormat.JWT},
    "another algorithm": {"signing_alg": "RS256"},
    "another algorithm of id_tokens": {"id_token_signed_response_alg": "ES256"},
    "another algorithm of userinfo": {"userinfo_signed_response_alg": "ES256"},
    "other subjects": {"subject_type": SubjectType.PAIRWISE},
    "another sector": {"sector_identifier_uri": "https://evil.example/sector.json"},
    "no secret any more": {"grant_types": NATIVE},
}


@pytest.mark.parametrize("edit", TAKES_AWAY.values(), ids=TAKES_AWAY)
def test_what_only_takes_away_asks_for_nothing(edit: dict[str, Any]) -> None:
    require_edit(Holding(frozenset(), frozenset()), RICH, replace(RICH, **edit))


@pytest.mark.parametrize("edit", GIVES.values(), ids=GIVES)
def test_what_gives_takes_all_that_the_application_may_do(edit: dict[str, Any]) -> None:
    with pytest.raises(Exceeds):
        require_edit(Holding(frozenset({"rest"}), frozenset(GrantType)), RICH, replace(RICH, **edit))
    require_edit(EVERYTHING, RICH, replace(RICH, **edit))


@pytest.mark.parametrize(
    "edit",
    [{"enabled": True}, {"trusted": True}, {"resource_server": True}, {"pkce_required": False}],
    ids=["enabling it", "trusting it", "letting it introspect", "letting it do without PKCE"],
)
def test_a_richer_application_is_not_switched_on(edit: dict[str, Any]) -> None:
    poor = replace(RICH, enabled=False, trusted=False, resource_server=False, pkce_required=True)
    with pytest.raises(Exceeds):
        require_edit(LITTLE, poor, replace(poor, **edit))


@pytest.mark.parametrize("acr", [PASSWORD_RUNG, None])
def test_a_second_factor_that_was_required_is_not_given_up(acr: str | None) -> None:
    strict = replace(RICH, required_acr=MFA_RUNG)
    with pytest.raises(Exceeds):
        require_edit(Holding(frozenset({"rest"}), frozenset(GrantType)), strict, replace(strict, required_acr=acr))
    require_edit(Holding(frozenset(), frozenset()), replace(RICH, required_acr=PASSWORD_RUNG), strict)


def test_a_sign_in_that_could_be_of_any_age_has_to_be_fresh_from_now_on() -> None:
    lax = replace(RICH, default_max_age=None)
    require_edit(Holding(frozenset(), frozenset()), lax, replace(lax, default_max_age=3_600))


def test_an_edit_that_takes_and_gives_is_measured_by_what_it_leaves() -> None:
    left = client("rest:a", redirect_uris=("https://mine.example",))
    require_edit(LITTLE, client("rest gql"), left)
    with pytest.raises(Exceeds):
        require_edit(LITTLE, client("rest gql"), replace(left, scope=("rest:a", "gql")))


def test_an_administrator_is_made_and_edited_by_who_holds_everything() -> None:
    rest = Holding(frozenset({"rest"}), MACHINE)
    for old, new in (
        (None, user(admin=True)),
        (user(), user(admin=True)),
        (user(admin=True), user(admin=True, email="evil@example.com")),
        (user(admin=True, enabled=False), user(admin=True)),
    ):
        with pytest.raises(Exceeds, match="gql"):
            require_account(rest, old, new)
        require_account(EVERYTHING, old, new)


def test_anybody_elses_account_is_edited_by_who_may_write() -> None:
    nothing = Holding(frozenset(), frozenset())
    for old, new in ((None, user()), (user(), user(email="alice@example.com")), (user(enabled=False), user())):
        require_account(nothing, old, new)


@pytest.mark.parametrize("less", [{"admin": False}, {"enabled": False}, {"admin": False, "enabled": False}])
def test_an_administrator_is_made_less_by_who_may_write(less: dict[str, Any]) -> None:
    old = user(admin=True, email="alice@example.com")
    nothing = Holding(frozenset(), frozenset())
    require_account(nothing, old, replace(old, **less, revision=1, updated_at=5))
    with pytest.raises(Exceeds):
        require_account(nothing, old, replace(old, **less, email="evil@example.com"))


def test_a_link_that_makes_one_another_person_takes_everything() -> None:
    with pytest.raises(Exceeds, match="gql"):
        require_link(Holding(frozenset({"rest"}), frozenset(GrantType)))
    require_link(EVERYTHING)


MACHINE_FOR_PEOPLE = Holding(frozenset({"rest:admin"}), MACHINE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, user(email="a@example.com", email_verified=True)),
        (user(email="a@example.com"), user(email="a@example.com", email_verified=True)),
        (user(email="a@example.com", email_verified=True), user(email="b@example.com", email_verified=True)),
    ],
    ids=["with the account", "of the address that is there", "of another address"],
)
def test_row_53_who_may_not_have_a_link_for_a_person_vouches_for_no_address_either(old: User | None, new: User) -> None:
    """Links are sent to such an address, and other providers are believed by it."""
    with pytest.raises(Exceeds, match="vouching"):
        require_account(MACHINE_FOR_PEOPLE, old, new)
    require_account(EVERYTHING, old, new)


def test_an_account_whose_address_was_vouched_for_before_is_edited_by_who_may_edit() -> None:
    vouched = user(email="a@example.com", email_verified=True)
    require_account(MACHINE_FOR_PEOPLE, vouched, replace(vouched, full_name="Alice"))
    require_account(MACHINE_FOR_PEOPLE, vouched, replace(vouched, email="b@example.com", email_verified=False))


def test_whoever_asks_less_of_a_sign_in_gives_and_whoever_asks_more_takes_away() -> None:
    strict = client("rest:b", required_acr=ACR_VALUES[-1])
    with pytest.raises(Exceeds):
        require_edit(LITTLE, strict, client("rest:b"))
    require_edit(LITTLE, client("rest:b"), strict)
