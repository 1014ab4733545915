"""The image: what is in it, what is not, and as whom it runs. That it can be built is for the tests of interop."""

import json
import re
import tomllib
from typing import Final

from tests.deploy.container import CONTAINERFILE, ROOT, sent, stages
from tests.deploy.files import VARIABLES
from tests.house.tree import tracked

BUILD, RUN = stages()


def rest_of(word: str) -> list[str]:
    """What follows this word in the last stage."""
    return [each.rest for each in RUN if each.word == word]


def test_it_runs_as_a_number_that_is_not_root_and_hears_sigterm_itself() -> None:
    assert [re.fullmatch(r"[1-9]\d+:[1-9]\d+", user) is not None for user in rest_of("USER")] == [True]
    assert rest_of("STOPSIGNAL") == ["SIGTERM"]
    assert [json.loads(each) for each in rest_of("ENTRYPOINT") + rest_of("CMD")] == [["scopekeeper"], ["serve"]]


def test_its_health_is_whether_it_can_work() -> None:
    [check] = rest_of("HEALTHCHECK")
    command = json.loads(check[check.index("CMD ") + 4 :])
    assert command[:2] == ["python", "-c"]
    assert "/health/ready" in command[2]
    compile(command[2], "HEALTHCHECK", "exec")


def test_no_setting_in_it_is_unknown_and_none_is_secret() -> None:
    named = re.findall(r"\b(SCOPEKEEPER_\w+)=", " ".join(rest_of("ENV")))
    assert set(named) == {"SCOPEKEEPER_DATA", "SCOPEKEEPER_HOST"} <= VARIABLES


def test_what_is_copied_is_sent_and_nothing_that_is_sent_is_left() -> None:
    copied = {ROOT / name for each in BUILD if each.word == "COPY" for name in each.rest.split()[:-1]}
    assert copied == set(sent())
    assert all(path in tracked() or path.is_dir() for path in copied)


def test_what_only_builds_is_taken_out_again() -> None:
    text: Final = CONTAINERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    [removed] = re.findall(r"pip uninstall --quiet --yes ([a-z -]+?) +&&", text)
    assert set(removed.split()) == built_by() | {"pip"}


def built_by() -> set[str]:
    """The pinned packages that nothing needs but the build."""
    pinned = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    needed = dict(re.findall(r"^([a-z0-9-]+)(?:\[.*?\])?==.*\n(?: +--hash.*\n)+((?: +#.*\n?)+)", pinned, re.MULTILINE))
    by = {name: set(re.findall(r"#(?: via)? +(\S.*)", told)) for name, told in needed.items()}
    found = {name for name, users in by.items() if users == {"scopekeeper (pyproject.toml:build)"}}
    while more := {name for name, users in by.items() if users and users <= found} - found:
        found |= more
    assert len(by) == len(re.findall(r"^[a-z0-9-]+(?:\[.*?\])?==", pinned, re.MULTILINE))
    return found


def test_its_licence_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [labels] = rest_of("LABEL")
    assert f'licenses="{project["license"]}"' in labels
    assert f'description="{project["description"]}"' in labels
