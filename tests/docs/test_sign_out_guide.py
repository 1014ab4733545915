"""The guide to signing out: what is typed, the application as it stands there, and what it hears from a real server."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from scopekeeper.oauth.logout.frames import MOST
from scopekeeper.services.farewells import WAITS
from tests.clients.inhabited import alice_at, inhabited
from tests.clients.person import Departure
from tests.docs.newcomer import Newcomer, blocks, commands, page, told_in
from tests.live import free_port
from tests.waiting import until

PAGE: Final = page("docs/guides/sign-out.md")
SECTIONS: Final = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
PLACE: Final = "127.0.0.1:9000"


@contextmanager
def running(code: str, folder: Path) -> Iterator[Path]:
    """The guide's application, in a process of its own; what it prints."""
    script, said = folder / "application.py", folder / "said"
    script.write_text(code, encoding="utf-8")
    with said.open("wb") as out, subprocess.Popen([sys.executable, script], stdout=out, stderr=out) as process:
        try:
            yield said
        finally:
            process.kill()


def test_the_applications_hear_what_the_guide_says(tmp_path: Path) -> None:
    place = f"127.0.0.1:{free_port()}"
    with inhabited(tmp_path, {"SCOPEKEEPER_FETCH_ALLOW": place}) as server, alice_at(server) as alice:
        newcomer = Newcomer(server)
        add, redeem = commands(SECTIONS["An application that takes part"])
        newcomer.type(add.replace(PLACE, place))
        [authorize] = blocks(SECTIONS["An application that takes part"], "text")
        newcomer.got["AUTHORIZATION_CODE"] = alice.allow(newcomer.put_in(authorize.strip())).answer["code"]
        id_token = msgspec.json.decode(newcomer.type(redeem))["id_token"]
        newcomer.got["HINT"] = id_token
        [code] = blocks(SECTIONS["An application hears of it"], "python")
        code = newcomer.put_in(code).replace('("127.0.0.1", 9000)', repr(("127.0.0.1", int(place.split(":")[1]))))
        with running(code, tmp_path) as said:
            [logout] = blocks(SECTIONS["An application sends somebody to sign out"], "text")
            gone = alice.open(newcomer.put_in(logout.strip()))
            assert isinstance(gone, Departure)
            assert gone.url == "https://calendar.example.com/bye?state=af0ifjsldkj"
            assert alice.has_to_sign_in()
            # The first try may have come before the application listened: the second comes ten seconds later.
            assert until(said.read_text) == f"signed out: {told_in(id_token)['sid']}\n"
        [undelivered] = commands(SECTIONS["An application hears of it"])
        assert "logout.undelivered" not in newcomer.type(undelivered)
        for command in commands(SECTIONS["Frames"] + SECTIONS["What goes on nevertheless"]):
            newcomer.type(command)
        shown = server.json("app", "show", newcomer.got["CLIENT_ID"])
        assert shown["frontchannel_logout_uri"] == "https://calendar.example.com/frame"
        assert shown["outlives_session"] == "never"


def test_the_numbers_are_those_of_the_code() -> None:
    said = " ".join(PAGE.split())
    assert "after 10 seconds, 1, 5 and 15 minutes, 1, 2, 4 and 8 hours" in said
    assert WAITS == (10, 60, 300, 900, 3_600, 7_200, 14_400, 28_800)
    assert f"for each application that was given an id_token in this session; {MOST} at most" in said
