"""Reading from the machine: which file, and what is said when it cannot be read."""

from pathlib import Path

import pytest

from scopekeeper.settings import SettingsError, load

HOME = {"HOME": "/home/ada"}


def test_the_file_in_the_working_directory_is_read_if_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(environ=HOME).file is None
    (tmp_path / "scopekeeper.toml").write_text('data = "./data"\n')
    settings = load(environ=HOME)
    assert settings.data == tmp_path / "data"
    assert settings.file == tmp_path / "scopekeeper.toml"


def test_the_file_that_config_names_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scopekeeper.toml").write_text("port = 1")
    (tmp_path / "other.toml").write_text("port = 2")
    assert load(config="other.toml", environ=HOME).port == 2
    with pytest.raises(SettingsError, match=r"^--config: there is no .*absent\.toml$"):
        load(config="absent.toml", environ=HOME)


def test_a_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "scopekeeper.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read: it is no text$"):
        load(config=file, environ=HOME)
    with pytest.raises(SettingsError, match="^SCOPEKEEPER_PORT_FILE: .* cannot be read: it is no text$"):
        load(environ=HOME | {"SCOPEKEEPER_PORT_FILE": str(file)})


def test_a_folder_in_place_of_the_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: Is a directory$"):
        load(config=tmp_path, environ=HOME)


def test_flags_come_first(tmp_path: Path) -> None:
    file = tmp_path / "scopekeeper.toml"
    file.write_text("port = 1")
    assert load({"port": "3"}, config=file, environ=HOME | {"SCOPEKEEPER_PORT": "2"}).port == 3
