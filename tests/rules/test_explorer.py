"""The explorer's token, by its rule: who gets it, for what, for how long, and what ends when one more begins."""

from typing import Any

import pytest

from scopekeeper.oauth.applications import Changes, Unfit, changed
from scopekeeper.oauth.authentication import ACR_VALUES
from scopekeeper.oauth.built_in import LIFETIME, explorer
from scopekeeper.oauth.explorer import MOST_LIVE, Denied, Selected, Unselectable, decide, ended_by, selected_of
from scopekeeper.oauth.giving import Exceeds, Holding, require_edit
from scopekeeper.oauth.granted import Family, acts_for
from scopekeeper.oauth.introspect import INACTIVE, introspect
from scopekeeper.oauth.lint import findings
from scopekeeper.oauth.people import ABSOLUTE, IDLE, Session, User
from scopekeeper.oauth.privilege import Observed, Seen, advice
from scopekeeper.oauth.records import EXPLORER, Client, GrantType, Outliving, SubjectType, Token, TokenFormat
from scopekeeper.oauth.rehearsal import rehearsed
from scopekeeper.oauth.secrets import Kind, digest_of, row_of
from scopekeeper.oauth.token import Issue
from tests.altered import replace
from tests.rules import granting, makers
from tests.rules.makers import ISSUER, KNOWN, NOW, SUBJECTS, mint

ROOT = User(7, "root", None, NOW - 9_000, admin=True)
STAY = Session(70, b"", 7, "root", NOW - 500, NOW - 5)
READ, WRITE = "rest:callforward:read", "rest:callforward:write"
MADE = explorer(NOW)


def select(asked: str) -> Selected:
    return selected_of(asked, KNOWN.__contains__)


def decided(asked: str = READ, client: Client = MADE, user: User = ROOT, session: Session = STAY) -> Issue:
    return decide(client, user, session, select(asked), mint(), address="203.0.113.7")


def edited(**changes: Any) -> Client:
    return changed(MADE, Changes(**changes), NOW + 1, KNOWN.__contains__)


def test_an_administrator_gets_an_opaque_token_for_ten_minutes_in_their_name_that_ends_with_their_session() -> None:
    issue = decided(f"{WRITE} {READ}")
    assert (issue.token.client_id, issue.token.user, issue.token.user_id) == (EXPLORER, "root", 7)
    assert (issue.expires_in, issue.token.expires_at) == (600, NOW + 600)
    assert row_of(issue.access_token, Kind.ACCESS_TOKEN) == issue.token.id
    assert issue.token.digest == digest_of(issue.access_token)
    assert (issue.token.format, issue.claims, issue.token.address) == (TokenFormat.OPAQUE, None, "203.0.113.7")
    family = issue.grant
    assert (family.session_id, family.offline, family.auth_time) == (70, False, STAY.signed_in_at)
    assert (family.grant_type, family.expires_at, issue.token.family_id) == (None, NOW + 600, family.id)


def test_it_has_no_refresh_token_and_no_id_token_with_it() -> None:
    issue = decided("openid offline_access " + READ)
    assert (issue.refresh, issue.refresh_token, issue.identity) == (None, "", None)


def test_it_has_the_scopes_that_were_selected_as_they_were_selected() -> None:
    """Two siblings are not collapsed to their parent, and a parent stays beside its child."""
    assert decided(f"{WRITE} {READ}").token.scope == (WRITE, READ)
    assert decided(f"{READ} rest gql {READ}").token.scope == (READ, "rest", "gql")


def test_identity_scopes_are_left_out_and_told_of() -> None:
    assert select(f"openid {READ} email") == Selected((READ,), ("openid", "email"))
    with pytest.raises(Unselectable, match="openid profile opens nothing in the API") as refused:
        select("openid profile")
    assert (refused.value.status, refused.value.error, refused.value.unknown) == (422, "invalid_scope", ())


@pytest.mark.parametrize(
    ("asked", "unknown"),
    [
        (f"rest:nonsense {READ} gql:nothing:read", ("rest:nonsense", "gql:nothing:read")),
        ("Rest:callforward", ("Rest:callforward",)),
        (" ".join(f"rest:x{number}" for number in range(30)), tuple(f"rest:x{number}" for number in range(20))),
        ("x" * 5_000, ("x" * 100,)),
        ("", ()),
        ("rest\tgql", ()),
        ("rest é", ()),
        ("y " * 40_000, ()),
    ],
)
def test_what_is_unknown_or_malformed_or_nothing_is_refused_and_named(asked: str, unknown: tuple[str, ...]) -> None:
    with pytest.raises(Unselectable) as refused:
        select(asked)
    assert refused.value.unknown == unknown
    assert refused.value.description


