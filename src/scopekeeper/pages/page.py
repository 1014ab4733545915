"""How a page is written: its template, compiled once, and the headers that no page goes without."""

from collections.abc import Mapping
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from scopekeeper.pages.agents import browser_of, system_of
from scopekeeper.pages.cookies import Jar
from scopekeeper.pages.csrf import FIELD, token_of
from scopekeeper.pages.moments import ago, iso, lasting, utc
from scopekeeper.pages.shelf import Shelf
from scopekeeper.pages.visit import Visit
from scopekeeper.wire import Reply
from scopekeeper.wire.reply import Headers


def policy_of(form_action: str = "", *, scripted: bool = False) -> bytes:
    """The Content-Security-Policy of a page: nothing from elsewhere, nothing inline, in nobody's frame.

    `form_action` is where forms may end besides here: browsers hold the redirects that follow a form to it as well.
    No script at all, unless the page is `scripted` by a file of ours.
    """
    scripts = " script-src 'self';" if scripted else ""
    ends = f"'self' {form_action}" if form_action else "'self'"
    return (
        f"default-src 'none';{scripts} style-src 'self'; img-src 'self' data:; form-action {ends}; base-uri 'none'; "
        "frame-ancestors 'none'"
    ).encode()


POLICY: Final = policy_of()

_CSP: Final = b"content-security-policy"

SAFE: Final[Headers] = (
    (b"cache-control", b"no-store"),
    (_CSP, POLICY),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_HTML: Final[Headers] = ((b"content-type", b"text/html; charset=utf-8"), *SAFE)


class Pages:
    """Writes pages. A template gets what it is given, and `csrf(form)`: the hidden field of one of its forms."""

    def __init__(self, jar: Jar, shelf: Shelf, issuer: str) -> None:
        environment = Environment(
            loader=PackageLoader("scopekeeper.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined] # by i18n
        environment.filters |= {"browser": browser_of, "iso": iso, "system": system_of, "utc": utc}
        environment.globals |= {"static": shelf.address_of, "issuer": issuer, "csrf_field": FIELD}
        self._templates = {name: environment.get_template(name) for name in environment.list_templates()}
        self._jar = jar

    def __call__(
        self,
        visit: Visit,
        template: str,
        facts: Mapping[str, object],
        status: int = 200,
        headers: Headers = (),
        *,
        policy: bytes = POLICY,
    ) -> Reply:
        """The page, for this visit."""
        text = self._templates[template].render({**_common(visit), **facts})
        safe = _HTML if policy is POLICY else tuple((name, policy if name == _CSP else value) for name, value in _HTML)
        return Reply(status, text.encode(), (*safe, *headers, *self._visitor(visit)))

    def _visitor(self, visit: Visit) -> Headers:
        return (self._jar.visitor.set(visit.key),) if visit.fresh else ()


def sent_on(path: str, *headers: tuple[bytes, bytes]) -> Reply:
    """On to a path of our own, by 303, so that what was posted is not posted again (RFC 9700 §4.12)."""
    return Reply(303, b"", ((b"location", path.encode()), *SAFE, *headers))


def _common(visit: Visit) -> Mapping[str, object]:
    words = visit.words
    return {
        "words": words,
        "language": words.language,
        "ago": lambda at: ago(words, max(0, visit.now - at)),
        "lasting": lambda seconds: lasting(words, seconds),
        "csrf": lambda form: token_of(visit.key, form),
    }


@pass_context
def _gettext(context: Context, message: str) -> str:
    said: str = context["words"].gettext(message)
    return said


@pass_context
def _ngettext(context: Context, singular: str, plural: str, number: int) -> str:
    said: str = context["words"].ngettext(singular, plural, number)
    return said
