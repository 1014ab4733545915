"""What a browser says of itself, in two words that a person knows it by."""

from typing import Final

# In this order: nearly every browser also claims to be those further down.
_BROWSERS: Final = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chromium", "Chromium"), ("Chrome", "Chrome"), ("Safari", "Safari"),
    ("curl/", "curl"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_of(agent: str) -> str:
    """The browser's name, empty where it is none that we know."""
    return next((name for mark, name in _BROWSERS if mark in agent), "")


def system_of(agent: str) -> str:
    """The name of the system that the browser runs on, empty where it is none that we know."""
    return next((name for mark, name in _SYSTEMS if mark in agent), "")
