"""One call as a program: for curl, Python and JavaScript, ready to run with a token in ACCESS_TOKEN.

They need what everybody has who has the language: no package beyond the standard library of Python or of Node.js. So do
the console's quick starts, which get that token.
"""

import json
import shlex
from dataclasses import dataclass
from typing import Any, Final

_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked: all that differs from program to program."""

    method: str
    url: str
    media: str = ""
    """The media type of the body; empty where there is none."""
    body: Any = _NOTHING

    @property
    def bodied(self) -> bool:
        return self.body is not _NOTHING


@dataclass(frozen=True, slots=True)
class Snippet:
    """The call in one language."""

    language: str
    ending: str
    """Of the file that it could be saved in."""
    text: str


def snippets_of(call: Call) -> tuple[Snippet, ...]:
    """The call in every language."""
    return tuple(
        Snippet(language, ending, write(call))
        for language, ending, write in (
            ("curl", "sh", curl),
            ("Python", "py", python),
            ("JavaScript", "mjs", javascript),
        )
    )


def curl(call: Call) -> str:
    """For a POSIX shell. Any answer but a good one is a failure, and is shown."""
    method = "" if call.method == "GET" else f" -X {call.method}"
    lines = [f"curl -sS --fail-with-body{method}", shlex.quote(call.url), '-H "Authorization: Bearer $ACCESS_TOKEN"']
    if call.bodied:
        lines += [f"-H 'Content-Type: {call.media}'", f"--data-raw {shlex.quote(json_of(call.body))}"]
    return " \\\n  ".join(lines)


def python(call: Call) -> str:
    """For Python 3, with the standard library."""
    imports = ["import json"] if call.bodied else []
    body = ["", f"body = {literal(call.body)}"] if call.bodied else []
    asked = [f"    {json.dumps(call.url)},"]
    if call.bodied:
        asked.append("    data=json.dumps(body).encode(),")
    told = ['        "Authorization": f"Bearer {os.environ[\'ACCESS_TOKEN\']}",']
    if call.bodied:
        told.append(f'        "Content-Type": {json.dumps(call.media)},')
    asked += [f"    method={json.dumps(call.method)},", "    headers={", *told, "    },"]
    return "\n".join(
        [
            *imports,
            "import os",
            "from urllib.request import Request, urlopen",
            *body,
            "",
            "request = Request(",
            *asked,
            ")",
            "with urlopen(request, timeout=30) as answer:",
            "    print(answer.status, answer.read().decode())",
        ]
    )


def javascript(call: Call) -> str:
    """For Node.js; in a browser the token comes from elsewhere."""
    asked = [] if call.method == "GET" else [f"  method: {json.dumps(call.method)},"]
    if call.bodied:
        asked += [
            "  headers: {",
            "    authorization: `Bearer ${token}`,",
            f'    "content-type": {json.dumps(call.media)},',
            "  },",
            f"  body: JSON.stringify({_indented(json_of(call.body))}),",
        ]
    else:
        asked.append("  headers: { authorization: `Bearer ${token}` },")
    return "\n".join(
        [
            "const token = process.env.ACCESS_TOKEN; // in a browser: the one that your application was given",
            "",
            f"const answer = await fetch({json.dumps(call.url)}, {{",
            *asked,
            "});",
            "console.log(answer.status, await answer.text());",
            "if (!answer.ok) process.exitCode = 1;",
        ]
    )


def literal(value: Any, indent: str = "") -> str:
    """A JSON value as Python writes it."""
    deeper = indent + "    "
    match value:
        case dict() if value:
            items = [f"{deeper}{_text(name)}: {literal(each, deeper)},\n" for name, each in value.items()]
            return "{\n" + "".join(items) + indent + "}"
        case list() if value:
            return "[\n" + "".join(f"{deeper}{literal(each, deeper)},\n" for each in value) + indent + "]"
        case str():
            return _text(value)
        case _:
            return repr(value)


def json_of(value: Any) -> str:
    """The value as JSON, indented."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _text(text: str) -> str:
    """Text as JSON has it, which Python reads alike as long as nothing beyond ASCII is escaped."""
    return json.dumps(text, ensure_ascii=False)


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
