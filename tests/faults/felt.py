"""What can be changed, how it is done, and by what it is felt. Everything is done and felt over HTTP."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from urllib.parse import urlencode

import httpx2

from scopekeeper.oauth.pkce import challenge_of
from tests.clients.page import Page
from tests.clients.person import Person
from tests.faults.grants import PASSWORD, REDIRECT, VERIFIER, bought, credentials_of, granted
from tests.together import Round, Together

ELSEWHERE: Final = "http://127.0.0.1:9/elsewhere"
ORIGIN: Final = "https://page.example"
API: Final = "/api/rest/extensions/"
CONSOLE: Final = "/console/"

Application = dict[str, Any]
At = httpx2.Client
"""One of the servers."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is done at the first server, and whether it is felt at one of them."""

    do: Callable[[], object]
    felt: Callable[[At], bool]


@dataclass(slots=True)
class World:
    """Two servers, and who administers them."""

    together: Together
    first: At
    second: At
    steward: str
    """The token of an application that may do everything."""
    browsers: ExitStack
    """Closes them."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def tell(self, method: str, path: str, body: object | None = None) -> Any:
        """Do something at the first server, by the API of administration."""
        heads = {"authorization": f"Bearer {self.steward}"}
        answer = self.first.request(method, f"/api/rest/admin{path}", json=body, headers=heads)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def application(self, **facts: Any) -> Application:
        """A new application, which acts for itself unless it is said otherwise."""
        told = {"name": "It", "type": "m2m", "scope": "rest:extensions rest:callforward"}
        made: Application = self.tell("POST", "/applications", told | facts)
        return made

    def web_application(self, **facts: Any) -> Application:
        """One that people let in."""
        return self.application(type="web", redirect_uris=[REDIRECT], scope="rest openid", **facts)

    def change(self, application: Application, **facts: Any) -> Callable[[], object]:
        """Changes it."""
        return lambda: self.tell("PATCH", f"/applications/{application['client_id']}", facts)

    def person(self, *, admin: bool = False) -> tuple[str, Person]:
        """Somebody new, who is signed in at the first server."""
        name = f"person-{next(self._numbers)}"
        self.tell("POST", "/users", {"name": name, "admin": admin})
        somebody = self.browser_of(name)
        page = somebody.open(self.tell("POST", f"/users/{name}/link")["link"])
        assert isinstance(page, Page)
        somebody.send(page, {"password": PASSWORD})
        somebody.sign_in()
        return name, somebody

    def browser_of(self, name: str) -> Person:
        """Another browser of theirs, which nobody has signed in with yet."""
        return self.browsers.enter_context(self.together.person(name, PASSWORD, Round(self.together.first)))


def own_token(at: At, application: Application) -> dict[str, Any]:
    """What an application is given for itself."""
    return bought(at.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=credentials_of(application)))


def opens(at: At, application: Application) -> bool:
    """Does its secret open anything?"""
    form = {"grant_type": "client_credentials"}
    answer = at.post("/oauth/token", data=form, auth=credentials_of(application))
    return answered(answer, 200, 401) == 200


def holds(at: At, token: str) -> bool:
    """Does the token open the API?"""
    return answered(at.get(API, headers={"authorization": f"Bearer {token}"}), 200, 401) == 200


def is_in(at: At, cookies: Mapping[str, str], page: str = "/account") -> bool:
    """Is a browser that keeps these signed in, and let in there?"""
    told = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return answered(at.get(page, headers={"cookie": told, "accept": "text/html"}), 200, 303, 403) == 200


def answered(answer: httpx2.Response, *expected: int) -> int:
    """The status, which is one of these."""
    assert answer.status_code in expected, (answer.request.url, answer.status_code, answer.text)
    return answer.status_code


def redeemed(w: World, application: Application, person: Person, code: str = "") -> dict[str, Any]:
    """What this application is given in this person's name."""
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    form["code"] = code or granted(person, application)
    return bought(w.first.post("/oauth/token", data=form, auth=credentials_of(application)))


# What is issued to an application.


def a_token_is_revoked(w: World) -> Change:
    application = w.application()
    token = own_token(w.first, application)["access_token"]
    form = {"token": token}
    return Change(
        lambda: answered(w.first.post("/oauth/revoke", data=form, auth=credentials_of(application)), 200),
        lambda at: not holds(at, token),
    )


def all_tokens_that_match_are_revoked(w: World) -> Change:
    application = w.application()
    tokens = [own_token(w.first, application)["access_token"] for _ in range(3)]
    matching = {"client_id": application["client_id"], "dry_run": False}
    return Change(
        lambda: w.tell("POST", "/tokens/revocations", matching), lambda at: not any(holds(at, each) for each in tokens)
    )


