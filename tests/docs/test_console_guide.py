"""The guide to the console: the same on the command line, typed as it stands there."""

from pathlib import Path

from tests.docs.newcomer import Newcomer, commands, page
from tests.live import live


def test_what_the_console_does_the_command_line_does_as_the_guide_says(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        said: dict[str, str] = {}
        for command in commands(page("docs/guides/keep-applications-in-the-console.md")):
            if "SECRET_ID" in command:
                secrets = server.json("app", "show", newcomer.got["CLIENT_ID"])["secrets"]
                newcomer.got["SECRET_ID"] = secrets[0]["id"]
            said[command] = newcomer.type(command)
    told = list(said.values())
    assert "Night shift" in said["scopekeeper app list --type m2m"]
    assert "The secret has ended.\n" in told
    assert any('"secrets_ended": 1' in text for text in told)
    assert '"application.compromised"' in said[next(each for each in said if "--action application" in each)]
