"""An application behind mod_auth_openidc in Apache: signs in, refreshes, signs out, and is signed out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from tests.clients.inhabited import ALICE, alice_at, forward_of, inhabited
from tests.clients.page import Page
from tests.clients.person import Departure, Person
from tests.interop.apache import apache, hook, origin, told
from tests.live import Live, felt, free_port
from tests.waiting import until

SCOPE: Final = "openid profile offline_access rest:callforward:read"


@dataclass(frozen=True, slots=True)
class Site:
    """The application, and the server that it trusts."""

    server: Live
    home: str
    inside: str
    """Who wants to see this has to be somebody."""
    hook: str

    def answered(self, token: str) -> int:
        """What our API answers to this access token."""
        return httpx2.get(forward_of(self.server), headers={"authorization": f"Bearer {token}"}).status_code

    def sessions(self) -> set[str]:
        """Alice's, by their ids."""
        return {each["id"] for each in self.server.json("user", "sessions", ALICE)}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    port = free_port()
    with inhabited(tmp_path_factory.mktemp("apache"), {"SCOPEKEEPER_FETCH_ALLOW": f"127.0.0.1:{port}"}) as server:
        made = server.json(
            "app", "add", "Behind Apache", "--type", "web", "--scope", SCOPE, "--redirect-uri", hook(port),
            "--post-logout-redirect-uri", f"{origin(port)}/",
            "--backchannel-logout-uri", f"{hook(port)}?logout=backchannel",
        )  # fmt: skip
        settings = {
            "OIDCProviderMetadataURL": f"{server.issuer}/.well-known/openid-configuration",
            "OIDCClientID": made["client_id"],
            "OIDCClientSecret": made["client_secret"],
            "OIDCPKCEMethod": "S256",
            "OIDCScope": f'"{SCOPE}"',
        }
        with apache(port, settings):
            yield Site(server, f"{origin(port)}/", f"{origin(port)}/inside/", hook(port))


@contextmanager
def visiting(site: Site) -> Iterator[tuple[httpx2.Client, Person]]:
    """Alice, signed in by a browser of her own: what it keeps of the application, and of us."""
    with httpx2.Client(headers={"accept": "text/html"}) as browser, alice_at(site.server) as alice:
        asked = browser.get(site.inside)
        arrived = browser.get(alice.allow(asked.headers["location"]).url, follow_redirects=True)
        assert (arrived.status_code, str(arrived.url)) == (200, site.inside)
        yield browser, alice


def test_it_is_told_who_is_there_and_may_call_in_their_name(site: Site) -> None:
    with visiting(site) as (browser, _):
        seen = told(browser.get(site.inside).text)
    assert seen["REMOTE_USER"] == f"{seen['OIDC_CLAIM_sub']}@{site.server.issuer}"
    assert seen["OIDC_CLAIM_amr"] == "pwd"
    assert seen["OIDC_CLAIM_preferred_username"] == ALICE
    assert site.answered(seen["OIDC_access_token"]) == 200


def test_it_refreshes_its_access_token(site: Site) -> None:
    with visiting(site) as (browser, _):
        before = told(browser.get(site.inside).text)["OIDC_access_token"]
        asked = browser.get(site.hook, params={"refresh": site.inside, "access_token": before})
        assert (asked.status_code, asked.headers["location"]) == (302, site.inside)
        after = told(browser.get(site.inside).text)["OIDC_access_token"]
    assert after != before
    assert site.answered(after) == 200


def test_who_signs_out_of_it_is_signed_out_here(site: Site) -> None:
    """OpenID Connect RP-Initiated Logout §2, §3; and the module revokes its tokens (RFC 7009 §2)."""
    with visiting(site) as (browser, alice):
        token = told(browser.get(site.inside).text)["OIDC_access_token"]
        asked = browser.get(site.hook, params={"logout": site.home}).headers["location"]
        assert not alice.has_to_sign_in()
        assert asked.startswith(f"{site.server.issuer}/oauth/logout?")
        assert sorted(dict(parse_qsl(urlsplit(asked).query))) == ["id_token_hint", "post_logout_redirect_uri"]
        assert alice.open(asked) == Departure(site.home)
        assert browser.get(site.inside).status_code == 302
        assert alice.has_to_sign_in()
    felt(lambda: site.answered(token), 401)


@pytest.mark.parametrize("ender", ["alice", "an administrator"])
def test_a_session_that_ends_here_ends_there_and_no_other_does(site: Site, ender: str) -> None:
    """OpenID Connect Back-Channel Logout §2.5 to §2.7."""
    before = site.sessions()
    with visiting(site) as (browser, alice):
        [session] = site.sessions() - before
        with visiting(site) as (elsewhere, _):
            assert browser.get(site.inside).status_code == 200
            if ender == "alice":
                alice.press(_account_of(alice), "/account/sign-out")
            else:
                site.server.json("user", "end-session", ALICE, session, "--yes")
            until(lambda: browser.get(site.inside).status_code == 302)
            assert elsewhere.get(site.inside).status_code == 200


def _account_of(alice: Person) -> Page:
    page = alice.open(f"{alice.issuer}/account")
    assert isinstance(page, Page), page
    return page
