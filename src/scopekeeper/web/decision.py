"""What a person decides on a page that asks, by the button that they press."""

from typing import Final

from scopekeeper.pages.endpoint import Form
from scopekeeper.pages.refusals import Refused

DECISION: Final = "decision"
"""The name of the buttons."""

_DECISIONS: Final = {"approve": True, "deny": False}


def approved_in(form: Form) -> bool:
    """Did they approve? Raises Refused where the form says neither."""
    approved = _DECISIONS.get(form.get(DECISION, ""))
    if approved is None:
        raise Refused("unreadable", "neither approved nor denied")
    return approved
