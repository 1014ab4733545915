"""Processes are asked for their CPU time, and always ended."""

import os
import sys
from pathlib import Path

import pytest

from bench.process import free_port, seconds_in, serving

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("0:01.25", 1.25), ("12:03.50", 723.5), ("01:00:01", 3601.0), ("2-00:00:01", 172_801.0), ("  0:00.00\n", 0.0)],
)
def test_the_cpu_time_that_ps_tells_is_read(said: str, seconds: float) -> None:
    assert seconds_in(said) == seconds


def test_a_process_tells_its_cpu_time_and_memory(tmp_path: Path) -> None:
    with serving(SLEEPER, free_port(), tmp_path / "log", None) as server:
        assert server.cpu_seconds() >= 0
        assert server.resident_mb() > 0


def test_a_server_is_ended_when_its_block_is_left_by_an_error(tmp_path: Path) -> None:
    pid = 0

    def fail() -> None:
        nonlocal pid
        with serving(SLEEPER, free_port(), tmp_path / "log", None) as server:
            pid = server.process.pid
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
