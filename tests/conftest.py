"""How every test runs: a plain function is called, a coroutine function gets an event loop of its own."""

import asyncio
import inspect
import logging
import os
import signal
import tempfile
from collections.abc import Iterator
from itertools import compress
from typing import Final

import hypothesis
import pytest
import structlog

from scopekeeper.settings import PostgresDatabase
from scopekeeper.web.logbook import open_logbook
from tests.live import serve_by
from tests.memory import in_memory
from tests.postgres import a_database
from tests.reaching import speaks_to_a_server

# A shell starts what it runs in the background with SIGINT ignored, and so would every command that a test starts be:
# those that a test interrupts would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No example has to be done in time: the machine may be busy with another one.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

# The same where all of it runs under nohup.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Whatever tests and the servers that they start write is lost with them: no disk is waited for.
if "TMPDIR" not in os.environ and (place := in_memory()) is not None:
    os.environ["TMPDIR"], tempfile.tempdir = str(place), None

# A bug that is logged is told without the values of every frame: to write those down takes a third of a second.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say how servers are started."""
    told = "run what speaks to a server, and nothing else, with two servers on PostgreSQL behind nginx"
    parser.addoption("--behind-a-proxy", action="store_true", help=told)


def pytest_configure(config: pytest.Config) -> None:
    """Two servers stand in for one where that was asked for."""
    config.addinivalue_line("markers", "one_process(reason): it is about one server, so it is not run behind a proxy")
    if config.getoption("--behind-a-proxy"):
        from tests.proxied import NGINX, Proxied

        if NGINX is None:
            raise pytest.UsageError("--behind-a-proxy: nginx is missing: make system installs it")
        serve_by(Proxied)


SLOWEST: Final = ("browser", "docs", "cli", "clients", "deploy", "house", "stores", "console", "api", "spec", "web")
"""The subjects whose files take longest."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that all processes end together.

    Behind a proxy only those tests are run that speak to a server, and none that is about one process.
    """
    items.sort(key=_place_of)
    if not config.getoption("--behind-a-proxy"):
        return
    speaking = [isinstance(each, pytest.Function) and speaks_to_a_server(each) for each in items]
    config.hook.pytest_deselected(items=[each for each, speaks in zip(items, speaking, strict=True) if not speaks])
    items[:] = compress(items, speaking)
    for each in items:
        if (alone := each.get_closest_marker("one_process")) is not None:
            each.add_marker(pytest.mark.skip(reason=f"about one process: {alone.args[0]}"))


def _place_of(item: pytest.Item) -> int:
    subject = item.path.parent.name
    return SLOWEST.index(subject) if subject in SLOWEST else len(SLOWEST)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an `async def test_…` to its end; leave every other test to pytest."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    asked_for = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(pyfuncitem.obj(**asked_for))
    return True


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """However a test keeps the log (a command line that it runs here does), the next one finds it as it was."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    yield
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def logbook(capsys: pytest.CaptureFixture[str], log_as_it_was: None) -> pytest.CaptureFixture[str]:
    """The log as a server keeps it that keeps everything; read it with `readouterr().err`."""
    open_logbook("debug", "text")
    return capsys


@pytest.fixture
def made() -> Iterator[PostgresDatabase]:
    """A database of PostgreSQL with the newest schema."""
    with a_database() as database:
        yield database


@pytest.fixture
def empty() -> Iterator[PostgresDatabase]:
    """A database of PostgreSQL with nothing in it."""
    with a_database(empty=True) as database:
        yield database
