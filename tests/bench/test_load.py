"""What wrk says is read."""

import pytest

from bench.load import Heard, NoWrk, heard_in, require_wrk

SAID = """\
Running 8s test @ http://127.0.0.1:8000
  1 threads and 32 connections
Requests/sec:  12500.00
{"requests":100000,"seconds":8.000000,"p50_ms":1.167,"p99_ms":2.581,"broken":1,"wrong":2,"first_wrong":"401 {\\u0022"}
"""


def test_the_scripts_last_line_is_what_was_heard() -> None:
    assert heard_in(SAID) == Heard(100_000, 8.0, 1.167, 2.581, broken=1, wrong=2, first_wrong='401 {"')


def test_silence_of_wrk_is_an_error_and_no_figure() -> None:
    with pytest.raises(ValueError, match="unable to connect"):
        heard_in("unable to connect to 127.0.0.1:8000 Connection refused")


def test_without_wrk_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoWrk, match=r"^bench: wrk is not installed; `make system` installs it[^\n]*$"):
        require_wrk()
