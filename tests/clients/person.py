"""A person at a browser without scripts: opens an address, signs in, decides, and ends up where the server sends them.

Everything goes over plain HTTP as a browser sends it: cookies are kept, a 303 is followed by GET, a page that leads on
by itself leads on, a form is sent with all its fields and one of its buttons, and what leads to somebody else's site is
where the walk ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2

from tests.clients.page import Form, Page, origin_of, page_of

MOST_STEPS: Final = 8
"""Pages and redirects that lie between an address and its end, at most."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser leaves us for: an address, and the form that it posts there with `response_mode=form_post`."""

    url: str
    form: Mapping[str, str] | None = None

    @property
    def answer(self) -> dict[str, str]:
        """The parameters that the client is told, wherever they stand."""
        parts = urlsplit(self.url)
        told = parse_qs(parts.query or parts.fragment, keep_blank_values=True)
        return dict(self.form) if self.form is not None else {name: value for name, [value] in told.items()}


class Person:
    """Somebody with an account. Signs in whenever asked to."""

    def __init__(self, name: str, password: str, issuer: str, *, transport: httpx2.BaseTransport | None = None) -> None:
        self.issuer = issuer
        self._knows = {"username": name, "password": password}
        headers = {"accept": "text/html", "user-agent": "A person at a browser"}
        self._browser = httpx2.Client(headers=headers, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._browser.close()

    @property
    def cookies(self) -> dict[str, str]:
        """What their browser keeps of us."""
        return dict(self._browser.cookies)

    def sign_in(self) -> None:
        """Sign in, and see one's own account."""
        end = self._walk(f"{self.issuer}/account", {})
        assert isinstance(end, Page), end
        assert end.status == 200, end.text

    def allow(self, url: str) -> Departure:
        """Open the address that an application sent us to, approve, and be sent back to it."""
        return self._back(url, "approve")

    def deny(self, url: str) -> Departure:
        """Open the address that an application sent us to, deny, and be sent back to it."""
        return self._back(url, "deny")

    def enter(self, url: str, user_code: str, decision: str = "approve") -> Page:
        """Open the page that a device named, type its code, and decide."""
        end = self._walk(url, {"user_code": user_code, "decision": decision})
        assert isinstance(end, Page), end
        return end

    def has_to_sign_in(self, path: str = "/account") -> bool:
        """Are they asked here who they are?"""
        at = self.open(urljoin(self.issuer, path))
        return isinstance(at, Page) and urlsplit(at.url).path == "/login"

    def open(self, url: str) -> Page | Departure:
        """The page at this address, after all redirects of ours; or where they lead away to."""
        return self._go("GET", url, {}, {"sec-fetch-site": "none"})

    def send(self, page: Page, answers: Mapping[str, str]) -> Page | Departure:
        """Fill in the form of the page that asks for any of this, and send it."""
        form = page.form(*answers)
        assert form is not None, f"{page.url} does not ask for {', '.join(answers)}: {page.text}"
        return self._sent(page, form, answers)

    def press(self, page: Page, path: str) -> Page | Departure:
        """Send the first form of the page that goes there, as it is."""
        form = next((form for form in page.forms if urlsplit(form.action).path == path), None)
        assert form is not None, f"{page.url} has no form that goes to {path}: {page.text}"
        return self._sent(page, form, {})

    def _sent(self, page: Page, form: Form, answers: Mapping[str, str]) -> Page | Departure:
        headers = {"sec-fetch-site": "same-origin", "origin": origin_of(page.url), "referer": page.url}
        return self._go(form.method, form.action, form.filled(answers), headers)

    def _back(self, url: str, decision: str) -> Departure:
        end = self._walk(url, {"decision": decision})
        assert isinstance(end, Departure), f"{end.status} at {end.url}: {end.text}"
        return end

    def _walk(self, url: str, answers: Mapping[str, str]) -> Page | Departure:
        """From page to page, answering whatever is asked, each thing once."""
        unasked = {**self._knows, **answers}
        at = self.open(url)
        while isinstance(at, Page) and (step := _next(at, unasked)):
            at = self.send(at, step)
            unasked = {name: value for name, value in unasked.items() if name not in step}
        return at

    def _go(self, method: str, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Page | Departure:
        for _ in range(MOST_STEPS):
            data, query = (form, None) if method == "POST" else (None, form or None)
            answer = self._browser.request(method, url, data=data, params=query, headers=headers)
            if not answer.is_redirect:
                onward = answer.headers.get("refresh", "").partition("url=")[2]
                if onward and self._foreign(onward):
                    return Departure(onward)
                return self._arrived(page_of(str(answer.url), answer.status_code, answer.text))
            assert answer.status_code == 303, f"{answer.status_code} from {url}"
            method, form, url = "GET", {}, urljoin(url, answer.headers["location"])
            headers = {"sec-fetch-site": headers["sec-fetch-site"]}
            if self._foreign(url):
                return Departure(url)
        raise AssertionError(f"there is no end to the redirects at {url}")

    def _arrived(self, page: Page) -> Page | Departure:
        """The page, unless all it is for is to post a form to somebody else."""
        leaving = next((form for form in page.forms if self._foreign(form.action)), None)
        return page if leaving is None else Departure(leaving.action, leaving.filled({}))

    def _foreign(self, url: str) -> bool:
        return origin_of(url) != origin_of(self.issuer)


def _next(page: Page, unasked: Mapping[str, str]) -> dict[str, str]:
    """What the first form of the page that asks for any of this asks for."""
    form = page.form(*unasked)
    if form is None:
        return {}
    there = form.typed | {name for name, _ in form.buttons}
    return {name: value for name, value in unasked.items() if name in there}
