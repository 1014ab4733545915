"""The Containerfile, as instructions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.deploy.files import DEPLOY

ROOT: Final = DEPLOY.parent
CONTAINERFILE: Final = DEPLOY / "container" / "Containerfile"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word, and what follows it."""

    word: str
    rest: str


def stages() -> list[list[Instruction]]:
    """What is done in each stage, in order; its FROM is the first."""
    found: list[list[Instruction]] = []
    for each in _instructions(CONTAINERFILE.read_text(encoding="utf-8")):
        if each.word == "FROM":
            found.append([])
        if found:
            found[-1].append(each)
    return found


def _instructions(text: str) -> Iterator[Instruction]:
    plain = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    for line in filter(str.strip, plain.splitlines()):
        word, _, rest = line.partition(" ")
        yield Instruction(word, rest.strip())


def sent() -> list[Path]:
    """What of the checkout is sent to whoever builds: what .dockerignore lets through."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "*"  # nothing, but:
    return [ROOT / line[1:] for line in lines if line.startswith("!")]
