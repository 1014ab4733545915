"""Programs of their own against a real server: a native application, and a device that has no browser."""

import sys
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import pytest

from tests.clients.inhabited import OWN
from tests.clients.person import Person
from tests.clients.program import program
from tests.live import Live

HERE: Final = Path(__file__).parent
READ: Final = "rest:callforward:read"


def native(server: Live, script: str) -> tuple[str, ...]:
    """The command that starts the script, as a native application that is registered without a port."""
    made = server.json(
        "app", "add", script, "--type", "native", "--scope", READ, "--redirect-uri", "http://127.0.0.1/callback"
    )
    return sys.executable, str(HERE / script), server.issuer, made["client_id"], OWN


def returned(url: str) -> str:
    """What the person reads at the application's own port, where the browser was sent."""
    with urlopen(url, timeout=30) as answer:
        text: str = answer.read().decode()
    return text


def test_a_native_application_comes_back_to_whatever_port_is_free(server: Live, alice: Person) -> None:
    """RFC 8252 §7.3: the port of a loopback redirect is free."""
    with program(*native(server, "native.py")) as application:
        assert "close this window" in returned(alice.allow(application.hear()["open"]).url)
        read = application.hear()
    assert read["forward"]["extension"] == OWN
    assert (read["scope"], read["refreshable"]) == (READ, True)


def test_a_native_application_is_told_of_a_denial(server: Live, alice: Person) -> None:
    with program(*native(server, "native.py")) as application:
        returned(alice.deny(application.hear()["open"]).url)
        assert application.hear() == {"error": "access_denied"}


@pytest.mark.parametrize("named", ["verification_uri", "verification_uri_complete"])
def test_a_device_waits_until_somebody_approves(server: Live, alice: Person, named: str) -> None:
    """RFC 8628 §3.3 to §3.5."""
    with program(*native(server, "device.py")) as device:
        screen = device.hear()
        assert device.hear() == {"error": "authorization_pending"}
        assert alice.enter(screen[named], screen["user_code"]).status == 200
        read = _after_waiting(device)
    assert read["forward"]["extension"] == OWN
    assert (read["scope"], read["refreshable"]) == (READ, True)


def test_a_device_is_told_of_a_denial(server: Live, alice: Person) -> None:
    with program(*native(server, "device.py")) as device:
        screen = device.hear()
        alice.enter(screen["verification_uri"], screen["user_code"], "deny")
        assert _after_waiting(device) == {"error": "access_denied"}


def _after_waiting(device: Any) -> Any:
    while (said := device.hear()) == {"error": "authorization_pending"}:
        pass
    return said
