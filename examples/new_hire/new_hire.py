"""Sets up whoever is new: an extension, a mailbox, a forward when nobody answers, a place in a ring group.

    ISSUER=https://id.example.com CLIENT_ID=… CLIENT_SECRET=… \
        python new_hire.py 1060 "Zoe Winter" --email zoe@example.com --group 600 --no-answer +4915155501

Each step looks first, does only what is not so yet, and says how it is taken back. If one fails, those before it are.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

SCOPE = " ".join(
    f"rest:{module}:{access}"
    for module in ("extensions", "voicemail", "callforward", "ringgroups")
    for access in ("read", "write")
)
TIMEOUT = 30
TRIES = 5

Undo = Callable[[], Any]


class Refused(Exception):
    """Something cannot be done. The message says what, and what to do."""


class Telephones:
    """The API, for one application that acts for itself."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        issuer = issuer.rstrip("/")
        found = requests.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=TIMEOUT)
        found.raise_for_status()
        metadata = found.json()
        if metadata["issuer"] != issuer:
            raise Refused(f"{issuer} says that it is {metadata['issuer']}: set ISSUER to that, if you trust it")
        token_endpoint = metadata["token_endpoint"]
        self._base = f"{issuer}/api/rest"
        # With its token endpoint known, the session fetches the next token by itself when one has expired.
        self._session = OAuth2Session(client_id, client_secret, scope=SCOPE, token_endpoint=token_endpoint)
        self._session.fetch_token(token_endpoint, grant_type="client_credentials", timeout=TIMEOUT)

    def call(self, method: str, path: str, body: object = None, **headers: str) -> requests.Response | None:
        """One call; None where there is nothing at this path. Raises Refused for whatever else is no success."""
        answer: requests.Response = self._session.request(
            method, f"{self._base}{path}", json=body, headers=headers, timeout=TIMEOUT
        )
        if answer.status_code == 404:
            return None
        if answer.status_code == 403:
            missing = answer.headers.get("www-authenticate", "").partition('scope="')[2].partition('"')[0]
            raise Refused(f"this application lacks {missing}: whoever runs the server can add it" if missing else "403")
        if not answer.ok and answer.status_code != 412:
            raise Refused(f"{method} {path}: {answer.json().get('detail', answer.reason)}")
        return answer

    def get(self, path: str) -> Any:
        """The record, or None."""
        answer = self.call("GET", path)
        return None if answer is None else answer.json()


def add_extension(api: Telephones, number: str, name: str, email: str | None) -> Undo | None:
    """The extension, unless it is there under this name. Somebody else's is left alone."""
    there = api.get(f"/extensions/{number}")
    if there is None:
        api.call("POST", "/extensions/", {"extension": number, "name": name, "email": email})
        return lambda: api.call("DELETE", f"/extensions/{number}")  # mailbox and forward go along
    if there["name"] != name:
        raise Refused(f"{number} is {there['name']}'s: choose another number")
    return None


def set_up(api: Telephones, path: str, wanted: dict[str, Any]) -> Undo | None:
    """A record of settings as it is wanted; what is not named stays."""
    there = api.get(path)
    if there is None:
        raise Refused(f"there is nothing at {path}: is the module switched on?")
    before = {field: there[field] for field, value in wanted.items() if there[field] != value}
    if not before:
        return None
    api.call("PATCH", path, wanted)
    return lambda: api.call("PATCH", path, before)


def join_group(api: Telephones, group: str, number: str) -> Undo | None:
    """One more member of the ring group, unless it is one. What others change meanwhile stays."""
    path, member = f"/ringgroups/groups/{group}", {"extension": number}

    def changed(members: Callable[[list[Any]], list[Any]]) -> bool:
        for _ in range(TRIES):
            answer = api.call("GET", path)
            if answer is None:
                raise Refused(f"there is no ring group {group}")
            before = [{kind: who for kind, who in each.items() if who is not None} for each in answer.json()["members"]]
            after = members(before)
            if after == before:
                return False
            done = api.call("PATCH", path, {"members": after}, **{"If-Match": answer.headers["ETag"]})
            if done is None or done.status_code != 412:
                return True
        raise Refused(f"the ring group {group} keeps changing: try again")

    if not changed(lambda before: before if member in before else [*before, member]):
        return None
    return lambda: changed(lambda before: [each for each in before if each != member])


class Steps:
    """What was done so far, and how it is taken back."""

    def __init__(self) -> None:
        self._undoing: list[tuple[str, Undo]] = []

    def done(self, what: str, undo: Undo | None) -> None:
        """One step more; without a way back it was so before."""
        print(f"{'was so' if undo is None else 'done'}: {what}")
        if undo is not None:
            self._undoing.append((what, undo))

    def take_back(self) -> bool:
        """The last first. Was all of it taken back?"""
        whole = True
        for what, undo in reversed(self._undoing):
            try:
                undo()
                print(f"taken back: {what}")
            except (Refused, OAuthError, requests.RequestException) as failed:
                whole = False
                print(f"left as it is: {what} ({failed})", file=sys.stderr)
        return whole


@contextmanager
def all_or_none() -> Iterator[Steps]:
    """Take back what was done, if anything goes wrong; then leave with the exit code that says so."""
    steps = Steps()
    try:
        yield steps
    except (Refused, OAuthError, requests.RequestException, KeyboardInterrupt) as failed:
        print(f"failed: {failed or 'broken off'}", file=sys.stderr)
        sys.exit(1 if steps.take_back() else 3)


def main() -> None:
    """Read the command line, then one step after the other."""
    parser = argparse.ArgumentParser(description="Set up whoever is new.")
    parser.add_argument("extension", help="the number, such as 1060")
    parser.add_argument("name", help="what telephones display, such as 'Zoe Winter'")
    parser.add_argument("--email", help="who hears of messages in the mailbox")
    parser.add_argument("--group", help="the ring group to join, such as 600")
    parser.add_argument("--no-answer", metavar="NUMBER", help="where calls go that nobody answers")
    asked = parser.parse_args()
    try:
        issuer, client_id, client_secret = (os.environ[each] for each in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"))
    except KeyError as missing:
        parser.error(f"set {missing.args[0]} in the environment")
    number = asked.extension
    with all_or_none() as steps:
        api = Telephones(issuer, client_id, client_secret)
        steps.done(f"extension {number} for {asked.name}", add_extension(api, number, asked.name, asked.email))
        mailbox = {"enabled": True, "email": asked.email, "attach": asked.email is not None}
        steps.done("mailbox", set_up(api, f"/voicemail/mailboxes/{number}", mailbox))
        if asked.no_answer:
            path = f"/callforward/users/{number}"
            steps.done(f"no answer: {asked.no_answer}", set_up(api, path, {"unavailable": asked.no_answer}))
        if asked.group:
            steps.done(f"ring group {asked.group}", join_group(api, asked.group, number))


if __name__ == "__main__":
    main()
