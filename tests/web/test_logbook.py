"""The log goes where it is read; where nobody reads it any more, everything else goes on."""

import subprocess
import sys
from typing import Final

_PROGRAM: Final = """
import logging, os, sys
import structlog
from scopekeeper.web.logbook import open_logbook

reader, writer = os.pipe()
os.dup2(writer, 2)
open_logbook("info", sys.argv[1])
log = structlog.get_logger()
log.info("heard")
heard = os.read(reader, 4096)
os.close(reader)
for _ in range(300):
    log.warning("nobody hears this")
    logging.getLogger("a library").warning("nor this")
print(heard.count(b"heard"))
"""


def test_a_log_that_nobody_reads_any_more_stops_nobody() -> None:
    for form in ("text", "json"):
        done = subprocess.run([sys.executable, "-c", _PROGRAM, form], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "1\n")
