"""The vault, and the master key's file."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.services.vault import SHORTEST, Vault, WrongMasterKey, key_in, key_of

KEY = bytes(range(32))

_MAKER = """
import sys
from pathlib import Path
from scopekeeper.services.vault import key_in
print("ready", flush=True)
sys.stdin.readline()
print(key_in(Path(sys.argv[1])).hex())
"""


@given(st.text(max_size=40), st.binary(max_size=2_000))
def test_what_is_wrapped_is_unwrapped_under_its_name(name: str, plain: bytes) -> None:
    vault = Vault(KEY)
    assert vault.unwrap(name, vault.wrap(name, plain)) == plain


def test_another_key_opens_nothing_and_says_how_to_mend_it() -> None:
    sealed = Vault(KEY).wrap("key 1", b"secret")
    with pytest.raises(WrongMasterKey, match=r"master\.key"):
        Vault(bytes(32)).unwrap("key 1", sealed)


def test_what_is_wrapped_under_one_name_is_not_opened_under_another() -> None:
    vault = Vault(KEY)
    with pytest.raises(WrongMasterKey):
        vault.unwrap("key 2", vault.wrap("key 1", b"secret"))


@given(st.binary(max_size=60))
def test_what_was_never_wrapped_is_not_opened(sealed: bytes) -> None:
    with pytest.raises(WrongMasterKey):
        Vault(KEY).unwrap("key 1", sealed)


@given(st.integers(0, 33), st.integers(1, 255))
def test_a_single_changed_bit_is_noticed(place: int, change: int) -> None:
    sealed = bytearray(Vault(KEY).wrap("key 1", b"secret"))
    sealed[place] ^= change
    with pytest.raises(WrongMasterKey):
        Vault(KEY).unwrap("key 1", bytes(sealed))


def test_the_same_is_never_sealed_the_same_twice() -> None:
    vault = Vault(KEY)
    assert len({vault.wrap("key 1", b"secret") for _ in range(100)}) == 100


def test_neither_key_nor_secret_shows_when_a_vault_is_printed() -> None:
    vault = Vault(KEY)
    assert KEY.hex() not in repr(vault)
    assert not hasattr(vault, "__dict__")


@pytest.mark.parametrize("text", ["", "short", " " * 50, "a" * (SHORTEST - 1)])
def test_a_short_master_key_is_refused(text: str) -> None:
    with pytest.raises(WrongMasterKey, match=str(SHORTEST)):
        key_of(text)


def test_spaces_and_line_ends_around_a_master_key_do_not_count() -> None:
    """RFC 5869 §2: what is drawn out of the text is a key of the length that the cipher takes."""
    assert key_of("k" * SHORTEST) == key_of(f"  {'k' * SHORTEST}\n")
    assert len(key_of("k" * SHORTEST)) == 32


def test_the_masters_file_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    was = os.umask(0)
    try:
        made = key_in(file)
    finally:
        os.umask(was)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert key_in(file) == made == key_of(file.read_text("ascii"))
    assert [each.name for each in tmp_path.iterdir()] == ["master.key"]


def test_two_files_have_two_keys(tmp_path: Path) -> None:
    assert key_in(tmp_path / "one") != key_in(tmp_path / "two")


@pytest.mark.parametrize("content", [b"", b"cut short", b"\xff" * 50], ids=["empty", "short", "no text"])
def test_a_damaged_masters_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "master.key"
    file.write_bytes(content)
    with pytest.raises(WrongMasterKey):
        key_in(file)
    assert file.read_bytes() == content


def test_two_processes_at_once_make_one_key(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    makers = [
        subprocess.Popen([sys.executable, "-c", _MAKER, str(file)], stdin=-1, stdout=-1, text=True) for _ in range(2)
    ]
    for maker in makers:
        assert maker.stdout is not None
        assert maker.stdout.readline() == "ready\n"
    told = [maker.communicate("go\n", timeout=20)[0] for maker in makers]
    assert told[0] == told[1] == key_in(file).hex() + "\n"