@pytest.mark.parametrize(
    ("user", "session"),
    [
        (replace(ROOT, admin=False), STAY),
        (replace(ROOT, enabled=False), STAY),
        (replace(ROOT, id=8), STAY),
        (ROOT, replace(STAY, last_seen_at=NOW - IDLE)),
        (ROOT, replace(STAY, signed_in_at=NOW - ABSOLUTE)),
    ],
)
def test_row_55_nobody_else_gets_one(user: User, session: Session) -> None:
    with pytest.raises(Denied):
        decided(user=user, session=session)


def test_while_the_application_is_disabled_there_is_none_and_it_is_told_where_to_enable_it() -> None:
    with pytest.raises(Denied) as refused:
        decided(client=edited(enabled=False))
    assert (refused.value.status, refused.value.error) == (403, "access_denied")
    assert "/console/applications/api-explorer" in refused.value.description


def test_a_narrowed_application_gives_no_more_than_that_and_names_what_it_lacks() -> None:
    narrowed = edited(scope=READ)
    assert decided(READ, narrowed).token.scope == (READ,)
    with pytest.raises(Denied) as refused:
        decided(f"{READ} {WRITE} gql", narrowed)
    assert refused.value.lacking == (WRITE, "gql")
    assert f"{WRITE} gql" in refused.value.description


def test_its_tokens_may_live_shorter_and_never_longer() -> None:
    assert decided(client=edited(access_token_lifetime=60)).expires_in == 60
    for strange in (replace(MADE, access_token_lifetime=None), replace(MADE, access_token_lifetime=86_400)):
        assert decided(client=strange).expires_in == LIFETIME


def test_even_where_a_row_was_tampered_with_the_token_is_opaque_and_is_not_refreshed() -> None:
    strange = replace(MADE, token_format=TokenFormat.JWT)
    assert decided(client=strange).token.format is TokenFormat.OPAQUE


def a_family(id: int, **facts: object) -> Family:
    return granting.family(id=id, client_id=EXPLORER, session_id=70, grant_type=None, **facts)


def a_token(**facts: object) -> Token:
    return makers.token(**{"client_id": EXPLORER, "user": "root", "user_id": 7, "family_id": 3, **facts})


def test_the_token_that_is_replaced_ends() -> None:
    assert ended_by(ROOT, STAY, a_token(), [a_family(3), a_family(4)]) == (3,)
    assert ended_by(ROOT, STAY, None, [a_family(3), a_family(4)]) == ()


def test_row_55_what_is_another_persons_or_another_applications_does_not_end() -> None:
    for foreign in (a_token(user_id=8), a_token(client_id="abc"), a_token(family_id=None), a_token(user_id=None)):
        assert ended_by(ROOT, STAY, foreign, []) == ()


def test_a_session_has_no_more_than_so_many_and_the_oldest_ends_first() -> None:
    live = [a_family(id) for id in range(100, 100 + MOST_LIVE)][::-1]
    assert ended_by(ROOT, STAY, None, live[1:]) == ()
    assert ended_by(ROOT, STAY, None, live) == (100,)
    assert ended_by(ROOT, STAY, a_token(family_id=105), live) == (105,)
    assert ended_by(ROOT, STAY, None, [*live, a_family(99), a_family(98)]) == (98, 99, 100)
    others = [granting.family(id=1, session_id=70), replace(a_family(2), session_id=71)]
    assert ended_by(ROOT, STAY, None, [*live[1:], *others]) == ()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("grant", {"grants": ("authorization_code",)}),
        ("grant", {"grants": ("refresh_token",)}),
        ("grant", {"grants": ("implicit",)}),
        ("redirect_uri", {"redirect_uris": ("https://evil.example/",)}),
        ("post_logout_redirect_uri", {"post_logout_redirect_uris": ("https://evil.example/",)}),
        ("backchannel_logout_uri", {"backchannel_logout_uri": "https://evil.example/"}),
        ("frontchannel_logout_uri", {"frontchannel_logout_uri": "https://evil.example/"}),
        ("outlives_session", {"outlives_session": Outliving.ALWAYS}),
        ("default_max_age", {"default_max_age": 60}),
        ("default_acr_value", {"default_acr_values": ACR_VALUES}),
        ("required_acr", {"required_acr": ACR_VALUES[-1]}),
        ("subject_type", {"subject_type": SubjectType.PAIRWISE}),
        ("name", {"name": "Your bank"}),
        ("description", {"description": "Trust me"}),
        ("website", {"website": "https://evil.example/"}),
        ("owner", {"owner": "mallory"}),
        ("token_format", {"token_format": TokenFormat.JWT}),
        ("signing_alg", {"signing_alg": "RS256"}),
        ("id_token_signed_response_alg", {"id_token_signed_response_alg": "ES256"}),
        ("userinfo_signed_response_alg", {"userinfo_signed_response_alg": "ES256"}),
        ("sector_identifier_uri", {"sector_identifier_uri": "https://evil.example/"}),
        ("code_lifetime", {"code_lifetime": 60}),
        ("trusted", {"trusted": True}),
        ("resource_server", {"resource_server": True}),
        ("scope", {"scope": "rest openid"}),
        ("access_token_lifetime", {"access_token_lifetime": None}),
        ("access_token_lifetime", {"access_token_lifetime": 601}),
    ],
)
def test_row_44_no_edit_makes_it_a_client_that_others_could_use(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Unfit) as unfit:
        edited(**changes)
    assert unfit.value.field == field
    assert "Explorer" in str(unfit.value)


