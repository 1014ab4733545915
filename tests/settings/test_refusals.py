"""What cannot hold is one clear line that names the setting by the name it was given under."""

from pathlib import Path

import pytest

from scopekeeper.settings import Settings, SettingsError
from scopekeeper.settings.read import File, Here, read

HERE = Here(Path("/here"), Path("/home/ada"), "linux")


def settings_of(flags: dict[str, str | None], environ: dict[str, str], toml: str = "") -> Settings:
    return read(flags, environ, File(Path("scopekeeper.toml"), toml), HERE, lambda path: path.name)


def line_of(flags: dict[str, str | None], environ: dict[str, str], toml: str = "") -> str:
    with pytest.raises(SettingsError) as refused:
        settings_of(flags, environ, toml)
    line = str(refused.value)
    assert "\n" not in line
    return line


def test_the_line_names_the_source() -> None:
    reason = "must be a port, from 1 to 65535, not 'http'"
    assert line_of({"port": "http"}, {}) == f"--port: {reason}"
    assert line_of({}, {"SCOPEKEEPER_PORT": "http"}) == f"SCOPEKEEPER_PORT: {reason}"
    assert line_of({}, {"SCOPEKEEPER_PORT_FILE": "http"}) == f"SCOPEKEEPER_PORT_FILE: {reason}"
    assert line_of({}, {}, 'port = "http"') == f"scopekeeper.toml: port: {reason}"


@pytest.mark.parametrize(
    ("name", "texts"),
    {
        "data": [""],
        "database": ["", "x.db", "mysql://db/x", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:/x"],
        "host": ["", "a b", "a/b", "[127.0.0.1]", "::1::", "http://127.0.0.1", "127.0.0.1:8000", "-a", "é"],
        "port": ["", "0", "65536", "-1", "80.0", "\uff18\uff10", "1e3", "999999999999"],
        "workers": ["", "0", "65", "-1", "four"],
        "trusted_proxies": ["*", "10.0.0.1/8", "10.0.0.0/33", "proxy.example", "10.0.0.1;10.0.0.2"],
        "fetch_allow": [
            "*",
            "http://app.internal",
            "10.0.0.0/8",
            "app.internal/x",
            "a_b",
            "127.1",
            "2130706433",
            "1.2.3.4.5",
            "a:0",
            "a:65536",
            "a:",
            ":80",
            "[::1",
            "[::1]:x",
            "fe80::1%eth0",
            "é",
            "a b",
            "user@a",
        ],
        "access_token_lifetime": ["", "0", "0h", "-1h", "1w", "1.5h", "h", "1h30m", "31d", "99999999999"],
        "code_lifetime": ["", "0", "0s", "601", "11m", "1h", "a minute"],
        "refresh_token_lifetime": ["", "0", "366d", "forever"],
        "refresh_token_idle": ["", "0", "366d", "never"],
        "refresh_grace": ["", "61", "2m", "-1", "off"],
        "failures_a_minute": ["", "0", "-1", "6001", "1.5", "10/m", "\uff11"],
        "failures_burst": ["", "0", "10001", "off"],
        "modules_off": ["Call Forward", "callforward;extensions", "1"],
        "scim_vouches": ["", "maybe", "2"],
        "second_factor": ["", "on", "admins"],
        "password_strength": ["", "-1", "5", "strong"],
        "public_descriptions": ["", "maybe", "2"],
        "log_level": ["", "verbose"],
        "log_format": ["", "xml"],
        "master_key": ["", "short", "x" * 31, "x" * 1_025, "x" * 20 + " " + "x" * 20],
    }.items(),
)
def test_a_bad_value_is_refused(name: str, texts: list[str]) -> None:
    variable = f"SCOPEKEEPER_{name.upper()}"
    for text in texts:
        assert line_of({}, {variable: text}).startswith(f"{variable}: must be "), text


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "auth.example.com",
        "ftp://auth.example.com",
        "https://",
        "https://auth.example.com/",
        "https://auth.example.com/path",
        "https://auth.example.com?",
        "https://auth.example.com#",
        "https://user@auth.example.com",
        "https://auth.example.com:0",
        "https://auth.example.com:65536",
        "https://auth..example.com",
        "https://[::1",
        "https://[auth.example.com]",
        "https://auth.example.com\\@evil.example",
        "http://auth.example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "http://[::ffff:10.0.0.1]",
        "http://0.0.0.0:8000",
    ],
)
def test_an_issuer_is_scheme_host_and_port_and_http_is_for_loopback(issuer: str) -> None:
    assert line_of({"issuer": issuer}, {}).startswith("--issuer: must be ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "auth.example.com"])
def test_a_public_bind_without_an_issuer_is_refused(host: str) -> None:
    line = line_of({"host": host}, {})
    assert line.startswith("--issuer: must be given")
    assert host in line


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:s3cret@db:port/it",
        "postgresql://me:s3cret@[::1/it",
        "postgresql://me:s3cret#@db/it",
        "postgresql://me:s3cret@db/it?sslmode",
        "postgresql://me:s3cret@db/it?statement_cache_size=many",
        "postgres:me:s3cret@db/it",
        "mysql://me:s3cret@db/it",
    ],
)
def test_a_database_that_cannot_be_read_is_refused_without_its_password(text: str) -> None:
    line = line_of({"database": text}, {})
    assert line.startswith("--database: ")
    assert "s3cret" not in line


def test_an_unknown_key_of_the_file_is_refused_and_the_nearest_is_named() -> None:
    assert line_of({}, {}, "prot = 1") == "scopekeeper.toml: 'prot' is no setting: did you mean port?"
    assert line_of({}, {}, "[web]\nport = 1") == "scopekeeper.toml: 'web' is no setting"
    assert "'token_lifetime' is no setting" in line_of({}, {}, 'token_lifetime = "1h"')


@pytest.mark.parametrize("value", ["1.5", "2026-01-01", "{a = 1}", "[1]", '["8000"]'])
def test_a_value_of_the_wrong_form_is_refused(value: str) -> None:
    assert line_of({}, {}, f"port = {value}") == "scopekeeper.toml: port: must be a text, a number or true or false"


def test_a_file_that_is_no_toml_is_refused_with_the_place() -> None:
    line = line_of({}, {}, "port = = 1")
    assert line.startswith("scopekeeper.toml is no TOML: ")
    assert "line 1" in line


@pytest.mark.parametrize("text", ["https://a.example\nX: y", "/data\0", "a\x7f"])
def test_a_control_character_is_refused_without_being_shown(text: str) -> None:
    line = line_of({"data": text}, {})
    assert line == "--data: has a line break or another control character in it"


def test_a_bad_master_key_is_not_shown() -> None:
    for secret in ("not-a-key", "not\0a\nkey"):
        assert secret not in line_of({}, {"SCOPEKEEPER_MASTER_KEY": secret})
