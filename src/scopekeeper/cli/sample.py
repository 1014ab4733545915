"""`scopekeeper sample`: fifty extensions and some forwards, to have something to try the API on."""

from typing import TYPE_CHECKING, Any, Final

from scopekeeper.cli.house import in_house
from scopekeeper.cli.output import say

if TYPE_CHECKING:
    from scopekeeper.app import House

EXTENSIONS: Final = tuple(str(number) for number in range(1001, 1051))

NAMES: Final = (
    "Ada", "Bea", "Cem", "Dora", "Emil", "Finn", "Gül", "Hana", "Ivo", "Jana", "Kofi", "Lena", "Malik", "Nora", "Oskar",
    "Pia", "Quentin", "Rosa", "Selim", "Tara", "Ugo", "Vera", "Wanda", "Xenia", "Yusuf",
)  # fmt: skip

# None on 1001: it is the one that tutorials change.
FORWARDS: Final[dict[str, dict[str, Any]]] = {
    "1002": {"unconditional": "5551000"},
    "1003": {"busy": "1004", "unavailable": "5551234", "ring_timer": 20},
    "1005": {"unavailable": "1006", "ring_timer": 30},
    "1010": {"unconditional": "+4930901820"},
    "1017": {"busy": "1018"},
    "1023": {"unconditional": "*97", "ring_timer": -1},
    "1042": {"busy": "5550042", "unavailable": "5550042", "ring_timer": 15},
}


def sample() -> None:
    """Load a sample: extensions 1001 to 1050, and some forwards.

    What is there already is left as it is, so it may be loaded twice.
    """
    made = in_house(load)
    say(f"Loaded the sample: {made} new." if made else "The sample is loaded already.")


async def load(house: "House") -> int:
    """Load what is missing; how many records that were."""
    from scopekeeper.sdk import Conflict

    made = 0
    for index, extension in enumerate(EXTENSIONS):
        name = f"{NAMES[index % len(NAMES)]} {'Winter' if index < len(NAMES) else 'Summer'}"
        try:
            await house.run("addExtension", body={"extension": extension, "name": name})
        except Conflict:
            continue
        made += 1
        if forward := FORWARDS.get(extension):
            await house.run("setCallForward", extension=extension, body=forward)
            made += 1
    return made
