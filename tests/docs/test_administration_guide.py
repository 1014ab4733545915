"""The guide to administration by the API: typed as it stands there, by a program that holds what the guide gives it."""

import re
from pathlib import Path

from tests.docs.newcomer import Newcomer, commands, page
from tests.live import live


def test_it_works_as_it_is_written(tmp_path: Path) -> None:
    with live(tmp_path) as server:
        newcomer = Newcomer(server)
        typing = iter(commands(page("docs/guides/administer-by-api.md")))

        def type_next() -> str:
            return newcomer.type(next(typing))

        assert '"client_secret": "skpr_cs_' in type_next()
        assert '"scope":"rest:admin rest:callforward"' in type_next()
        made = type_next()
        assert " 201 " in made.splitlines()[0]
        assert '"client_secret":"skpr_cs_' in made
        newcomer.got["MADE_ID"] = _found(r'"client_id":"(\w+)"', made)
        refused = type_next()
        assert " 403 " in refused.splitlines()[0]
        assert "takes rest:extensions" in refused
        read = type_next()
        assert '"client_secret":null' in read
        newcomer.got["ETAG"] = _found(r'(?im)^etag: (".+")', read)
        assert "whoever is awake" in type_next()
        assert " 412 " in type_next().splitlines()[0]
        rotated = type_next()
        assert _found(r'"client_secret":"(skpr_cs_\w+)"', rotated) not in made
        assert type_next().count('"last_four"') == 2
        assert type_next() == '{"matched":0,"revoked":0}'
        assert type_next() == '{"matched":0,"revoked":0}'
        assert '"name":"carol"' in type_next()
        assert '"second_factor":false' in type_next()
        assert " 204 " in type_next().splitlines()[0]
        log = type_next()
        assert [log.count(action) for action in ("application.add", "application.change", "application.rotate")] == [
            1,
            1,
            1,
        ]
        assert f'"actor":"client:{newcomer.got["CLIENT_ID"]}"' in log
        assert "skpr_" not in log
        assert next(typing, None) is None


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, text
    return found[1]
