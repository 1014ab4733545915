"""The page of all settings."""

from typing import Final

from docs.pages.markdown import table
from scopekeeper.settings import SETTINGS, Setting, variable_of


def settings() -> str:
    """Every setting: its names, its default, its meaning."""
    return _SETTINGS + table(
        ("environment", "flag", "in the file", "default", "meaning"),
        (_row(name, setting) for name, setting in SETTINGS.items()),
    )


def _row(name: str, setting: Setting) -> tuple[str, ...]:
    flag = f"`{setting.flag}`" if setting.flag else ""
    default = setting.otherwise or f"`{setting.default}`"
    return f"`{variable_of(name)}`", flag, f"`{name}`", default, setting.meaning


_SETTINGS: Final = """\
# Settings

A setting comes from a flag, else from the environment, else from a file, else it has its default. The file is the one
that `--config FILE` names, else `scopekeeper.toml` in the working directory; it is TOML, with one key a setting:

```toml
data = "./data"
issuer = "https://auth.example.com"
access_token_lifetime = "30m"
modules_off = ["callforward"]
```

- **A value from a file of its own.** `SCOPEKEEPER_X_FILE` names a file that holds what `SCOPEKEEPER_X` would say, for
  secrets that are mounted as files. White space around it does not count. To set both is refused.
- **Durations** are a number and a unit: `90` or `90s`, `15m`, `1h`, `30d`.
- **Switches** are `true` or `false`; `on` and `off`, `yes` and `no`, `1` and `0` mean the same.
- **Lists** are separated by commas; in the file they may be TOML arrays.
- **Paths** that are relative start from the working directory, or from the folder of the file that they are written in.
- **Mistakes.** An unknown flag, an unknown key in the file and a bad value are one line on standard error, and exit
  code 2. An unknown `SCOPEKEEPER_…` variable is a warning. The variables that Kubernetes sets for a service named
  `scopekeeper` are ignored.

The platform's data directory is `$XDG_DATA_HOME/scopekeeper` on Linux, by default `~/.local/share/scopekeeper`, and
`~/Library/Application Support/Scopekeeper` on macOS.

"""
