"""What the doctor finds."""

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was seen, and how to mend it if it is not good."""

    subject: str
    state: State
    what: str
    mend: str = ""
