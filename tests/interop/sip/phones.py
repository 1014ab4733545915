"""Telephones: SIPp with one scenario each, and what it writes down of what it sent and received."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from tests.interop.sip.kamailio import DOMAIN, HERE, Kamailio, udp_port
from tests.waiting import PATIENCE

PROGRAM: Final = shutil.which("sipp")
SCENARIOS: Final = Path(__file__).parent

LONGEST_CALL: Final = 20
"""Seconds."""

_MESSAGE: Final = re.compile(r"^-{20,} (.*)$", re.MULTILINE)
_numbers: Final = count(1)


@dataclass(frozen=True, slots=True)
class Message:
    """One that a telephone sent or received."""

    moment: str
    sent: bool
    text: str

    @property
    def first(self) -> str:
        """Its first line."""
        return self.text.partition("\n")[0].strip()

    def header(self, name: str) -> str | None:
        """What the first header of this name says."""
        found = re.search(rf"^{name}: *(.*?)\r?$", self.text, re.MULTILINE)
        return found[1] if found else None


class Phone:
    """One that is called: it does what its scenario says, with every call."""

    def __init__(self, number: str, port: int, heard: Path) -> None:
        self.number = number
        self.port = port
        self._heard = heard

    def messages(self, call: str) -> list[Message]:
        """What it sent and received of the call."""
        return messages(self._heard, call)

    def invite(self, call: str) -> Message | None:
        """How it was called, if it was."""
        return next((each for each in self.messages(call) if each.first.startswith("INVITE")), None)


@contextmanager
def phone(folder: Path, number: str, scenario: str, address: str = HERE) -> Iterator[Phone]:
    """It listens, until the context ends. Whether anybody knows of it is another question: `register`."""
    made = Phone(number, udp_port(address), folder / f"{number}.messages")
    command = [*_sipp(made.port, made._heard, address), "-sf", str(SCENARIOS / f"{scenario}.xml")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        yield made
    finally:
        process.terminate()
        process.wait(PATIENCE)


def register(folder: Path, server: Kamailio, made: Phone) -> None:
    """The telephone tells the server where it is."""
    done = _run(folder, server, SCENARIOS / "register.xml", made.number, "-key", "at", str(made.port))
    assert done == "", done


def call(
    folder: Path, server: Kamailio, callee: str, scenario: str = "call", *, caller: str = "1009", address: str = HERE
) -> str:
    """Call a number, by this scenario, or be refused with this status. The call's Call-ID."""
    ident = f"call-{next(_numbers)}"
    path = SCENARIOS / f"{scenario}.xml"
    if scenario.isdigit():
        path = folder / f"refused-{scenario}.xml"
        path.write_text((SCENARIOS / "refused.xml").read_text().replace("STATUS", scenario))
    failed = _run(folder, server, path, callee, "-key", "caller", caller, "-cid_str", ident, address=address)
    assert failed == "", f"{ident}: {failed}\n{server.log.read_text()[-4000:]}"
    return ident


def messages(heard: Path, call: str) -> list[Message]:
    """What was written down of one call."""
    parts = _MESSAGE.split(heard.read_text()) if heard.exists() else []
    found = []
    for moment, told in zip(parts[1::2], parts[2::2], strict=True):
        about, _, text = told.strip("\n").partition("\n\n")
        if f"\nCall-ID: {call}\n" in text.replace("\r", ""):
            found.append(Message(moment, "sent" in about, text))
    return found


def _run(folder: Path, server: Kamailio, scenario: Path, service: str, *more: str, address: str = HERE) -> str:
    """Carry a scenario out once; what went wrong, or nothing."""
    heard = folder / f"{next(_numbers)}.caller"
    command = [*_sipp(udp_port(address), heard, address), "-sf", str(scenario), "-s", service, *more]
    # What several processes pass on may overtake itself: a 180 that comes behind its 200 is no reason to give up.
    command += ["-default_behaviors", "all,-abortunexp"]
    command += ["-m", "1", "-timeout", str(LONGEST_CALL), "-timeout_error", server.address]
    done = subprocess.run(command, capture_output=True, cwd=folder, timeout=PATIENCE, check=False)
    if done.returncode == 0:
        return ""
    return f"{scenario.name} to {service}: {done.returncode}\n{heard.read_text() if heard.exists() else ''}"


def _sipp(port: int, heard: Path, address: str) -> list[str]:
    if PROGRAM is None:
        pytest.fail("sipp is missing: make system installs it")
    settings = ["-key", "domain", DOMAIN, "-nostdin", "-deadcall_wait", "0", "-trace_msg", "-message_file", str(heard)]
    return [PROGRAM, "-i", address, "-p", str(port), *settings]
