"""Importing the program, which is most of what a command takes."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """For what is imported within. It stays: the collector looks through none of it, neither now nor ever after.

    And structlog does not find rich, which it would import, 4 MB and 40 ms, to draw tracebacks that it is not let draw.
    """
    before = len(sys.modules)
    if hidden := "rich" not in sys.modules:
        sys.modules["rich"] = None  # type: ignore[assignment]  # not to be found
    gc.disable()
    try:
        yield
    finally:
        if hidden:
            del sys.modules["rich"]
        if len(sys.modules) > before:
            gc.freeze()
        gc.enable()
