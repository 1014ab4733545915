"""How a page is written: its template, compiled once, and the headers that no page goes without."""

from collections.abc import Mapping, Sequence
from functools import cache
from types import CodeType
from typing import Final

from jinja2 import BytecodeCache, ChoiceLoader, Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context

from scopekeeper.oauth.redirects import place_of
from scopekeeper.pages.agents import browser_of, system_of
from scopekeeper.pages.cookies import Jar
from scopekeeper.pages.csrf import FIELD, token_of
from scopekeeper.pages.moments import ago, iso, lasting, utc
from scopekeeper.pages.shelf import PAGES, Shelf
from scopekeeper.pages.visit import Visit
from scopekeeper.wire import Reply
from scopekeeper.wire.reply import Headers


def policy_of(
    *, leading_on: bool = False, scripted: bool = False, asking: bool = False, frames: Sequence[str] = ()
) -> bytes:
    """The Content-Security-Policy of a page: nothing from elsewhere, nothing inline, in nobody's frame.

    Its forms end here, unless the page is `leading_on` to an application. Then nothing is said of where they end:
    some browsers hold every redirect that follows a form to that, the application's own among them, which lead to other
    hosts of its own, or to whoever it signs people in for. No script at all, unless it is `scripted` by a file of ours;
    those scripts speak to nobody, unless the page is `asking` this server for more of itself. In its own frames it
    shows what is of these origins.
    """
    scripts = " script-src 'self';" if scripted else ""
    scripts += " connect-src 'self';" if asking else ""
    framed = f" frame-src {' '.join(frames)};" if frames else ""
    forms = "" if leading_on else " form-action 'self';"
    return (
        f"default-src 'none';{scripts}{framed} style-src 'self'; img-src 'self' data:;{forms} base-uri 'none'; "
        "frame-ancestors 'none'"
    ).encode()


def guards_of(policy: bytes, *, alone: bool = True) -> Headers:
    """The headers that guard a page. `alone`, it is out of reach for the window that opened it.

    An application that signs people in in a popup waits there for its own page, which the popup ends at: once a page on
    the way has cut the two windows apart, it waits for ever.
    """
    always = (
        (b"cache-control", b"no-store"),
        (b"content-security-policy", policy),
        (b"referrer-policy", b"same-origin"),
        (b"x-frame-options", b"DENY"),
    )
    return (*always, (b"cross-origin-opener-policy", b"same-origin")) if alone else always


OWN: Final = guards_of(policy_of())
"""Of a page that no application has sent anybody to."""
ON_THE_WAY: Final = guards_of(policy_of(), alone=False)
"""Of a page that an application has sent somebody to."""
LEADING_ON: Final = guards_of(policy_of(leading_on=True), alone=False)
"""The same, with a form that leads back to the application."""
POSTING_ON: Final = guards_of(policy_of(leading_on=True, scripted=True), alone=False)
"""The same, with a form that sends itself."""
SCRIPTED: Final = guards_of(policy_of(scripted=True))
"""Of a page that no application has sent anybody to, with a script that speaks to nobody."""
TOOL: Final = guards_of(policy_of(scripted=True, asking=True))
"""Of a page that is a tool: scripts of ours add to it, and ask us for more."""


def framing(origins: Sequence[str]) -> Headers:
    """Of a page on the way that shows frames of these origins, and goes on when they have loaded."""
    return guards_of(policy_of(scripted=True, frames=origins), alone=False)


@cache
def entrance(*, on_the_way: bool, scripted: bool) -> Headers:
    """Of the pages at which people sign in: `on_the_way` to an application or not, with a script of ours or not."""
    return guards_of(policy_of(leading_on=on_the_way, scripted=scripted), alone=not on_the_way)


_HTML: Final = (b"content-type", b"text/html; charset=utf-8")


class _Compiled(BytecodeCache):
    """Templates are compiled once for a process, however many write them: each writer has globals of its own."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None, "it has just been compiled"
        self._kept[bucket.key, bucket.checksum] = bucket.code


_COMPILED: Final = _Compiled()


def environment_of(*packages: str) -> Environment:
    """What compiles the templates of these packages: where two have one name, that of the first. All is escaped."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=_COMPILED,
    )
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined] # by i18n
    environment.filters |= {"browser": browser_of, "iso": iso, "place": place_of, "system": system_of, "utc": utc}
    return environment


class Pages:
    """Writes pages. A template gets what it is given, and `csrf(form)`: the hidden field of one of its forms."""

    def __init__(self, jar: Jar, shelf: Shelf, issuer: str, *, packages: Sequence[str] = (PAGES,)) -> None:
        environment = environment_of(*packages)
        environment.globals |= {"static": shelf.address_of, "issuer": issuer, "csrf_field": FIELD}
        self._template = environment.get_template  # compiled when it is first wanted, and kept
        self._jar = jar

    def __call__(
        self,
        visit: Visit,
        template: str,
        facts: Mapping[str, object],
        status: int = 200,
        headers: Headers = (),
        *,
        guards: Headers = OWN,
        block: str | None = None,
    ) -> Reply:
        """The page, for this visit; or one `block` of it, for a page that asks for a part of itself."""
        given, written = {**_common(visit), **facts}, self._template(template)
        text = written.render(given) if block is None else "".join(written.blocks[block](written.new_context(given)))
        return Reply(status, text.encode(), (_HTML, *guards, *headers, *self._visitor(visit)))

    def _visitor(self, visit: Visit) -> Headers:
        return (self._jar.visitor.set(visit.key),) if visit.fresh else ()


def sent_on(path: str, *headers: tuple[bytes, bytes]) -> Reply:
    """Further, by 303, so that what was posted is not posted again (RFC 9700 §4.12).

    Shows nothing, and leaves it to the page that is reached who may reach for that.
    """
    return Reply(303, b"", ((b"location", path.encode()), *ON_THE_WAY, *headers))


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
