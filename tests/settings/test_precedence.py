"""Where a setting comes from: flag > environment > file > default."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from scopekeeper.settings import SETTINGS, Settings, SettingsError, SqliteFile, variable_of
from scopekeeper.settings.read import File, Here, read

HERE = Here(Path("/here"), Path("/home/ada"), "linux")
MASTER_KEY = "K3yK3yK3yK3yK3yK3yK3yK3yK3yK3yK3yK3yK3yK3yA"


def settings_of(
    flags: Mapping[str, str | None] | None = None,
    environ: dict[str, str] | None = None,
    toml: str | None = None,
    here: Here = HERE,
    contents: dict[str, str] | None = None,
) -> Settings:
    def contents_of(path: Path) -> str:
        try:
            return (contents or {})[str(path)]
        except KeyError:
            raise FileNotFoundError(2, "No such file or directory") from None

    file = File(Path("/etc/scopekeeper/scopekeeper.toml"), toml) if toml is not None else None
    return read(flags or {}, environ or {}, file, here, contents_of)


def test_with_nothing_given_the_defaults_hold() -> None:
    settings = settings_of()
    assert settings.data == Path("/home/ada/.local/share/scopekeeper")
    assert settings.database == SqliteFile(settings.data / "scopekeeper.db")
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.issuer == "http://127.0.0.1:8000"
    assert settings.access_token_lifetime == 3600
    assert (settings.code_lifetime, settings.refresh_grace) == (60, 10)
    assert (settings.refresh_token_lifetime, settings.refresh_token_idle) == (30 * 86_400, 14 * 86_400)
    assert (settings.rate_limits, settings.failures_a_minute, settings.failures_burst) == (True, 10, 30)
    assert (settings.public_descriptions, settings.scim_vouches) == (True, False)
    assert settings.master_key is None
    assert settings.trusted_proxies == ()
    assert settings.fetch_allow == frozenset()
    assert settings.modules_off == frozenset()
    assert (settings.log_level, settings.log_format) == ("info", "text")
    assert settings.warnings == ()


def test_a_flag_wins_over_the_environment_which_wins_over_the_file() -> None:
    flags, environ, toml = {"port": "1"}, {"SCOPEKEEPER_PORT": "2"}, "port = 3"
    assert settings_of(flags, environ, toml).port == 1
    assert settings_of({"port": None}, environ, toml).port == 2
    assert settings_of({}, {}, toml).port == 3


def test_each_source_may_give_a_different_setting() -> None:
    settings = settings_of({"port": "1"}, {"SCOPEKEEPER_LOG_LEVEL": "debug"}, 'log_format = "json"')
    assert (settings.port, settings.log_level, settings.log_format) == (1, "debug", "json")


def test_a_bad_value_that_is_outvoted_does_not_count() -> None:
    assert settings_of({"port": "1"}, {"SCOPEKEEPER_PORT": "nonsense"}).port == 1


def test_a_file_writes_numbers_booleans_and_lists_in_its_own_way() -> None:
    toml = """
        port = 8080
        public_descriptions = false
        access_token_lifetime = 90
        modules_off = ["callforward", "extensions"]
        trusted_proxies = "10.0.0.0/8, 192.168.1.7"
        fetch_allow = ["app.internal", "127.0.0.1:8080"]
    """
    settings = settings_of(toml=toml)
    assert settings.port == 8080
    assert settings.public_descriptions is False
    assert settings.access_token_lifetime == 90
    assert settings.modules_off == {"callforward", "extensions"}
    assert [str(each) for each in settings.trusted_proxies] == ["10.0.0.0/8", "192.168.1.7/32"]
    assert settings.fetch_allow == {("app.internal", None), ("127.0.0.1", 8080)}


def test_the_environment_may_name_a_file_that_holds_the_value() -> None:
    environ = {"SCOPEKEEPER_MASTER_KEY_FILE": "/run/secrets/key"}
    assert settings_of(environ=environ, contents={"/run/secrets/key": f"{MASTER_KEY}\n"}).master_key == MASTER_KEY


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_may_be_given_by_a_file_of_its_own(name: str) -> None:
    variable = f"{variable_of(name)}_FILE"
    with pytest.raises(SettingsError, match=f"^{variable}: /here/absent cannot be read: No such file or directory$"):
        settings_of(environ={variable: "absent"})


def test_a_value_and_a_file_for_it_at_once_are_refused() -> None:
    environ = {"SCOPEKEEPER_ISSUER": "https://a.example", "SCOPEKEEPER_ISSUER_FILE": "/run/issuer"}
    with pytest.raises(SettingsError, match="SCOPEKEEPER_ISSUER and SCOPEKEEPER_ISSUER_FILE are both set"):
        settings_of(environ=environ)


def test_relative_paths_start_from_where_they_were_written() -> None:
    assert settings_of({"data": "data"}).data == Path("/here/data")
    assert settings_of(environ={"SCOPEKEEPER_DATA": "./data"}).data == Path("/here/data")
    assert settings_of(toml='data = "./data"').data == Path("/etc/scopekeeper/data")
    assert settings_of({"data": "~/keeper"}).data == Path("/home/ada/keeper")
    assert settings_of({"database": "sqlite:///x.db"}).database == SqliteFile(Path("/here/x.db"))
    assert settings_of({"database": "sqlite:////var/x.db"}).database == SqliteFile(Path("/var/x.db"))


def test_the_database_lies_in_the_data_directory_unless_said_otherwise() -> None:
    assert settings_of({"data": "/srv/keeper"}).database == SqliteFile(Path("/srv/keeper/scopekeeper.db"))


def test_each_platform_has_its_own_data_directory() -> None:
    assert settings_of(environ={"XDG_DATA_HOME": "/xdg"}).data == Path("/xdg/scopekeeper")
    assert settings_of(environ={"XDG_DATA_HOME": "xdg"}).data == Path("/home/ada/.local/share/scopekeeper")
    mac = Here(Path("/here"), Path("/Users/ada"), "darwin")
    assert settings_of(here=mac).data == Path("/Users/ada/Library/Application Support/Scopekeeper")


def test_without_a_home_the_data_directory_must_be_given() -> None:
    nowhere = Here(Path("/here"), None, "linux")
    with pytest.raises(SettingsError, match="^--data: must be given"):
        settings_of(here=nowhere)
    assert settings_of({"data": "/srv"}, here=nowhere).data == Path("/srv")
