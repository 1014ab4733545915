"""What a page of the console shows or does, as it is typed at a shell."""

import shlex
from urllib.parse import urlencode


def cli(*words: str, **options: str | None) -> str:
    """Of the command line: `cli("token", "list", app=…)`. An option without a value is left out.

    Values are written behind an equals sign, so that none of them is taken for an option.
    """
    given = [f"--{name}={value}" for name, value in options.items() if value]
    return shlex.join(("scopekeeper", *words, *given))


def curl(issuer: str, path: str, **query: object) -> str:
    """Of the API's module `admin`, with a token in $TOKEN: `curl(issuer, "/tokens", client_id=…)`."""
    asked = urlencode({name: value for name, value in query.items() if value not in (None, "")})
    url = shlex.quote(f"{issuer}/api/rest/admin{path}{'?' if asked else ''}{asked}")
    return f'curl -H "Authorization: Bearer $TOKEN" {url}'
