"""Who looks after workers, on its own: with workers that serve nobody, and do what one that fails does."""

import signal
import subprocess
import sys
from typing import Final

from tests.crew import children
from tests.waiting import PATIENCE, until

_HANGS: Final = """
import time
from scopekeeper.app.workers import supervise

def work(post):
    post.ready(None)
    post.channel.recv(1)
    while post.first:
        time.sleep(1)

supervise(2, work, lambda _: print("all work", flush=True), longest=1)
"""

_REFUSES: Final = """
import time
from scopekeeper.app.house import CannotOpen
from scopekeeper.app.workers import messages, supervise, supervisor

class Slow(messages.Ear):
    def heard(self):
        told = super().heard()
        if not told:
            time.sleep(1)  # so long somebody else has the machine
        return told

supervisor.Ear = Slow

def work(post):
    if post.number == 1:
        post.ready(None)
        post.channel.recv(1)
    else:
        time.sleep(0.3)
        raise CannotOpen("as it is here")

try:
    supervise(2, work, lambda _: None, longest=30)
except CannotOpen as refused:
    print(refused, flush=True)
"""


def test_one_that_was_told_to_leave_and_does_not_end_is_killed_and_the_others_are_replaced() -> None:
    with subprocess.Popen([sys.executable, "-c", _HANGS], stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "all work\n"
            before = children(running.pid)
            running.send_signal(signal.SIGHUP)
            until(lambda: len(now := children(running.pid)) == 2 and not now & before)
            running.terminate()
            assert running.wait(PATIENCE) == 0
        finally:
            running.kill()


def test_why_the_house_could_not_be_opened_is_heard_however_soon_it_ends_after_that() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _REFUSES], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.stdout.splitlines()[-1], done.stdout.count("worker ended")) == ("as it is here", 0)
