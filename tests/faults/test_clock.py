"""A machine's clock that is set back revives nothing that has expired, and makes no id twice, not by a start either."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from tests.beneath import KINDS, kept_in, tell_beneath
from tests.clients.person import Person
from tests.faults import wall_clock
from tests.faults.grants import (
    NAME,
    PASSWORD,
    REDIRECT,
    VERIFIER,
    add_application,
    add_person,
    bought,
    credentials_of,
    granted,
)
from tests.live import Live
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.one_process("its clock is set")

LIFETIME: Final = 6
"""Seconds that everything lives: as many as a slow machine needs to get it."""

AN_HOUR: Final = 3_600

_LIFETIMES: Final = ("ACCESS_TOKEN_LIFETIME", "CODE_LIFETIME", "REFRESH_TOKEN_LIFETIME", "REFRESH_TOKEN_IDLE")


class Timed(Live):
    """A server on a machine whose clock is set by a file."""

    command = (sys.executable, wall_clock.__file__)

    def is_off(self, seconds: int) -> None:
        """From now on the machine's clock is so far from the right time."""
        file = Path(self.settings[wall_clock.OFFSET])
        new = file.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(file)


@dataclass(frozen=True, slots=True)
class Held:
    """A server, an application, and all that it had and that has expired."""

    server: Timed
    application: Mapping[str, str]
    token: str
    code: str
    refresh_token: str

    def newest_id(self) -> int:
        """The greatest row id of a token."""
        ((found,),) = tell_beneath(self.server, "SELECT max(id) FROM tokens")
        return int(found)

    def is_over(self) -> bool:
        """Is the token dead?"""
        return not self._posted("introspect", token=self.token).json()["active"]

    def require_dead(self) -> None:
        """See that nothing of it lives, and that what is new does."""
        called = {"authorization": f"Bearer {self.token}"}
        assert httpx2.get(f"{self.server.issuer}/api/rest/extensions", headers=called).status_code == 401
        assert self.is_over()
        for form in (
            {"grant_type": "refresh_token", "refresh_token": self.refresh_token},
            redeeming(self.code),
        ):
            refused = self._posted("token", **form)
            assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
        before = self.newest_id()
        fresh = bought(self._posted("token", grant_type="client_credentials"))["access_token"]
        assert self._posted("introspect", token=fresh).json()["active"]
        assert self.newest_id() > before

    def _posted(self, endpoint: str, **form: str) -> httpx2.Response:
        return httpx2.post(
            f"{self.server.issuer}/oauth/{endpoint}", data=form, auth=credentials_of(self.application), timeout=PATIENCE
        )


def redeeming(code: str) -> dict[str, str]:
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}


@contextmanager
def held_on(folder: Path, environ: Mapping[str, str]) -> Iterator[Held]:
    """All of it, once it has expired."""
    server = at_right_time(folder, {**environ, **{f"SCOPEKEEPER_{each}": f"{LIFETIME}s" for each in _LIFETIMES}})
    try:
        add_person(server)
        application = add_application(server)
        server.start()
        with Person(NAME, PASSWORD, server.issuer) as person:
            form = redeeming(granted(person, application))
            told = bought(httpx2.post(f"{server.issuer}/oauth/token", data=form, auth=credentials_of(application)))
            code = granted(person, application)
        held = Held(server, application, told["access_token"], code, told["refresh_token"])
        until(held.is_over)
        time.sleep(LIFETIME)  # the code came last; nothing tells when it has expired without using it up
        yield held
    finally:
        server.close()


def at_right_time(folder: Path, environ: Mapping[str, str]) -> Timed:
    """A server that is not started yet, on a machine whose clock is right."""
    file = folder / "clock"
    file.write_text("0")
    return Timed(folder / "data", {wall_clock.OFFSET: str(file), **environ})


@pytest.mark.parametrize("kind", KINDS)
def test_a_clock_that_is_set_back_revives_nothing_while_the_server_runs_nor_when_it_starts_again(
    kind: str, tmp_path: Path
) -> None:
    with kept_in(kind) as environ, held_on(tmp_path, environ) as held:
        server = held.server
        server.is_off(-AN_HOUR)
        for _ in range(3):
            held.require_dead()
        assert server.log.read_text().count("clock was set back") == 1

        server.terminate()
        ended = time.monotonic()
        require_refused(server.run("serve", "--port", str(server.port)))
        assert [each["subject"] for each in findings(server) if each["state"] == "bad"] == ["clock"]

        server.is_off(-60 - round(time.monotonic() - ended))
        server.start()
        held.require_dead()
        assert "clock is behind another's" in server.log.read_text()

        server.kill()
        server.is_off(-AN_HOUR)
        require_refused(server.run("serve", "--port", str(server.port)))
        server.is_off(0)
        server.start()
        held.require_dead()


def test_a_clock_that_was_a_year_ahead_shuts_the_house_until_an_operator_says_which_one_is_right(
    tmp_path: Path,
) -> None:
    server = at_right_time(tmp_path, {})
    server.is_off(365 * 24 * AN_HOUR)
    assert server.json("app", "list") == []
    server.is_off(0)
    require_refused(server.run("serve", "--port", str(server.port)))
    assert server.run("doctor", "--clock-is-right").returncode == 0
    assert server.json("app", "list") == []


def findings(server: Live) -> list[Any]:
    """What the doctor finds."""
    found: list[Any] = json.loads(server.run("doctor", "--json").stdout)
    return found


def require_refused(done: Any) -> None:
    """See that it says both times and what to do, in one line."""
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "this machine's clock says 20" in line
    assert "and the database was in use at 20" in line
    assert "doctor --clock-is-right" in line
