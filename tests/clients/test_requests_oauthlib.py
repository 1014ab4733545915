"""requests-oauthlib against a real server: the web flow, and the two grants of the past, by their switch."""

from typing import Any, Final

import pytest
from oauthlib.oauth2 import LegacyApplicationClient, MobileApplicationClient
from oauthlib.oauth2.rfc6749.errors import AccessDeniedError, OAuth2Error
from requests_oauthlib import OAuth2Session

from tests.clients.inhabited import ALICE, PASSWORD, forward_of
from tests.clients.person import Person
from tests.live import Live

BACK: Final = "https://forwards.example.com/callback"
READ: Final = "rest:callforward:read"
SCOPE: Final = f"{READ} rest:callforward:write"


@pytest.fixture(autouse=True)
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library speaks plain http only if it is told to."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def registered(server: Live, type: str, *more: str) -> dict[str, str]:
    made: dict[str, str] = server.json(
        "app", "add", "requests-oauthlib", "--type", type, "--scope", SCOPE, "--redirect-uri", BACK, *more
    )
    return made


def test_a_web_application_with_pkce_that_refreshes(server: Live, alice: Person, found: dict[str, Any]) -> None:
    made = registered(server, "web")
    secret = made["client_secret"]
    with OAuth2Session(made["client_id"], redirect_uri=BACK, scope=SCOPE, pkce="S256") as session:
        url, _ = session.authorization_url(found["authorization_endpoint"])
        back = alice.allow(url).url
        first = session.fetch_token(found["token_endpoint"], authorization_response=back, client_secret=secret)
        assert first["scope"] == SCOPE.split()
        assert session.get(forward_of(server)).json()["extension"] == "1001"
        session.scope = READ
        second = session.refresh_token(found["token_endpoint"], client_id=made["client_id"], client_secret=secret)
        assert second["scope"] == [READ]
        assert session.patch(forward_of(server), json={"busy": None}).status_code == 403


@pytest.mark.parametrize("how", [{}, {"include_client_id": True}], ids=["an empty secret", "its id in the form"])
def test_a_public_client_says_who_it_is(
    server: Live, alice: Person, found: dict[str, Any], how: dict[str, Any]
) -> None:
    made = registered(server, "spa")
    with OAuth2Session(made["client_id"], redirect_uri=BACK, scope=SCOPE, pkce="S256") as session:
        url, _ = session.authorization_url(found["authorization_endpoint"])
        back = alice.allow(url).url
        token = session.fetch_token(found["token_endpoint"], authorization_response=back, **how)
        assert "refresh_token" not in token
        assert session.get(forward_of(server)).status_code == 200


def test_a_denial_is_understood(server: Live, alice: Person, found: dict[str, Any]) -> None:
    made = registered(server, "web")
    with OAuth2Session(made["client_id"], redirect_uri=BACK, scope=SCOPE, pkce="S256") as session:
        url, _ = session.authorization_url(found["authorization_endpoint"])
        back = alice.deny(url).url
        with pytest.raises(AccessDeniedError):
            session.fetch_token(found["token_endpoint"], authorization_response=back, client_secret="")


def test_the_implicit_grant_where_it_is_switched_on(server: Live, alice: Person, found: dict[str, Any]) -> None:
    made = registered(server, "spa", "--grant", "implicit")
    client = MobileApplicationClient(made["client_id"])
    with OAuth2Session(client=client, redirect_uri=BACK, scope=SCOPE) as session:
        url, _ = session.authorization_url(found["authorization_endpoint"])
        token = session.token_from_fragment(alice.allow(url).url)
        assert "refresh_token" not in token
        assert session.get(forward_of(server)).status_code == 200


def test_the_password_grant_where_it_is_switched_on(server: Live, found: dict[str, Any]) -> None:
    made = registered(server, "native", "--grant", "password")
    with OAuth2Session(client=LegacyApplicationClient(made["client_id"], scope=SCOPE)) as session:
        asked = {"client_id": made["client_id"], "client_secret": made["client_secret"], "username": ALICE}
        with pytest.raises(OAuth2Error, match="invalid_grant"):
            session.fetch_token(found["token_endpoint"], password="wrong", **asked)
        token = session.fetch_token(found["token_endpoint"], password=PASSWORD, **asked)
        assert "refresh_token" in token
        assert session.get(forward_of(server)).status_code == 200


def test_the_implicit_grant_is_off_by_itself(server: Live, alice: Person, found: dict[str, Any]) -> None:
    client = MobileApplicationClient(registered(server, "spa")["client_id"])
    with OAuth2Session(client=client, redirect_uri=BACK, scope=SCOPE) as session:
        url, _ = session.authorization_url(found["authorization_endpoint"])
        with pytest.raises(OAuth2Error, match="unauthorized_client"):
            session.token_from_fragment(alice.allow(url).url)


def test_the_password_grant_is_off_by_itself(server: Live, found: dict[str, Any]) -> None:
    made = registered(server, "native")
    session = OAuth2Session(client=LegacyApplicationClient(made["client_id"]))
    with session, pytest.raises(OAuth2Error, match="unauthorized_client"):
        session.fetch_token(found["token_endpoint"], username=ALICE, password=PASSWORD, include_client_id=True)
