"""Quick starts: short programs with an application's own values, that get a token and make one call with it.

The secret is never in them: they take it from the environment variable CLIENT_SECRET. A test runs every one of them.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from scopekeeper.console.desk import Desk
from scopekeeper.console.examples import example_of
from scopekeeper.oauth.records import ApplicationType, Client, GrantType
from scopekeeper.scopes import IDENTITY


@dataclass(frozen=True, slots=True)
class Program:
    """One program in one language."""

    language: str
    file: str
    run: str
    """How it is started."""
    text: str


@dataclass(frozen=True, slots=True)
class QuickStart:
    """One way to a token, in four languages."""

    grant: str
    title: str
    text: str
    programs: Sequence[Program]


_WAYS: Final = {
    GrantType.CLIENT_CREDENTIALS: ("For itself", "The application signs in with its own credentials; nobody is asked."),
    GrantType.AUTHORIZATION_CODE: (
        "For a person",
        "A person signs in here and allows it: authorization code with PKCE.",
    ),
    GrantType.DEVICE_CODE: ("On a device", "The device shows a code; a person enters it on a telephone or a desk."),
}

_LANGUAGES: Final = (
    ("curl", "sh", "sh"),
    ("Python", "py", "python3"),
    ("JavaScript", "js", "node"),
    ("PHP", "php", "php"),
)


def _php(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_environment: Final = Environment(
    loader=PackageLoader("scopekeeper.console"),
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,  # noqa: S701 - these are programs; whatever page shows one escapes it
)
# What Python and JavaScript take for a string, too, is what JSON writes.
_environment.filters |= {"js": json.dumps, "php": _php, "py": json.dumps, "sh": shlex.quote}

_TEMPLATES: Final = {
    (grant, ending): _environment.get_template(f"quickstarts/{grant.rpartition(':')[2]}.{ending}.txt")
    for grant in _WAYS
    for _, ending, _ in _LANGUAGES
}
_IN_A_BROWSER: Final = _environment.get_template("quickstarts/authorization_code.browser.txt")


def quickstarts_of(desk: Desk, client: Client) -> Sequence[QuickStart]:
    """One for each way to a token that this application has."""
    return tuple(_quickstart(desk, client, grant) for grant in _WAYS if _can(client, grant))


def _can(client: Client, grant: GrantType) -> bool:
    """Without a redirect URI nobody can be sent back."""
    return grant in client.grant_types and (grant is not GrantType.AUTHORIZATION_CODE or bool(client.redirect_uris))


def _quickstart(desk: Desk, client: Client, grant: GrantType) -> QuickStart:
    facts, (title, text) = _facts(desk, client, grant), _WAYS[grant]
    programs = []
    for language, ending, command in _LANGUAGES:
        file, run = f"{_stem(grant)}.{ending}", f"{command} {_stem(grant)}.{ending}"
        template = _TEMPLATES[grant, ending]
        if ending == "js" and client.type is ApplicationType.SPA:
            template, run = _IN_A_BROWSER, f'<script type="module" src="{file}"></script>'
        elif ending == "js":
            file, run = f"{_stem(grant)}.mjs", f"{command} {_stem(grant)}.mjs"
        programs.append(Program(language, file, run, template.render(facts).rstrip() + "\n"))
    return QuickStart(_stem(grant), title, text, tuple(programs))


def _facts(desk: Desk, client: Client, grant: GrantType) -> Mapping[str, object]:
    alone = grant is GrantType.CLIENT_CREDENTIALS
    # Nobody's identity is told to an application that acts for itself.
    scope = " ".join(each for each in client.scope if not alone or each not in IDENTITY)
    redirect_uri = next(iter(client.redirect_uris), "")
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "code_challenge_method": "S256",
    }
    return {
        "issuer": desk.issuer,
        "authorize_url": desk.issuer + desk.endpoints["authorization_endpoint"],
        "token_url": desk.issuer + desk.endpoints["token_endpoint"],
        "device_url": desk.issuer + desk.endpoints["device_authorization_endpoint"],
        "client_id": client.client_id,
        "confidential": client.confidential,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "authorize_query": urlencode(asked),
        "api": example_of(desk.issuer, desk.docs.operations, desk.docs.schema, client.scope, system=alone),
    }


def _stem(grant: GrantType) -> str:
    return grant.value.rpartition(":")[2]