def an_application_is_shut_out(w: World) -> Change:
    application = w.application()
    token = own_token(w.first, application)["access_token"]
    return Change(w.change(application, enabled=False), lambda at: not holds(at, token) and not opens(at, application))


def an_application_is_let_in_again(w: World) -> Change:
    application = w.application()
    token = own_token(w.first, application)["access_token"]
    w.change(application, enabled=False)()
    return Change(w.change(application, enabled=True), lambda at: holds(at, token) and opens(at, application))


def an_application_may_do_less(w: World) -> Change:
    application = w.application()
    token = own_token(w.first, application)["access_token"]

    def felt(at: At) -> bool:
        answer = at.get(API, headers={"authorization": f"Bearer {token}"})
        if answered(answer, 200, 403) == 200:
            return False
        assert 'scope="rest:extensions:read"' in answer.headers["www-authenticate"]
        return True

    return Change(w.change(application, scope="rest:callforward"), felt)


def an_application_is_removed(w: World) -> Change:
    application = w.application()
    token = own_token(w.first, application)["access_token"]
    return Change(
        lambda: w.tell("DELETE", f"/applications/{application['client_id']}"),
        lambda at: not holds(at, token) and not opens(at, application),
    )


def a_secret_is_replaced(w: World) -> Change:
    application = w.application()
    another: Application = {}

    def do() -> None:
        made = w.tell("POST", f"/applications/{application['client_id']}/credentials", {"overlap": 0})
        another.update(application, client_secret=made["client_secret"])

    def felt(at: At) -> bool:
        return not opens(at, application) and (not another or opens(at, another))

    return Change(do, felt)


def a_secret_is_ended(w: World) -> Change:
    application = w.application()
    secrets = f"/applications/{application['client_id']}/credentials"
    ([old]) = w.tell("GET", secrets)["items"]
    w.tell("POST", secrets, {"overlap": 3600})
    return Change(lambda: w.tell("DELETE", f"{secrets}/{old['id']}"), lambda at: not opens(at, application))


def an_application_is_compromised(w: World) -> Change:
    application = w.application()
    token = own_token(w.first, application)["access_token"]
    return Change(
        lambda: w.tell("POST", f"/applications/{application['client_id']}/compromise", {}),
        lambda at: not holds(at, token) and not opens(at, application),
    )


