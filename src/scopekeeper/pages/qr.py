"""QR codes (ISO/IEC 18004), as pictures that stand in the page itself: nobody else is asked to draw a secret."""

import base64
import io
from typing import Final

_QUIET: Final = 4
"""Squares of white around it (ISO/IEC 18004 §9.1): a dark page begins behind them."""


def qr_of(text: str) -> str:
    """The code that says this, as the address of a picture (`data:image/svg+xml;base64,…`, RFC 2397)."""
    import segno  # 33 ms, and most people who sign in never need it

    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(
        drawn,
        kind="svg",
        border=_QUIET,
        light="#fff",
        omitsize=True,
        svgclass=None,
        lineclass=None,
        xmldecl=False,
        nl=False,
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.getvalue()).decode()}"
