"""A browser for tests without a browser: it keeps cookies and fills in forms, one step at a time."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Final

from starlette.types import ASGIApp

from tests.asking import Answer, ask, post_form

Attributes = dict[str, str]

_TICKED: Final = ("checkbox", "radio")
"""What is sent only where it is ticked."""


class Seen(HTMLParser):
    """What is on a page: every element with its attributes, and all the text."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.elements: Final[list[tuple[str, Attributes]]] = []
        self.words: Final[list[str]] = []
        self.feed(body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.elements.append(("/form", {}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[Attributes]:
        return [attributes for name, attributes in self.elements if name == tag]

    def form(self, action: str, passkey: str = "") -> dict[str, str]:
        """The fields of the form that posts there, as they are filled in. `passkey`: of that for a passkey."""
        inside, fields = False, {}
        for tag, attributes in self.elements:
            if tag == "form":
                inside = attributes["action"] == action and attributes.get("data-passkey", "") == passkey
            elif tag == "/form":
                inside = False
            elif tag == "input" and inside and ("checked" in attributes or attributes.get("type") not in _TICKED):
                fields[attributes["name"]] = attributes.get("value", "")
        assert fields, f"there is no form to {action}"
        return fields

    def described(self, name: str) -> str:
        """The ids of what describes the field."""
        [found] = [each for each in self.all("input") if each.get("name") == name and each.get("type") != "hidden"]
        return found.get("aria-describedby", "")

    def by_id(self, id: str) -> Attributes:
        [found] = [attributes for _, attributes in self.elements if attributes.get("id") == id]
        return found


@dataclass(slots=True)
class Browser:
    """Somebody's browser."""

    front: ASGIApp
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=lambda: {"accept": "text/html"})
    address: str = "203.0.113.7"

    async def get(self, target: str, **headers: str) -> Answer:
        """Open a page."""
        answer = await ask(self.front, "GET", target, headers=self._head(headers), address=self.address)
        self._keep(answer)
        return answer

    async def post(self, path: str, form: dict[str, str] | str, **headers: str) -> Answer:
        """Send a form as it is."""
        answer = await post_form(self.front, path, form, headers=self._head(headers), address=self.address)
        self._keep(answer)
        return answer

    async def fill(self, page: str, action: str, **fields: str) -> Answer:
        """Open the page, fill in its form and send it."""
        answer = await self.get(page)
        assert answer.status == 200, answer
        return await self.post(action, Seen(answer.body).form(action) | fields)

    async def sign_in(self, name: str, password: str) -> Answer:
        return await self.fill("/login", "/login", username=name, password=password)

    def _head(self, more: dict[str, str]) -> list[tuple[str, str]]:
        cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return list((self.headers | (cookie if self.cookies else {}) | named).items())

    def _keep(self, answer: Answer) -> None:
        for line in answer.cookies:
            name, _, value = line.partition(";")[0].partition("=")
            if re.search(r"max-age=0\b", line, re.IGNORECASE):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value


def text_of(answer: Answer) -> str:
    """What a person reads."""
    return unescape(Seen(answer.body).text)
