"""How every test runs: a plain function is called, a coroutine function gets an event loop of its own."""

import asyncio
import inspect
import logging
import signal
from collections.abc import Iterator

import pytest
import structlog

from scopekeeper.web.logbook import open_logbook

# A shell starts what it runs in the background with SIGINT ignored, and so would every command that a test starts be:
# those that a test interrupts would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an `async def test_…` to its end; leave every other test to pytest."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    asked_for = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(pyfuncitem.obj(**asked_for))
    return True


@pytest.fixture
def logbook(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """The log as a server keeps it that keeps everything; read it with `readouterr().err`."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    open_logbook("debug", "text")
    yield capsys
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