def a_redirect_uri_is_changed(w: World) -> Change:
    application = w.web_application()
    asked = {"response_type": "code", "client_id": application["client_id"], "redirect_uri": ELSEWHERE}
    asked |= {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    url = f"/oauth/authorize?{urlencode(asked)}"
    return Change(w.change(application, redirect_uris=[ELSEWHERE]), lambda at: answered(at.get(url), 303, 400) == 303)


def an_origin_is_let_in(w: World) -> Change:
    application = w.application(type="spa", redirect_uris=[REDIRECT])
    asked = {"origin": ORIGIN, "access-control-request-method": "POST"}
    return Change(
        w.change(application, redirect_uris=[f"{ORIGIN}/back"]),
        lambda at: at.options("/oauth/token", headers=asked).headers.get("access-control-allow-origin") == ORIGIN,
    )


def an_origin_is_let_in_no_more(w: World) -> Change:
    origin = ORIGIN.replace("page", "other-page")
    application = w.application(type="spa", redirect_uris=[f"{origin}/back"])
    asked = {"origin": origin, "access-control-request-method": "POST"}
    return Change(
        w.change(application, redirect_uris=[REDIRECT]),
        lambda at: "access-control-allow-origin" not in at.options("/oauth/token", headers=asked).headers,
    )


def tokens_become_jwts(w: World) -> Change:
    application = w.application()
    return Change(
        w.change(application, token_format="jwt"),
        lambda at: own_token(at, application)["access_token"].count(".") == 2,
    )


def tokens_live_shorter(w: World) -> Change:
    application = w.application()
    return Change(
        w.change(application, access_token_lifetime=77), lambda at: own_token(at, application)["expires_in"] == 77
    )


# What people grant, and what they are.


def a_consent_is_withdrawn(w: World) -> Change:
    (name, person), application = w.person(), w.web_application()
    token = redeemed(w, application, person)["access_token"]
    return Change(
        lambda: w.tell("DELETE", f"/consents/{name}/{application['client_id']}"), lambda at: not holds(at, token)
    )


def access_is_removed_by_whose_it_is(w: World) -> Change:
    (_, person), application = w.person(), w.web_application()
    token = redeemed(w, application, person)["access_token"]
    account = person.open(f"{person.issuer}/account")
    assert isinstance(account, Page)
    return Change(lambda: person.press(account, "/account/connections"), lambda at: not holds(at, token))


def a_refresh_token_is_replayed(w: World) -> Change:
    (_, person), application = w.person(), w.web_application()
    credentials = credentials_of(application)
    family = [redeemed(w, application, person)]

    def refreshed(token: str) -> httpx2.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return w.first.post("/oauth/token", data=form, auth=credentials)

    for _ in range(2):
        family.append(bought(refreshed(family[-1]["refresh_token"])))

    def is_active(at: At, token: str) -> bool:
        active: bool = at.post("/oauth/introspect", data={"token": token}, auth=credentials).json()["active"]
        return active

    return Change(
        lambda: answered(refreshed(family[0]["refresh_token"]), 400),
        lambda at: not holds(at, family[-1]["access_token"]) and not is_active(at, family[-1]["refresh_token"]),
    )


def a_code_is_replayed(w: World) -> Change:
    (_, person), application = w.person(), w.web_application()
    code = granted(person, application)
    token = redeemed(w, application, person, code)["access_token"]
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": VERIFIER, "code": code}
    return Change(
        lambda: answered(w.first.post("/oauth/token", data=form, auth=credentials_of(application)), 400),
        lambda at: not holds(at, token),
    )


def somebody_is_shut_out(w: World) -> Change:
    (name, person), application = w.person(), w.web_application()
    cookies = person.cookies
    token = redeemed(w, application, person)["access_token"]
    return Change(
        lambda: w.tell("PATCH", f"/users/{name}", {"enabled": False}),
        lambda at: not holds(at, token) and not is_in(at, cookies),
    )


def somebody_is_removed(w: World) -> Change:
    (name, person), application = w.person(), w.web_application()
    cookies = person.cookies
    token = redeemed(w, application, person)["access_token"]
    return Change(
        lambda: w.tell("DELETE", f"/users/{name}"), lambda at: not holds(at, token) and not is_in(at, cookies)
    )


def somebody_administers_no_more(w: World) -> Change:
    w.person(admin=True)  # the last one stays
    (name, person), application = w.person(admin=True), w.web_application()
    cookies = person.cookies
    token = redeemed(w, application, person)["access_token"]

    def felt(at: At) -> bool:
        listed = at.get("/api/rest/admin/users", headers={"authorization": f"Bearer {token}"})
        return answered(listed, 200, 403) == 403 and not is_in(at, cookies, CONSOLE)

    return Change(lambda: w.tell("PATCH", f"/users/{name}", {"admin": False}), felt)


def somebody_administers(w: World) -> Change:
    name, person = w.person()
    cookies = person.cookies
    return Change(lambda: w.tell("PATCH", f"/users/{name}", {"admin": True}), lambda at: is_in(at, cookies, CONSOLE))


def a_password_is_changed(w: World) -> Change:
    name, person = w.person()
    cookies = person.cookies
    another = w.browser_of(name)
    another.sign_in()
    page = another.open(f"{person.issuer}/account")
    assert isinstance(page, Page)
    answers = {"current": PASSWORD, "password": f"{PASSWORD} staple"}
    return Change(lambda: another.send(page, answers), lambda at: not is_in(at, cookies))


def somebody_signs_out(w: World) -> Change:
    _, person = w.person()
    page = person.open(f"{person.issuer}/account")
    assert isinstance(page, Page)
    cookies = person.cookies
    return Change(lambda: person.press(page, "/account/sign-out"), lambda at: not is_in(at, cookies))


# What all sign with.


def the_keys_are_rotated(w: World) -> Change:
    kids = [each["kid"] for each in w.first.get("/oauth/jwks").json()["keys"] if each["alg"] == "ES256"]
    return Change(
        lambda: w.tell("POST", "/keys/rotations", {"alg": "ES256", "compromised": True}),
        lambda at: kids != [each["kid"] for each in at.get("/oauth/jwks").json()["keys"] if each["alg"] == "ES256"],
    )


CHANGES: Final[tuple[Callable[[World], Change], ...]] = (
    a_token_is_revoked,
    all_tokens_that_match_are_revoked,
    an_application_is_shut_out,
    an_application_is_let_in_again,
    an_application_may_do_less,
    an_application_is_removed,
    a_secret_is_replaced,
    a_secret_is_ended,
    an_application_is_compromised,
    a_redirect_uri_is_changed,
    an_origin_is_let_in,
    an_origin_is_let_in_no_more,
    tokens_become_jwts,
    tokens_live_shorter,
    a_consent_is_withdrawn,
    access_is_removed_by_whose_it_is,
    a_refresh_token_is_replayed,
    a_code_is_replayed,
    somebody_is_shut_out,
    somebody_is_removed,
    somebody_administers_no_more,
    somebody_administers,
    a_password_is_changed,
    somebody_signs_out,
    the_keys_are_rotated,
)
