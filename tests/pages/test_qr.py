"""QR codes: pictures in the page itself, which an app can read on any of our grounds."""

import re
from base64 import b64decode

import segno

from scopekeeper.pages.qr import qr_of

URI = "otpauth://totp/auth.example:alice?secret=JBSWY3DPEHPK3PXP&issuer=auth.example"


def drawn(text: str) -> str:
    """What the address has in it."""
    kind, _, content = qr_of(text).partition(",")
    assert kind == "data:image/svg+xml;base64"
    return b64decode(content).decode()


def squares(svg: str) -> set[tuple[int, int]]:
    """Which squares are black, row and column, by the strokes that are drawn."""
    [path] = re.findall(r'<path stroke="#000" d="([^"]+)"', svg)
    black, column, row = set(), 0.0, 0.0
    for command, across, down in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path):
        if command == "h":
            black |= {(int(row), int(column) + each) for each in range(int(across))}
            column += int(across)
        else:
            column = float(across) + (column if command == "m" else 0)
            row = float(down) + (row if command == "m" else 0)
    return black


def test_it_says_the_text_with_a_quiet_zone_around() -> None:
    """As a `data` URL (RFC 2397 §2, §3)."""
    matrix = segno.make_qr(URI, error="m").matrix
    expected = {(row + 4, column + 4) for row, line in enumerate(matrix) for column, dark in enumerate(line) if dark}
    assert squares(drawn(URI)) == expected
    assert f'viewBox="0 0 {len(matrix) + 8} {len(matrix) + 8}"' in drawn(URI)


def test_it_is_black_on_white_whatever_the_page_is() -> None:
    side = len(segno.make_qr(URI, error="m").matrix) + 8
    assert f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>' in drawn(URI)


def test_nothing_of_the_text_is_markup() -> None:
    assert set(re.findall(r"<(/?\w+)", drawn("</svg><script>alert(1)</script>"))) == {"svg", "path", "/svg"}
