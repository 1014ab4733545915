"""The command `scopekeeper` on a machine whose clock is set by a file: it says how many seconds it is off.

Nothing but the wall clock is set: the monotonic one goes on, as it does where somebody sets a machine's clock.
"""

import os
import runpy
import sys
import time
from pathlib import Path
from typing import Final

OFFSET: Final = "TEST_CLOCK_FILE"
"""Names the file."""


def main() -> None:
    file, wall = Path(os.environ[OFFSET]), time.time_ns
    time.time_ns = lambda: wall() + int(file.read_text()) * 1_000_000_000
    time.time = lambda: time.time_ns() / 1_000_000_000
    sys.argv[0] = "scopekeeper"
    runpy.run_module("scopekeeper", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
