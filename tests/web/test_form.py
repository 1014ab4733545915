"""A form is read alike, whether what is in it stands for itself or is escaped."""

import pytest

from scopekeeper.wire.form import LONGEST_VALUE, MalformedForm, decode, parse_lenient


def read(body: bytes) -> object:
    """What a form says, or that it is none."""
    try:
        return parse_lenient(body)
    except MalformedForm:
        return MalformedForm


@pytest.mark.parametrize(
    "said", ["a", "a b", "é\u3042", "\U0001f600", "a\tb", "a\nb", "a\0b", "a\x1fb", "a\x7fb", "", "a;b"]
)
def test_what_stands_for_itself_is_what_is_escaped(said: str) -> None:
    escaped = "".join(f"%{byte:02X}" for byte in said.encode())
    for name in ("x", "é", ""):
        assert read(f"{name}={said}&y=1".encode()) == read(f"{name}={escaped}&y=1".encode())
        assert read(f"{said}=1".encode()) == read(f"{escaped}=1".encode())


@pytest.mark.parametrize("raw", [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"%C0%AF", b"%zz", b"%", b"%ED%A0%80", b"%00"])
def test_what_cannot_be_read_is_refused_wherever_it_stands(raw: bytes) -> None:
    for body in (b"x=" + raw, raw + b"=x", b"y=1&x=" + raw, b"x=" + raw + b"&y=1"):
        assert read(body) is MalformedForm


@pytest.mark.parametrize("letter", ["x", "é"])
def test_a_value_has_as_many_bytes_as_it_may_have(letter: str) -> None:
    longest = letter * (LONGEST_VALUE // len(letter.encode()))
    assert read(f"x={longest}".encode()) == ({"x": longest}, frozenset())
    assert read(f"x={longest}{letter}".encode()) is MalformedForm
    with pytest.raises(MalformedForm):
        decode(f"{longest}{letter}".encode())
