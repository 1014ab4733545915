"""A page as a browser without scripts has it: its words, and its forms with what they would send (HTML §4.10.21)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

_TICKED: Final = ("checkbox", "radio")
_UNSENT: Final = ("button", "image", "reset", "submit")
"""Inputs that are no fields: who presses one sends it, and only it."""


@dataclass(slots=True)
class Form:
    """One form: where it goes, its fields as they are filled in, and its submit buttons in order."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    typed: set[str] = field(default_factory=set)
    """The names of the fields that a person sees and types into."""

    def filled(self, answers: Mapping[str, str]) -> dict[str, str]:
        """What is sent once the person has typed the answers and pressed the button for them, else the first."""
        typed = {name: value for name, value in answers.items() if name in self.typed}
        wanted = [(name, value) for name, value in self.buttons if name and answers.get(name) == value]
        pressed = (wanted or self.buttons)[:1]
        return self.fields | typed | {name: value for name, value in pressed if name}


@dataclass(frozen=True, slots=True)
class Page:
    """Where somebody is, what came, and what it says."""

    url: str
    status: int
    title: str
    text: str
    forms: tuple[Form, ...]

    def form(self, *names: str) -> Form | None:
        """The first form that has a field or a button of one of these names."""
        offered = ((form, form.typed | {name for name, _ in form.buttons}) for form in self.forms)
        return next((form for form, there in offered if there & set(names)), None)


def page_of(url: str, status: int, markup: str) -> Page:
    """Read the page."""
    reading = _Reading(url)
    reading.feed(markup)
    reading.close()
    return Page(url, status, " ".join(reading.title), " ".join(" ".join(reading.words).split()), tuple(reading.forms))


def origin_of(url: str) -> str:
    """Scheme, host and port: what browsers tell one site from another by (RFC 6454 §4)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class _Reading(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.title: Final[list[str]] = []
        self.words: Final[list[str]] = []
        self.forms: Final[list[Form]] = []
        self._url = url
        self._form: Form | None = None
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        about = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self._url, about.get("action", ""))
            self._form = Form(action, about.get("method", "get").upper())
            self.forms.append(self._form)
        elif tag in ("input", "button") and self._form is not None and "disabled" not in about:
            self._control(self._form, tag, about)

    def _control(self, form: Form, tag: str, about: dict[str, str]) -> None:
        kind = about.get("type", "text" if tag == "input" else "submit")
        name, value = about.get("name", ""), about.get("value", "")
        if kind == "submit":
            form.buttons.append((name, value))
        elif kind in _UNSENT or not name or (kind in _TICKED and "checked" not in about):
            return
        else:
            form.fields[name] = value or ("on" if kind in _TICKED else "")
            if kind != "hidden" and kind not in _TICKED:
                form.typed.add(name)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title.append(data)
        elif self._inside not in ("script", "style"):
            self.words.append(data)
