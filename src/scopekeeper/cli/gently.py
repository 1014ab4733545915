"""What goes through the whole database gives way to a server that runs on the same machine."""

import os
from contextlib import suppress
from typing import Final

_NICER: Final = 10


def gently() -> None:
    """From now on this process has the CPU only where others leave it."""
    with suppress(OSError):  # whoever may not say so is as quick as before
        os.nice(_NICER)