def test_row_44_an_edit_that_names_no_grant_adds_none_of_those_that_its_type_has() -> None:
    assert edited(grants=(), scope=READ).grant_types == ()
    assert edited(grants=(), name="API Explorer", redirect_uris=(), owner=None).grant_types == ()


def test_row_44_every_field_of_an_application_is_either_editable_or_refused() -> None:
    """Another field that an edit could name is not forgotten here."""
    tried = set(Changes.__dataclass_fields__) - {"scope", "enabled", "access_token_lifetime"}
    assert tried == {
        "name", "grants", "redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri", "description",
        "website", "owner", "token_format", "signing_alg", "id_token_signed_response_alg",
        "userinfo_signed_response_alg", "subject_type", "sector_identifier_uri", "code_lifetime",
        "frontchannel_logout_uri", "outlives_session", "default_max_age", "default_acr_values", "required_acr",
        "pkce_required", "trusted", "resource_server",
    }  # fmt: skip
    with pytest.raises(Unfit):
        edited(pkce_required=False)


def test_its_ceiling_is_narrowed_and_widened_again_by_whoever_holds_as_much() -> None:
    narrowed, wide = edited(scope=READ), edited(scope="rest gql")
    require_edit(Holding(frozenset(), frozenset()), MADE, narrowed)
    with pytest.raises(Exceeds):
        require_edit(Holding(frozenset({"rest"}), frozenset(GrantType)), narrowed, wide)


def test_lint_and_the_advice_of_least_privilege_have_nothing_to_say_of_it() -> None:
    for client in (MADE, edited(enabled=False), edited(scope=""), replace(MADE, created_at=0)):
        assert findings(client, NOW + 90 * 86_400) == ()
    observed = Observed(
        NOW - 9 * 86_400, NOW, NOW - 9 * 86_400, calls=(Seen("rest", 3, NOW),), scopes=(Seen(READ, 3, NOW),)
    )
    assert advice(MADE, observed).changes is None
    assert advice(replace(MADE, client_id="abc"), observed).changes is not None


def test_no_rehearsal_of_a_grant_shows_a_token_of_it() -> None:
    """The Scope Visualizer previews what an application would get: this one gets none by any grant."""
    grantor = granting.code().grantor
    with pytest.raises(Exception, match="not registered for the grant"):
        rehearsed(MADE, READ, ROOT, grantor, NOW, ISSUER, mint().lifetimes, KNOWN.__contains__, SUBJECTS)


def test_row_55_what_it_issued_holds_only_while_its_person_is_an_administrator() -> None:
    token = decided().token
    assert acts_for(token, MADE, ROOT)
    for other in (replace(ROOT, admin=False), replace(ROOT, enabled=False), replace(ROOT, id=8), None):
        assert not acts_for(token, MADE, other)
    assert acts_for(token, replace(MADE, client_id="abc"), replace(ROOT, admin=False))


def test_row_55_a_resource_server_hears_nothing_of_a_token_whose_person_is_no_administrator_any_more() -> None:
    """RFC 7662 §2.2: what the guard would not honour is not active."""
    token, server = decided().token, makers.client(resource_server=True)
    assert introspect(server, token, MADE, ROOT, ISSUER, NOW, SUBJECTS)["active"] is True
    assert introspect(server, token, MADE, replace(ROOT, admin=False), ISSUER, NOW, SUBJECTS) == INACTIVE
