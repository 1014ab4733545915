"""`scopekeeper sample`: fifty extensions and some settings of every module, to have something to try the API on."""

from collections.abc import Mapping, Sequence
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

SETTINGS: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "setCallForward": {
        "1002": {"unconditional": "5551000"},
        "1003": {"busy": "1004", "unavailable": "5551234", "ring_timer": 20},
        "1005": {"unavailable": "1006", "ring_timer": 30},
        "1010": {"unconditional": "+4930901820"},
        "1017": {"busy": "1018"},
        "1023": {"unconditional": "*97", "ring_timer": -1},
        "1042": {"busy": "5550042", "unavailable": "5550042", "ring_timer": 15},
    },
    "setCallWaiting": {extension: {"enabled": True} for extension in ("1004", "1006", "1018", "1021", "1022")},
    "setDoNotDisturb": {extension: {"enabled": True} for extension in ("1007", "1042")},
    "setFollowMe": {
        "1008": {"enabled": True, "members": [{"extension": "1009"}, {"number": "+4915155501"}], "confirm": True},
        "1011": {
            "enabled": True,
            "strategy": "hunt",
            "pre_ring": 10,
            "members": [{"extension": "1012"}, {"extension": "1013"}],
            "destination": {"voicemail": "1011"},
        },
    },
    "updateVoicemailBox": {
        "1004": {"name": "Dora Winter", "email": "dora@example.com", "attach": True},
        "1006": {"email": "finn@example.com", "say_caller": True, "say_envelope": True},
        "1030": {"enabled": False},
    },
}
"""GraphQL field to extension to what is set. None on 1001, nor leading there: it is the one that tutorials change."""

ADDED: Final[Sequence[tuple[str, Mapping[str, Any]]]] = (
    (
        "addRingGroup",
        {
            "number": "600",
            "name": "Sales",
            "members": [{"extension": each} for each in ("1020", "1021", "1022")],
            "prefix": "Sales: ",
            "destination": {"voicemail": "1020"},
        },
    ),
    (
        "addRingGroup",
        {
            "number": "601",
            "name": "Support",
            "members": [{"extension": "1024"}, {"extension": "1025"}, {"number": "5551600"}],
            "strategy": "memoryhunt",
            "ring_time": 15,
            "destination": {"ring_group": "600"},
        },
    ),
    ("blacklistNumber", {"number": "+4930901899", "description": "Sells wine"}),
    ("blacklistNumber", {"number": "5550199"}),
)
"""GraphQL field to what is added by it."""

CALLS: Final[Mapping[str, Mapping[str, Any]]] = {
    "1004": {
        "uid": "sample-1",
        "started": "2026-11-02T08:01:12Z",
        "answered_at": "2026-11-02T08:01:20Z",
        "ended": "2026-11-02T08:03:40Z",
        "direction": "inbound",
        "disposition": "answered",
        "caller": "+4930901820",
        "callee": "+4930555104",
        "callee_extension": "1004",
    },
    "1005": {
        "uid": "sample-2",
        "started": "2026-11-02T08:15:00Z",
        "ended": "2026-11-02T08:15:30Z",
        "direction": "internal",
        "disposition": "no_answer",
        "caller": "1006",
        "caller_extension": "1006",
        "callee": "1005",
        "callee_extension": "1005",
    },
    "1021": {
        "uid": "sample-3",
        "started": "2026-11-03T14:30:05Z",
        "answered_at": "2026-11-03T14:30:11Z",
        "ended": "2026-11-03T14:42:00Z",
        "direction": "outbound",
        "disposition": "answered",
        "caller": "1021",
        "caller_extension": "1021",
        "callee": "5551234",
    },
}
"""Extension to a call of it, which is recorded if the sample has just made the extension."""


def sample() -> None:
    """Load a sample: fifty extensions, and some of everything else.

    That is extensions 1001 to 1050, and some settings, ring groups, blacklisted numbers and calls.

    What is there already is left as it is, so it may be loaded twice.
    """
    made = in_house(load)
    say(f"Loaded the sample: {made} new." if made else "The sample is loaded already.")


async def load(house: "House") -> int:
    """Load what is missing of the modules that are switched on; how many records that were.

    What somebody cleared of an extension that is there already is not set anew.
    """
    fields = {each.field for each in house.modules.operations}
    fresh = {each["extension"] for each in _extensions() if await _added(house, fields, "addExtension", each)}
    made = len(fresh)
    for field, settings in SETTINGS.items():
        for extension in sorted(settings.keys() & fresh) if field in fields else ():
            await house.run(field, extension=extension, body=settings[extension])
            made += 1
    for field, body in ADDED:
        made += await _added(house, fields, field, body)
    for extension in sorted(CALLS.keys() & fresh) if "addCall" in fields else ():
        await house.run("addCall", body=CALLS[extension])
        made += 1
    return made


def _extensions() -> list[dict[str, str]]:
    return [
        {"extension": extension, "name": f"{NAMES[index % len(NAMES)]} {'Winter' if index < len(NAMES) else 'Summer'}"}
        for index, extension in enumerate(EXTENSIONS)
    ]


async def _added(house: "House", fields: set[str], field: str, body: Mapping[str, Any]) -> bool:
    """Was it added? Not where it is there already, nor where its module is switched off."""
    from scopekeeper.sdk import Conflict

    if field not in fields:
        return False
    try:
        await house.run(field, body=body)
    except Conflict:
        return False
    return True
